/*
 * capture_fanout -- shares one interface's packets among several captures.
 *
 * The kernel asks a small program (classic BPF) which capture a packet is for.
 * Its own hash would part what belongs together: both directions of a flow in a
 * VXLAN tunnel have other outer ports, fragments have none, an ICMP error has
 * another sender.  So the program looks for the innermost pair of addresses,
 * through VLAN tags, VXLAN, Geneve, GRE, ERSPAN and IP in IP, and for an ICMP
 * error at the pair that it quotes; the pair alone, in either order, decides.
 *
 *   The same capture gets     both directions of a flow, its fragments, the
 *                             errors about it, and the same packets seen inside
 *                             and outside a tunnel
 *   Another one may get       the other view of a connection whose address was
 *                             translated; a packet of a tunnel that was itself
 *                             cut into fragments
 *   The first one gets        what is not IP, or in a wrapping not named above
 *                             (MPLS, PPPoE) that stands before any IP header
 *
 * The price is that the traffic of one pair of addresses is never shared.  Only
 * for interfaces with Ethernet or nothing below IP; others are shared by the
 * kernel's hash of the outermost flow.
 */
#ifndef SENSOR_CAPTURE_FANOUT_H
#define SENSOR_CAPTURE_FANOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sock_filter;

/* Instructions of the longest program. */
#define CAPTURE_FANOUT_CODE 1024

/*
 * Writes the program.
 *
 * code       gets it; has room for CAPTURE_FANOUT_CODE
 * link       octets of the link layer's header: 14, or 0 for none
 * members    captures; what it returns is below that
 * returns    instructions written
 */
size_t capture_fanout_program(
    struct sock_filter *code, uint32_t link, uint32_t members);

/*
 * Joins a packet socket to a group of its interface; the first one makes it.
 * In their order members are numbered, and one that leaves is replaced by the
 * last: so whoever takes the place of another joins before that one leaves.
 *
 * link       as above, or UINT32_MAX for another link layer
 * group      0 for the first; gets the group's number and one
 * returns    false with errno
 */
bool capture_fanout_join(
    int socket, uint32_t link, uint32_t members, uint32_t *group);

#endif
