/*
 * larger_ring -- loaded before a program that opens an interface with
 * pcap_open_live(), gives it the ring of PCAP_RING octets that it does not
 * ask for, so that programs are compared with the same one.
 */
#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

pcap_t *
pcap_open_live(const char *interface, int snaplen, int promiscuous,
    int milliseconds, char *message)
{
	const char *ring = getenv("PCAP_RING");
	pcap_t *pcap = pcap_create(interface, message);

	if (pcap == NULL)
		return NULL;
	(void)pcap_set_snaplen(pcap, snaplen);
	(void)pcap_set_promisc(pcap, promiscuous);
	(void)pcap_set_timeout(pcap, milliseconds);
	if (ring != NULL)
		(void)pcap_set_buffer_size(pcap, (int)strtol(ring, NULL, 10));
	if (pcap_activate(pcap) >= 0)
		return pcap;
	(void)snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return NULL;
}
