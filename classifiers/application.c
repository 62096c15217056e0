#include "classifiers/application.h"

#include <string.h>
#include <strings.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	uint16_t travels;
} applications[APPLICATION_COUNT] = {
#define X(identifier, name, travels) {name, travels},
    APPLICATIONS(X)
#undef X
};

/* `unknown` and `other` are answers, not things a model could ask for. */
static const char *const names[] = {
#define X(identifier, name, travels)                                           \
	APPLICATION_##identifier <= APPLICATION_OTHER ? "" : name,
    APPLICATIONS(X)
#undef X
	NULL,
};

static const struct {
	enum application application;
	uint16_t bit;
} carriers[] = {
    {APPLICATION_TLS, CARRIED_BY_TLS},
    {APPLICATION_DTLS, CARRIED_BY_DTLS},
    {APPLICATION_QUIC, CARRIED_BY_QUIC},
    {APPLICATION_HTTP, CARRIED_BY_HTTP},
    {APPLICATION_HTTP2, CARRIED_BY_HTTP2},
    {APPLICATION_DNS, CARRIED_BY_DNS},
};

/*
 * nDPI's names, compared without case because IPsec became IPSec and Collectd
 * became collectd.  Names of 4.2 first, then those that newer versions brought.
 * What is left out has no name here and becomes `other`: web services (their
 * carrier speaks for them), games, and DoH_DoT, which is told by addresses and
 * host names, not by what is inside.
 *
 * IMAPS, POPS and SMTPS are TLS on a known port: their passenger is a guess.
 */
static const struct {
	const char *name;
	enum application application;
} aliases[] = {
    {"FTP_CONTROL", APPLICATION_FTP},
    {"FTP_DATA", APPLICATION_FTP_DATA},
    {"POP3", APPLICATION_POP3},
    {"POPS", APPLICATION_TLS},
    {"SMTP", APPLICATION_SMTP},
    {"SMTPS", APPLICATION_TLS},
    {"IMAP", APPLICATION_IMAP},
    {"IMAPS", APPLICATION_TLS},
    {"DNS", APPLICATION_DNS},
    {"IPP", APPLICATION_IPP},
    {"HTTP", APPLICATION_HTTP},
    {"HTTP_Connect", APPLICATION_HTTP},
    {"HTTP_Proxy", APPLICATION_HTTP},
    {"SOAP", APPLICATION_HTTP},
    {"MDNS", APPLICATION_MDNS},
    {"LLMNR", APPLICATION_LLMNR},
    {"NTP", APPLICATION_NTP},
    {"NetBIOS", APPLICATION_NETBIOS},
    {"NFS", APPLICATION_NFS},
    {"SSDP", APPLICATION_SSDP},
    {"BGP", APPLICATION_BGP},
    {"SNMP", APPLICATION_SNMP},
    {"XDMCP", APPLICATION_XDMCP},
    {"SMBv1", APPLICATION_SMB},
    {"SMBv23", APPLICATION_SMB},
    {"Syslog", APPLICATION_SYSLOG},
    {"DHCP", APPLICATION_DHCP},
    {"DHCPV6", APPLICATION_DHCPV6},
    {"PostgreSQL", APPLICATION_POSTGRESQL},
    {"MySQL", APPLICATION_MYSQL},
    {"COAP", APPLICATION_COAP},
    {"DTLS", APPLICATION_DTLS},
    {"TLS", APPLICATION_TLS},
    {"QUIC", APPLICATION_QUIC},
    {"BitTorrent", APPLICATION_BITTORRENT},
    {"Memcached", APPLICATION_MEMCACHED},
    {"Mining", APPLICATION_STRATUM},
    {"Modbus", APPLICATION_MODBUS},
    {"RTSP", APPLICATION_RTSP},
    {"MongoDB", APPLICATION_MONGODB},
    {"IRC", APPLICATION_IRC},
    {"Jabber", APPLICATION_XMPP},
    {"Nats", APPLICATION_NATS},
    {"VRRP", APPLICATION_VRRP},
    {"Telnet", APPLICATION_TELNET},
    {"STUN", APPLICATION_STUN},
    {"IPsec", APPLICATION_IPSEC},
    {"GRE", APPLICATION_GRE},
    {"ICMP", APPLICATION_ICMP},
    {"ICMPV6", APPLICATION_ICMPV6},
    {"IGMP", APPLICATION_IGMP},
    {"OSPF", APPLICATION_OSPF},
    {"RTP", APPLICATION_RTP},
    {"RTCP", APPLICATION_RTCP},
    {"RDP", APPLICATION_RDP},
    {"VNC", APPLICATION_VNC},
    {"SSH", APPLICATION_SSH},
    {"Usenet", APPLICATION_NNTP},
    {"MGCP", APPLICATION_MGCP},
    {"IAX", APPLICATION_IAX},
    {"TFTP", APPLICATION_TFTP},
    {"AFP", APPLICATION_AFP},
    {"SIP", APPLICATION_SIP},
    {"Kerberos", APPLICATION_KERBEROS},
    {"LDAP", APPLICATION_LDAP},
    {"MsSQL-TDS", APPLICATION_TDS},
    {"PPTP", APPLICATION_PPTP},
    {"DCE_RPC", APPLICATION_DCE_RPC},
    {"NetFlow", APPLICATION_NETFLOW},
    {"sFlow", APPLICATION_SFLOW},
    {"CHECKMK", APPLICATION_CHECKMK},
    {"AJP", APPLICATION_AJP},
    {"Radius", APPLICATION_RADIUS},
    {"Diameter", APPLICATION_DIAMETER},
    {"GTP", APPLICATION_GTP},
    {"GTP_U", APPLICATION_GTP},
    {"GTP_C", APPLICATION_GTP},
    {"GTP_PRIME", APPLICATION_GTP},
    {"H323", APPLICATION_H323},
    {"OpenVPN", APPLICATION_OPENVPN},
    {"Tor", APPLICATION_TOR},
    {"RSYNC", APPLICATION_RSYNC},
    {"Oracle", APPLICATION_ORACLE},
    {"Corba", APPLICATION_CORBA},
    {"Whois-DAS", APPLICATION_WHOIS},
    {"Collectd", APPLICATION_COLLECTD},
    {"SOCKS", APPLICATION_SOCKS},
    {"RTMP", APPLICATION_RTMP},
    {"ZeroMQ", APPLICATION_ZEROMQ},
    {"Redis", APPLICATION_REDIS},
    {"AMQP", APPLICATION_AMQP},
    {"WireGuard", APPLICATION_WIREGUARD},
    {"Teredo", APPLICATION_TEREDO},
    {"MQTT", APPLICATION_MQTT},
    {"Git", APPLICATION_GIT},
    {"DRDA", APPLICATION_DB2},
    {"DNP3", APPLICATION_DNP3},
    {"IEC60870", APPLICATION_IEC104},
    {"CAPWAP", APPLICATION_CAPWAP},
    {"Zabbix", APPLICATION_ZABBIX},
    {"s7comm", APPLICATION_S7COMM},
    {"WebSocket", APPLICATION_WEBSOCKET},
    {"Cassandra", APPLICATION_CASSANDRA},
    {"EthernetIP", APPLICATION_ETHERNET_IP},
    /* Since 4.4 */
    {"RSH", APPLICATION_RSH},
    {"Munin", APPLICATION_MUNIN},
    {"Elasticsearch", APPLICATION_ELASTICSEARCH},
    {"FastCGI", APPLICATION_FASTCGI},
    {"FTPS", APPLICATION_FTP},
    {"BACnet", APPLICATION_BACNET},
    {"Thrift", APPLICATION_THRIFT},
    {"SRTP", APPLICATION_RTP},
    {"VXLAN", APPLICATION_VXLAN},
    {"HSRP", APPLICATION_HSRP},
    {"RPC", APPLICATION_RPC},
    /* Since 4.8 */
    {"HTTP2", APPLICATION_HTTP2},
    {"HAProxy", APPLICATION_PROXY},
    {"PTPv2", APPLICATION_PTP},
    {"OPC-UA", APPLICATION_OPCUA},
    {"S7CommPlus", APPLICATION_S7COMM},
    {"DCERPC", APPLICATION_DCE_RPC},
    /* Since 4.10 */
    {"RESP", APPLICATION_REDIS},
    {"MS-RPCH", APPLICATION_DCE_RPC},
    {"MS_RPCH", APPLICATION_DCE_RPC},
    {"Kafka", APPLICATION_KAFKA},
    {"WebDAV", APPLICATION_HTTP},
    {"Ceph", APPLICATION_CEPH},
    {"STOMP", APPLICATION_STOMP},
    {"Raft", APPLICATION_RAFT},
    {"Gearman", APPLICATION_GEARMAN},
    {"BFD", APPLICATION_BFD},
    {"JRMI", APPLICATION_JAVA_RMI},
    {"OpenWire", APPLICATION_OPENWIRE},
    {"Lustre", APPLICATION_LUSTRE},
};

const char *
application_name(enum application application)
{
	if ((unsigned)application >= APPLICATION_COUNT)
		return applications[APPLICATION_UNKNOWN].name;
	return applications[application].name;
}

enum application
application_find(const char *name)
{
	for (unsigned i = APPLICATION_OTHER + 1; i < APPLICATION_COUNT; i++)
		if (strcmp(applications[i].name, name) == 0)
			return (enum application)i;
	return APPLICATION_UNKNOWN;
}

const char *const *
application_names(void)
{
	return &names[APPLICATION_OTHER + 1];
}

enum application
application_from_ndpi(const char *name)
{
	if (strcmp(name, "Unknown") == 0)
		return APPLICATION_UNKNOWN;
	for (size_t i = 0; i < COUNT_OF(aliases); i++)
		if (strcasecmp(aliases[i].name, name) == 0)
			return aliases[i].application;
	return APPLICATION_OTHER;
}

/* The bit by which others say that they travel in it; 0: it carries nothing. */
static unsigned
carrier_bit(enum application application)
{
	for (size_t i = 0; i < COUNT_OF(carriers); i++)
		if (carriers[i].application == application)
			return carriers[i].bit;
	return 0;
}

static unsigned
carriers_of(enum application application, bool always)
{
	unsigned travels = applications[application].travels;
	unsigned certain = travels >> CARRIED_ALWAYS_SHIFT;
	unsigned possible = travels & ((1U << CARRIED_ALWAYS_SHIFT) - 1);

	return always ? certain : certain | possible;
}

/*
 * The carriers of an application and those that carry them, and so on.
 *
 * always     only those that it cannot be without
 */
static unsigned
all_carriers(enum application application, bool always)
{
	unsigned found = carriers_of(application, always);
	unsigned before;

	/* No carrier is its own passenger, so this ends after a few rounds. */
	do {
		before = found;
		for (size_t i = 0; i < COUNT_OF(carriers); i++)
			if ((found & carriers[i].bit) != 0)
				found |= carriers_of(
				    carriers[i].application, always);
	} while (found != before);
	return found;
}

struct appid
appid_from_pair(enum application outer, enum application inner,
    enum app_confidence confidence)
{
	struct appid appid = {.application = inner, .confidence = confidence};

	/* STUN is what such a service uses, and shows it by its payload. */
	if (inner == APPLICATION_UNKNOWN ||
	    (inner == APPLICATION_OTHER &&
		(carrier_bit(outer) != 0 || outer == APPLICATION_STUN)))
		appid.application = outer;
	else if ((all_carriers(inner, false) & carrier_bit(outer)) != 0)
		appid.carrier = outer;
	/* Much of what has no name here is told by thin heuristics. */
	if (appid.application == APPLICATION_OTHER && confidence == APP_DPI)
		appid.confidence = APP_PARTIAL;
	return appid;
}

enum app_match
appid_match(const struct appid *seen, enum application expected)
{
	enum application application = seen->application;
	unsigned seen_in, wanted = carrier_bit(expected);

	if (seen->confidence != APP_DPI || application == APPLICATION_UNKNOWN)
		return APP_UNKNOWABLE;
	if (application == APPLICATION_OTHER && carrier_bit(seen->carrier) != 0)
		application = seen->carrier;
	if (application == expected || seen->carrier == expected)
		return APP_MATCH;
	seen_in = all_carriers(application, true) | carrier_bit(seen->carrier) |
		  all_carriers(seen->carrier, true);
	if ((seen_in & wanted) != 0)
		return APP_MATCH;
	if (application == APPLICATION_MESH)
		return APP_UNKNOWABLE;
	if ((all_carriers(expected, false) & carrier_bit(application)) != 0)
		return APP_UNKNOWABLE;
	return APP_CONTRADICT;
}

const char *
app_confidence_name(enum app_confidence confidence)
{
	switch (confidence) {
	case APP_NONE:
		return "none";
	case APP_PORT:
		return "port";
	case APP_PARTIAL:
		return "partial";
	case APP_DPI:
		return "dpi";
	}
	return "none";
}
