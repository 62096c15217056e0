/*
 * application -- the project's own list of application protocols.
 *
 * One name per protocol, lower case, the IANA or the common one; the same in
 * models, output and documents.  What other programs call them (nDPI's names
 * change between its versions) is mapped here and goes no further.
 *
 * A carrier is a protocol that others travel inside (tls, http2, dns, ...).  A
 * statement that names a carrier is satisfied by what it carries; a bare
 * carrier seen where one of its passengers is expected proves nothing.
 *
 * `mesh-mtls` is the mutual TLS that a service mesh puts around the connections
 * of its pods (classifiers/mesh.h): any application may be inside.
 */
#ifndef CLASSIFIERS_APPLICATION_H
#define CLASSIFIERS_APPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How a protocol may travel.  CARRIED_BY_*: it is also met inside that carrier.
 * ALWAYS_IN_*: it is nothing but that carrier put to a use, so seeing it is
 * seeing the carrier (HTTP/2 is HTTP, gRPC is HTTP/2).  Protocols that turn to
 * TLS inside themselves and are never met inside it (mysql) have no TLS bit.
 */
enum {
	CARRIED_BY_TLS = 1 << 0,
	CARRIED_BY_DTLS = 1 << 1,
	CARRIED_BY_QUIC = 1 << 2,
	CARRIED_BY_HTTP = 1 << 3,
	CARRIED_BY_HTTP2 = 1 << 4,
	CARRIED_BY_DNS = 1 << 5,

	CARRIED_ALWAYS_SHIFT = 8,
	ALWAYS_IN_TLS = CARRIED_BY_TLS << CARRIED_ALWAYS_SHIFT,
	ALWAYS_IN_QUIC = CARRIED_BY_QUIC << CARRIED_ALWAYS_SHIFT,
	ALWAYS_IN_HTTP = CARRIED_BY_HTTP << CARRIED_ALWAYS_SHIFT,
	ALWAYS_IN_HTTP2 = CARRIED_BY_HTTP2 << CARRIED_ALWAYS_SHIFT,
	ALWAYS_IN_DNS = CARRIED_BY_DNS << CARRIED_ALWAYS_SHIFT,
};

/*
 * X(identifier, name, how it may travel or 0)
 *
 * The numbers are of this build only: what is stored or sent is the name.
 */
#define APPLICATIONS(X)                                                        \
	X(UNKNOWN, "unknown", 0)                                               \
	X(OTHER, "other", 0)                                                   \
	X(HTTP, "http", CARRIED_BY_TLS | CARRIED_BY_QUIC)                      \
	X(HTTP2, "http2", CARRIED_BY_TLS | ALWAYS_IN_HTTP)                     \
	X(HTTP3, "http3", ALWAYS_IN_HTTP | ALWAYS_IN_QUIC)                     \
	X(GRPC, "grpc", ALWAYS_IN_HTTP2)                                       \
	X(WEBSOCKET, "websocket", ALWAYS_IN_HTTP)                              \
	X(TLS, "tls", 0)                                                       \
	X(DTLS, "dtls", 0)                                                     \
	X(QUIC, "quic", 0)                                                     \
	X(MESH, "mesh-mtls", ALWAYS_IN_TLS)                                    \
	X(FASTCGI, "fastcgi", 0)                                               \
	X(AJP, "ajp", 0)                                                       \
	X(PROXY, "proxy-protocol", 0)                                          \
	X(RTMP, "rtmp", CARRIED_BY_TLS)                                        \
	X(DNS, "dns", CARRIED_BY_TLS | CARRIED_BY_QUIC | CARRIED_BY_DTLS)      \
	X(MDNS, "mdns", ALWAYS_IN_DNS)                                         \
	X(LLMNR, "llmnr", ALWAYS_IN_DNS)                                       \
	X(NETBIOS, "netbios", 0)                                               \
	X(DHCP, "dhcp", 0)                                                     \
	X(DHCPV6, "dhcpv6", 0)                                                 \
	X(NTP, "ntp", 0)                                                       \
	X(PTP, "ptp", 0)                                                       \
	X(SSDP, "ssdp", 0)                                                     \
	X(SNMP, "snmp", CARRIED_BY_TLS | CARRIED_BY_DTLS)                      \
	X(SYSLOG, "syslog", CARRIED_BY_TLS | CARRIED_BY_DTLS)                  \
	X(WHOIS, "whois", 0)                                                   \
	X(SSH, "ssh", 0)                                                       \
	X(TELNET, "telnet", CARRIED_BY_TLS)                                    \
	X(RSH, "rsh", 0)                                                       \
	X(RDP, "rdp", CARRIED_BY_TLS)                                          \
	X(VNC, "vnc", CARRIED_BY_TLS)                                          \
	X(XDMCP, "xdmcp", 0)                                                   \
	X(FTP, "ftp", CARRIED_BY_TLS)                                          \
	X(FTP_DATA, "ftp-data", CARRIED_BY_TLS)                                \
	X(TFTP, "tftp", 0)                                                     \
	X(RSYNC, "rsync", CARRIED_BY_TLS)                                      \
	X(GIT, "git", 0)                                                       \
	X(NFS, "nfs", CARRIED_BY_TLS)                                          \
	X(RPC, "rpc", CARRIED_BY_TLS)                                          \
	X(SMB, "smb", CARRIED_BY_QUIC)                                         \
	X(AFP, "afp", 0)                                                       \
	X(ISCSI, "iscsi", 0)                                                   \
	X(CEPH, "ceph", 0)                                                     \
	X(LUSTRE, "lustre", 0)                                                 \
	X(IPP, "ipp", ALWAYS_IN_HTTP)                                          \
	X(DCE_RPC, "dce-rpc", 0)                                               \
	X(CORBA, "corba", CARRIED_BY_TLS)                                      \
	X(JAVA_RMI, "java-rmi", CARRIED_BY_TLS)                                \
	X(SMTP, "smtp", CARRIED_BY_TLS)                                        \
	X(IMAP, "imap", CARRIED_BY_TLS)                                        \
	X(POP3, "pop3", CARRIED_BY_TLS)                                        \
	X(NNTP, "nntp", CARRIED_BY_TLS)                                        \
	X(IRC, "irc", CARRIED_BY_TLS)                                          \
	X(XMPP, "xmpp", CARRIED_BY_TLS)                                        \
	X(LDAP, "ldap", CARRIED_BY_TLS)                                        \
	X(KERBEROS, "kerberos", 0)                                             \
	X(RADIUS, "radius", CARRIED_BY_TLS | CARRIED_BY_DTLS)                  \
	X(DIAMETER, "diameter", CARRIED_BY_TLS | CARRIED_BY_DTLS)              \
	X(TACACS, "tacacs", CARRIED_BY_TLS)                                    \
	X(REDIS, "redis", CARRIED_BY_TLS)                                      \
	X(MEMCACHED, "memcached", CARRIED_BY_TLS)                              \
	X(MYSQL, "mysql", 0)                                                   \
	X(POSTGRESQL, "postgresql", CARRIED_BY_TLS)                            \
	X(MONGODB, "mongodb", CARRIED_BY_TLS)                                  \
	X(CASSANDRA, "cassandra", CARRIED_BY_TLS)                              \
	X(ORACLE, "oracle", CARRIED_BY_TLS)                                    \
	X(TDS, "tds", CARRIED_BY_TLS)                                          \
	X(DB2, "db2", CARRIED_BY_TLS)                                          \
	X(CLICKHOUSE, "clickhouse", CARRIED_BY_TLS)                            \
	X(ELASTICSEARCH, "elasticsearch", CARRIED_BY_TLS | CARRIED_BY_HTTP)    \
	X(COUCHBASE, "couchbase", CARRIED_BY_TLS)                              \
	X(BOLT, "bolt", CARRIED_BY_TLS)                                        \
	X(ZOOKEEPER, "zookeeper", CARRIED_BY_TLS)                              \
	X(KAFKA, "kafka", CARRIED_BY_TLS)                                      \
	X(AMQP, "amqp", CARRIED_BY_TLS)                                        \
	X(MQTT, "mqtt", CARRIED_BY_TLS)                                        \
	X(NATS, "nats", CARRIED_BY_TLS)                                        \
	X(STOMP, "stomp", CARRIED_BY_TLS)                                      \
	X(OPENWIRE, "openwire", CARRIED_BY_TLS)                                \
	X(ZEROMQ, "zeromq", 0)                                                 \
	X(THRIFT, "thrift", CARRIED_BY_TLS)                                    \
	X(RAFT, "raft", 0)                                                     \
	X(GEARMAN, "gearman", CARRIED_BY_TLS)                                  \
	X(COAP, "coap", CARRIED_BY_TLS | CARRIED_BY_DTLS)                      \
	X(DOCKER, "docker", CARRIED_BY_TLS | ALWAYS_IN_HTTP)                   \
	X(SERF, "serf", 0)                                                     \
	X(EPMD, "epmd", 0)                                                     \
	X(SIP, "sip", CARRIED_BY_TLS | CARRIED_BY_DTLS)                        \
	X(RTP, "rtp", CARRIED_BY_DTLS)                                         \
	X(RTCP, "rtcp", CARRIED_BY_DTLS)                                       \
	X(RTSP, "rtsp", CARRIED_BY_TLS)                                        \
	X(STUN, "stun", CARRIED_BY_TLS | CARRIED_BY_DTLS)                      \
	X(H323, "h323", CARRIED_BY_TLS)                                        \
	X(MGCP, "mgcp", 0)                                                     \
	X(IAX, "iax", 0)                                                       \
	X(ICMP, "icmp", 0)                                                     \
	X(ICMPV6, "icmpv6", 0)                                                 \
	X(IGMP, "igmp", 0)                                                     \
	X(GRE, "gre", 0)                                                       \
	X(OSPF, "ospf", 0)                                                     \
	X(VRRP, "vrrp", 0)                                                     \
	X(BGP, "bgp", 0)                                                       \
	X(BFD, "bfd", 0)                                                       \
	X(HSRP, "hsrp", 0)                                                     \
	X(VXLAN, "vxlan", 0)                                                   \
	X(GTP, "gtp", 0)                                                       \
	X(CAPWAP, "capwap", 0)                                                 \
	X(WIREGUARD, "wireguard", 0)                                           \
	X(OPENVPN, "openvpn", CARRIED_BY_TLS)                                  \
	X(IPSEC, "ipsec", 0)                                                   \
	X(PPTP, "pptp", 0)                                                     \
	X(L2TP, "l2tp", 0)                                                     \
	X(TEREDO, "teredo", 0)                                                 \
	X(SOCKS, "socks", CARRIED_BY_TLS)                                      \
	X(TOR, "tor", CARRIED_BY_TLS)                                          \
	X(BITTORRENT, "bittorrent", 0)                                         \
	X(STRATUM, "stratum", CARRIED_BY_TLS)                                  \
	X(NETFLOW, "netflow", 0)                                               \
	X(SFLOW, "sflow", 0)                                                   \
	X(ZABBIX, "zabbix", CARRIED_BY_TLS)                                    \
	X(COLLECTD, "collectd", 0)                                             \
	X(MUNIN, "munin", 0)                                                   \
	X(CHECKMK, "checkmk", CARRIED_BY_TLS)                                  \
	X(STATSD, "statsd", 0)                                                 \
	X(MODBUS, "modbus", CARRIED_BY_TLS)                                    \
	X(DNP3, "dnp3", CARRIED_BY_TLS)                                        \
	X(S7COMM, "s7comm", 0)                                                 \
	X(BACNET, "bacnet", 0)                                                 \
	X(IEC104, "iec104", CARRIED_BY_TLS)                                    \
	X(OPCUA, "opcua", 0)                                                   \
	X(ETHERNET_IP, "ethernet-ip", 0)

enum application {
#define X(identifier, name, carriers) APPLICATION_##identifier,
	APPLICATIONS(X)
#undef X
	    APPLICATION_COUNT
};

/* How an AppID was come by, weakest first. */
enum app_confidence {
	APP_NONE,    /* nothing is known */
	APP_PORT,    /* a port number suggests it: shown, never judged */
	APP_PARTIAL, /* the payload suggests it: shown, never judged */
	APP_DPI,     /* the payload shows it */
};

/* What one flow speaks, as far as its payload shows. */
struct appid {
	enum application application; /* innermost that was recognised */
	enum application carrier;     /* it was seen inside this, or UNKNOWN */
	enum app_confidence confidence;
};

enum app_match {
	APP_MATCH,      /* it is that, or is seen inside that carrier */
	APP_UNKNOWABLE, /* not enough payload, or it may be inside a carrier */
	APP_CONTRADICT, /* the payload shows something else */
};

/* The public name; never NULL. */
const char *application_name(enum application application);

/*
 * The application of a public name, or APPLICATION_UNKNOWN when none has it.
 * `other` is no name that can be asked for.
 */
enum application application_find(const char *name);

/* Every public name that a model may use, NULL-terminated, for suggestions. */
const char *const *application_names(void);

/*
 * The application for one of nDPI's protocol names, of any version of nDPI.
 *
 * returns    APPLICATION_OTHER for a protocol we have no name for, and
 *            APPLICATION_UNKNOWN for nDPI's own "Unknown"
 */
enum application application_from_ndpi(const char *name);

/*
 * What a protocol inside another comes to.  An inner one without a name here
 * (a web service) leaves the word to its carrier; an outer one that carries
 * nothing was only a port's suggestion and is forgotten.  What has no name at
 * all is at most APP_PARTIAL: shown, never judged.
 */
struct appid appid_from_pair(enum application outer, enum application inner,
    enum app_confidence confidence);

/* Whether what was seen is what a statement expects. */
enum app_match appid_match(const struct appid *seen, enum application expected);

/* `dpi`, `partial`, `port` or `none`. */
const char *app_confidence_name(enum app_confidence confidence);

#endif
