/*
 * impostors -- a workload whose image says one thing and whose wire another.
 *
 * Idea: a container of `postgres` serves PostgreSQL on 5432 and asks nobody but
 * other PostgreSQL servers.  When it serves HTTP, listens on a new port or
 * opens SSH to somebody, something runs in it that its image does not hold.
 * And a port by which everybody knows a protocol is a good place to hide
 * another.
 *
 * Formula, of a flow that was accepted, whose payload shows its application and
 * of which it is known who began:
 *   serves    all containers of the server are of known images
 *             (impostor_images.h), and none of those serves this application;
 *             or the server's containers declare the port by a name that stands
 *             for another application; HTTP and SSH when the server spoke it,
 *             and what begins with the client when the client goes on after
 *             an answer (of UDP, when it is answered): for a client alone can
 *             say anything to anybody, as scanners do
 *             Of images that serve the web and may forward anything only what
 *             gets hold of a machine counts (SSH, Telnet, a remote desktop,
 *             IRC, Tor, SOCKS), on a port that is not declared, or is HTTP's
 *   banner    the server names another software than its image: `MariaDB` by
 *             `mysql`, or the other way round; in HTTP's header `Server` the
 *             name of another known one than its image's (nginx, openresty)
 *   starts    all containers of the client are of known images that keep data,
 *             and it opens SSH, a remote desktop, IRC, Tor, a proxy or such to
 *             anybody, or HTTP or TLS to the outside; of images that serve the
 *             web, what gets hold of a machine; no model allows it
 *   port      a workload opens to the outside, where no model allows it, a
 *             known application on the port of another one: SSH on 443
 *   listens   a server accepts on a port that is new for its application:
 *             neither declared by its containers nor probed, nor its images'
 *             own, nor met before, after a learning time of `learning` seconds
 *             since the application was first seen as a server; where all of
 *             its images are known, none serves the web, and it declares
 *             ports, at once; no model allows it
 *
 * Thresholds: one flow.  An hour of learning: every port that is used at all is
 * used within one scrape or probe interval; nothing is said before, and the
 * time cannot be stretched by traffic.
 *
 * ATT&CK: T1036 (masquerading), T1571 (non-standard port), T1205/T1505 for a
 * new listener: T1571 in the catalogue.
 *
 * Still gets through: what an intruder does with the image's own protocol; pods
 * with a container of an unknown image; an image that was renamed (its name is
 * believed); ports that were opened within the learning time.
 */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/impostor/impostor_images.h"

#define SIGNATURE_SERVES  2075
#define SIGNATURE_STARTS  2076
#define SIGNATURE_LISTENS 2077
#define SIGNATURE_PORT    2078

#define PORTS 64

enum setting { LEARNING };

static const struct detector_setting settings[] = {
    {"learning", "s", 3600, 0, 31536000,
	"until a listening port that is new is said", "a judgement"},
};

/* Of a server's application: the ports it was seen to serve. */
struct known {
	int64_t since_ns;
	uint64_t count; /* of ports; beyond PORTS it has too many to tell */
	struct listened {
		uint16_t number;
		uint8_t protocol, alarming;
	} ports[PORTS];
	struct pace pace;
};

static void *
impostor_open(struct detector_host *host)
{
	assert(known_images_are_sorted());
	return desk_open(host, 4096, 256, sizeof(struct known));
}

static const struct workload *
exact(const struct sighted_end *end)
{
	return end->party->attribution == ATTRIBUTION_EXACT
		   ? end->party->workload
		   : NULL;
}

static const char *
image_of(const struct workload *workload)
{
	return workload->container_count > 0
		   ? workload->containers[0].image.base
		   : "";
}

/* One flow of a pair is as good as the next: a pace for each finding. */
static uint64_t
pace_of(struct desk *desk, const struct sighting *sighting, uint32_t signature)
{
	struct known *known = memory_get(desk->memory,
	    desk_class(&sighting->client),
	    memory_key(memory_key(sighting->client.key, sighting->server.key),
		signature << 16 | sighting->port),
	    NULL);

	return pace_count(&known->pace, sighting);
}

static void
put_image(struct desk *desk, const struct workload *workload)
{
	json_put_string(&desk->json, "image",
	    workload->container_count > 0 ? workload->containers[0].image.name
					  : NULL);
}

static void
put_flow(struct desk *desk, const struct sighting *sighting)
{
	json_put_string(&desk->json, "application",
	    application_name(sighting->appid.application));
	json_put_int(&desk->json, "port", sighting->port);
	seen_put_flow(&desk->json, sighting);
}

static bool
is_web(const struct appid *appid)
{
	return appid->application == APPLICATION_HTTP ||
	       appid->application == APPLICATION_HTTP2 ||
	       appid->application == APPLICATION_TLS ||
	       appid->carrier == APPLICATION_TLS;
}

/* Ports by which everybody knows what is spoken (IANA's registry). */
static enum application
port_owner(uint16_t port)
{
	switch (port) {
	case 443:
	case 8443:
	case 853:
	case 993:
	case 995:
		return APPLICATION_TLS;
	case 80:
	case 8080:
		return APPLICATION_HTTP;
	case 53:
		return APPLICATION_DNS;
	case 123:
		return APPLICATION_NTP;
	case 25:
		return APPLICATION_SMTP;
	case 22:
		return APPLICATION_SSH;
	default:
		return APPLICATION_UNKNOWN;
	}
}

/* --- serves --------------------------------------------------------------- */

static bool
serves_it(const struct workload *workload, const struct appid *seen)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct known_image *image =
		    known_image(&workload->containers[i].image);

		for (size_t a = 0; image != NULL && a < KNOWN_SERVES_MAXIMUM &&
				   image->serves[a] != APPLICATION_UNKNOWN;
		     a++) {
			if (appid_match(seen, image->serves[a]) !=
			    APP_CONTRADICT)
				return true;
		}
	}
	return false;
}

/* What its containers say that the port is, or NULL. */
static const char *
declared_name(const struct workload *workload, uint16_t port)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct container *container = &workload->containers[i];

		for (size_t p = 0; p < container->port_count; p++) {
			if (container->ports[p].number == port)
				return container->ports[p].name;
		}
	}
	return NULL;
}

static void
say_serves(struct desk *desk, const struct sighting *sighting,
    const char *software, uint8_t confidence)
{
	const struct workload *server = exact(&sighting->server);
	const char *declared;
	struct anomaly anomaly = {.signature = SIGNATURE_SERVES,
	    .subject = &sighting->server,
	    .about = software,
	    .confidence = confidence,
	    .silent_if = "what its image serves, or a container of an image "
			 "that is not known"};

	anomaly.count = pace_of(desk, sighting, SIGNATURE_SERVES);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	declared = declared_name(server, sighting->port);
	text_format(&desk->sentence,
	    "%s has the image %s, but serves %s on port %u",
	    sighting->server.name, image_of(server), software, sighting->port);
	put_image(desk, server);
	json_put_string(&desk->json, "port_declared_as",
	    declared == NULL || declared[0] == '\0' ? NULL : declared);
	put_flow(desk, sighting);
	desk_raise(desk, anomaly, sighting);
}

static bool
is_wrapping(const struct appid *appid)
{
	return appid->application == APPLICATION_OTHER ||
	       appid->application == APPLICATION_PROXY ||
	       appid->application == APPLICATION_TLS ||
	       appid->application == APPLICATION_MESH ||
	       appid->carrier == APPLICATION_TLS ||
	       appid->carrier == APPLICATION_MESH;
}

static bool
contradicts_name(const struct workload *server, const struct sighting *sighting)
{
	const char *name = declared_name(server, sighting->port);
	enum application said =
	    name == NULL ? APPLICATION_UNKNOWN : known_port_name(name);

	if (said == APPLICATION_UNKNOWN ||
	    appid_match(&sighting->appid, said) != APP_CONTRADICT)
		return false;
	/* HTTP with and without TLS, old and new, is a matter of settings. */
	return !is_web(&sighting->appid);
}

/* By which somebody elsewhere gets hold of a machine. */
static bool
is_hold(enum application application)
{
	static const enum application list[] = {APPLICATION_SSH,
	    APPLICATION_TELNET, APPLICATION_RSH, APPLICATION_RDP,
	    APPLICATION_VNC, APPLICATION_IRC, APPLICATION_TOR,
	    APPLICATION_SOCKS, APPLICATION_BITTORRENT};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i] == application)
			return true;
	}
	return false;
}

/*
 * Whether an image serves what it does not hold.  A server of the web that is
 * told to forwards others' protocols, on ports that are known for them.
 */
static bool
serves_another(const struct workload *server, const struct sighting *sighting)
{
	if (!known_images_only(server) || serves_it(server, &sighting->appid))
		return false;
	return !known_images_web(server) ||
	       (is_hold(sighting->appid.application) &&
		   (declared_name(server, sighting->port) == NULL ||
		       port_owner(sighting->port) == APPLICATION_HTTP));
}

/* Beside many a program stands one that tells how it is; models allow its port
 * (OpenMetrics' exporters have 9100 to 9999 by their list). */
static bool
is_exporter(const struct sighting *sighting)
{
	return sighting->verdict == VERDICT_ALLOWED && sighting->port >= 9100 &&
	       sighting->port <= 9999 &&
	       sighting->appid.application == APPLICATION_HTTP;
}

static void
judge_serves(struct desk *desk, const struct sighting *sighting)
{
	const struct workload *server = exact(&sighting->server);
	bool by_image;

	/* What is inside TLS is not seen, and a proxy may put it there. */
	if (server == NULL || is_wrapping(&sighting->appid) ||
	    is_exporter(sighting))
		return;
	by_image = serves_another(server, sighting);
	if (by_image || contradicts_name(server, sighting))
		say_serves(desk, sighting,
		    application_name(sighting->appid.application),
		    by_image && !known_images_web(server) ? 85 : 75);
}

/* Whether a message says more of who serves than that the flow is ready. */
static bool
waits_for_server(const struct appid *appid)
{
	return is_web(appid) || appid->application == APPLICATION_SSH;
}

/* It began with the server's payload, by the flow's history. */
static bool
server_spoke_first(const struct flow *flow)
{
	size_t count = flow->tcp.letter_count;
	const char *client =
	    memchr(flow->letters, flow->client == 0 ? 'D' : 'd', count);
	const char *server =
	    memchr(flow->letters, flow->client == 0 ? 'd' : 'D', count);

	return server != NULL && (client == NULL || server < client);
}

/* What the client spoke the server has understood, or so it seems: the client
 * asked, was answered and went on. */
static bool
is_understood(const struct sighting *sighting)
{
	return sighting->flow->protocol == PROTOCOL_UDP ||
	       (sighting->flow->protocol == PROTOCOL_TCP &&
		   sighting->amount.turns >= 3);
}

static bool
server_spoke(const struct message *message)
{
	return !message->from_client &&
	       (message->kind == MESSAGE_HTTP_RESPONSE ||
		   message->kind == MESSAGE_BANNER);
}

/* --- banner --------------------------------------------------------------- */

/* Names of software that serves the web, as its header `Server` begins. */
static const char *const servers[] = {"nginx", "openresty", "Apache",
    "lighttpd", "Caddy", "Microsoft-IIS", "SimpleHTTP", "BaseHTTP", "Werkzeug",
    "gunicorn", "uvicorn", "TornadoServer", "WEBrick", "Jetty", "Kestrel",
    "PHP", "Python", "BusyBox", "MiniServ"};

/* Where the header's value begins, or NULL; `*size` is what is left. */
static const char *
server_header(const struct message *message, size_t *size)
{
	static const char header[] = "\r\nServer: ";
	const char *at =
	    memmem(message->octets, message->size, header, sizeof(header) - 1);
	const char *end = memmem(message->octets, message->size, "\r\n\r\n", 4);

	if (at == NULL || (end != NULL && at > end))
		return NULL;
	at += sizeof(header) - 1;
	*size = (size_t)((const char *)message->octets + message->size - at);
	return at;
}

static bool
begins_with(const char *at, size_t size, const char *word)
{
	size_t length = strlen(word);

	return size >= length && strncasecmp(at, word, length) == 0;
}

/* A server that lets no other's name pass has none there but its own; names
 * that nobody knows may be anybody's fancy. */
static void
judge_server_header(struct desk *desk, const struct sighting *sighting)
{
	const struct workload *server = exact(&sighting->server);
	const struct known_image *image;
	const char *said;
	size_t size;

	if (server == NULL || server->container_count != 1)
		return;
	image = known_image(&server->containers[0].image);
	if (image == NULL || image->server == NULL)
		return;
	said = server_header(&sighting->message, &size);
	if (said == NULL || begins_with(said, size, image->server))
		return;
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		if (begins_with(said, size, servers[i])) {
			say_serves(desk, sighting, servers[i], 60);
			return;
		}
	}
}

/* MariaDB says its name in the greeting; MySQL never says that one. */
static void
judge_banner(struct desk *desk, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	const struct workload *server = exact(&sighting->server);
	bool says_mariadb;

	if (server == NULL || message->from_client ||
	    server->container_count != 1 ||
	    sighting->appid.application != APPLICATION_MYSQL)
		return;
	says_mariadb =
	    memmem(message->octets, message->size, "MariaDB", 7) != NULL;
	if (strcmp(server->containers[0].image.base,
		says_mariadb ? "mysql" : "mariadb") == 0)
		say_serves(
		    desk, sighting, says_mariadb ? "MariaDB" : "MySQL", 60);
}

/* --- starts --------------------------------------------------------------- */

/* By which somebody elsewhere gets hold of a machine, or of its data. */
static bool
is_remote_control(enum application application)
{
	static const enum application list[] = {APPLICATION_SSH,
	    APPLICATION_TELNET, APPLICATION_RSH, APPLICATION_RDP,
	    APPLICATION_VNC, APPLICATION_IRC, APPLICATION_TOR,
	    APPLICATION_SOCKS, APPLICATION_BITTORRENT, APPLICATION_SMB,
	    APPLICATION_FTP, APPLICATION_TFTP, APPLICATION_SMTP,
	    APPLICATION_OPENVPN, APPLICATION_WIREGUARD};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i] == application)
			return true;
	}
	return false;
}

static bool
keeps_data_only(const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct known_image *image =
		    known_image(&workload->containers[i].image);

		if (image != NULL && !image->keeps_data)
			return false;
	}
	return known_images_only(workload);
}

/* Whether no program of its image opens that, and how sure that is. */
static uint8_t
is_started_by_another(
    const struct workload *client, const struct sighting *sighting)
{
	enum application application = sighting->appid.application;

	if (known_images_only(client) && known_images_web(client))
		return is_hold(application) ? 70 : 0;
	if (!keeps_data_only(client))
		return 0;
	if (is_remote_control(application))
		return 88;
	return is_web(&sighting->appid) &&
		       sighting->server.party->attribution ==
			   ATTRIBUTION_EXTERNAL
		   ? 65
		   : 0;
}

static void
judge_starts(struct desk *desk, const struct sighting *sighting)
{
	const struct workload *client = exact(&sighting->client);
	struct anomaly anomaly;
	uint8_t confidence;
	uint64_t count;

	if (client == NULL || sighting->verdict == VERDICT_ALLOWED)
		return;
	confidence = is_started_by_another(client, sighting);
	if (confidence == 0)
		return;
	count = pace_of(desk, sighting, SIGNATURE_STARTS);
	if (count == 0)
		return;
	anomaly = (struct anomaly){.signature = SIGNATURE_STARTS,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = confidence,
	    .count = count,
	    .silent_if = "a model that allows it, or a container of an image "
			 "that is not known"};
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s has the image %s, which %s, but opened %s to %s",
	    sighting->client.name, image_of(client),
	    known_images_web(client) ? "serves the web" : "keeps data",
	    application_name(sighting->appid.application),
	    sighting->server.name);
	put_image(desk, client);
	put_flow(desk, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- port ----------------------------------------------------------------- */

static bool
fits_port(const struct sighting *sighting, enum application owner)
{
	const struct appid *seen = &sighting->appid;

	if (appid_match(seen, owner) != APP_CONTRADICT)
		return true;
	/* HTTP/3 on 443, what turns to TLS by itself, plain HTTP on 443 by
	 * mistake, and TLS on the ports of HTTP are everyday. */
	return (owner == APPLICATION_TLS || owner == APPLICATION_HTTP) &&
	       (is_web(seen) || seen->application == APPLICATION_QUIC ||
		   seen->application == APPLICATION_HTTP3 ||
		   seen->application == APPLICATION_GRPC ||
		   seen->application == APPLICATION_WEBSOCKET ||
		   seen->application == APPLICATION_STUN ||
		   seen->application == APPLICATION_IMAP ||
		   seen->application == APPLICATION_POP3);
}

static void
judge_port(struct desk *desk, const struct sighting *sighting)
{
	enum application owner = port_owner(sighting->port);
	struct anomaly anomaly;
	uint64_t count;

	if (owner == APPLICATION_UNKNOWN || !sighting->client.inside ||
	    sighting->server.party->attribution != ATTRIBUTION_EXTERNAL ||
	    sighting->verdict == VERDICT_ALLOWED ||
	    sighting->appid.application == APPLICATION_OTHER ||
	    fits_port(sighting, owner))
		return;
	count = pace_of(desk, sighting, SIGNATURE_PORT);
	if (count == 0)
		return;
	anomaly = (struct anomaly){.signature = SIGNATURE_PORT,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 80,
	    .count = count,
	    .silent_if = "the port's own protocol, or a model that allows it"};
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s speaks %s to %s on port %u, which is %s's",
	    sighting->client.name,
	    application_name(sighting->appid.application),
	    sighting->server.name, sighting->port, application_name(owner));
	put_flow(desk, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- listens -------------------------------------------------------------- */

static bool
is_declared(const struct workload *workload, uint16_t port, bool *declares)
{
	bool found = false;

	for (size_t i = 0; i < workload->probe_count; i++)
		found |= workload->probes[i].port == port;
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct container *container = &workload->containers[i];
		const struct known_image *image =
		    known_image(&container->image);

		*declares |= container->port_count > 0;
		for (size_t p = 0; p < container->port_count; p++)
			found |= container->ports[p].number == port;
		for (size_t p = 0; image != NULL && p < KNOWN_PORTS_MAXIMUM;
		     p++)
			found |= image->ports[p] == port;
	}
	return found;
}

static const struct listened *
find_port(const struct known *known, const struct sighting *sighting)
{
	for (size_t i = 0; i < known->count && i < PORTS; i++)
		if (known->ports[i].number == sighting->port &&
		    known->ports[i].protocol == sighting->flow->protocol)
			return &known->ports[i];
	return NULL;
}

/* Returns whether there was room. */
static bool
learn_port(struct known *known, const struct sighting *sighting, bool alarming)
{
	if (known->count < PORTS) {
		known->ports[known->count].number = sighting->port;
		known->ports[known->count].protocol = sighting->flow->protocol;
		known->ports[known->count].alarming = alarming;
	}
	known->count++;
	return known->count <= PORTS;
}

static void
say_listens(
    struct desk *desk, struct known *known, const struct sighting *sighting)
{
	char about[16];
	struct anomaly anomaly = {.signature = SIGNATURE_LISTENS,
	    .subject = &sighting->server,
	    .about = about,
	    .confidence = 65,
	    .silent_if = "a port that its containers declare, a model that "
			 "allows it, or one seen in the learning time"};

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	snprintf(about, sizeof(about), "%s/%u",
	    sighting->flow->protocol == PROTOCOL_TCP ? "tcp" : "udp",
	    sighting->port);
	text_format(&desk->sentence,
	    "%s accepts connections on %s, where it never listened before",
	    sighting->server.name, about);
	put_flow(desk, sighting);
	json_put_string(&desk->json, "client", sighting->client.name);
	json_put_int(&desk->json, "known_ports", (int64_t)known->count - 1);
	desk_raise(desk, anomaly, sighting);
}

static void
judge_listens(struct desk *desk, const struct sighting *sighting)
{
	const struct workload *server = exact(&sighting->server);
	const struct listened *port;
	struct known *known;
	bool declares = false, declared, learned, alarming;
	double learning;

	if (server == NULL || server->host_network || sighting->port == 0 ||
	    sighting->flow->protocol != PROTOCOL_TCP ||
	    sighting->flow->direction != DIRECTION_HANDSHAKE)
		return;
	known =
	    memory_get(desk->memory, MEMORY_INSIDE, sighting->server.key, NULL);
	if (known->since_ns == 0)
		known->since_ns = sighting->at.ns;
	port = find_port(known, sighting);
	if (port != NULL && !port->alarming)
		return;
	declared = is_declared(server, sighting->port, &declares);
	learning = detector_setting(desk->host, LEARNING, sighting);
	learned = (double)(sighting->at.ns - known->since_ns) >=
		      learning * (double)NS_PER_SECOND &&
		  known->count > 0;
	alarming = !declared && sighting->verdict != VERDICT_ALLOWED &&
		   !(sighting->appid.confidence == APP_DPI &&
		       serves_another(server, sighting)) &&
		   (learned || (declares && known_images_only(server) &&
				   !known_images_web(server)));
	if (port == NULL && !learn_port(known, sighting, alarming))
		return;
	if (alarming)
		say_listens(desk, known, sighting);
}

static void
see_message(struct desk *desk, const struct sighting *sighting)
{
	if (sighting->message.kind == MESSAGE_BANNER)
		judge_banner(desk, sighting);
	else if (!sighting->message.from_client)
		judge_server_header(desk, sighting);
	if (server_spoke(&sighting->message) &&
	    waits_for_server(&sighting->appid) && sighting->direction_known)
		judge_serves(desk, sighting);
}

/* Nothing is said of ends of which nobody knows what they should be, but for
 * what is opened to the outside. */
static bool
is_about_somebody(const struct sighting *sighting)
{
	return exact(&sighting->server) != NULL ||
	       (sighting->kind == SIGHTED_READY &&
		   (exact(&sighting->client) != NULL ||
		       !sighting->server.inside));
}

static void
impostor_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;

	if (!is_about_somebody(sighting) ||
	    detector_is_off(desk->host, sighting))
		return;
	if (sighting->kind == SIGHTED_MESSAGE) {
		see_message(desk, sighting);
		return;
	}

	if (!sighting->judged || !flow_was_accepted(sighting->flow))
		return;
	if (sighting->kind == SIGHTED_READY)
		judge_listens(desk, sighting);
	if (sighting->appid.confidence != APP_DPI || !sighting->direction_known)
		return;
	if (sighting->kind == SIGHTED_READY ? server_spoke_first(sighting->flow)
					    : is_understood(sighting)) {
		if (!waits_for_server(&sighting->appid))
			judge_serves(desk, sighting);
	}
	if (sighting->kind != SIGHTED_READY)
		return;
	judge_starts(desk, sighting);
	judge_port(desk, sighting);
}

const struct detector detector_impostors = {
    .name = "impostors",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_JUDGED | FLOWS_ACCEPTED,
    .kinds = 1 << SIGHTED_READY | 1 << SIGHTED_PROGRESS | 1 << SIGHTED_END |
	     1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_BANNER | 1 << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_FIRST_ANSWER,
    .revision = 1,
    .open = impostor_open,
    .close = desk_close,
    .see = impostor_see,
    .memory = desk_memory,
};
