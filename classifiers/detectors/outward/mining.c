/*
 * mining -- a workload that computes cryptocurrency for somebody.
 *
 * Idea: a miner gets its work from a pool in a JSON dialect of few words
 * (Stratum and its kin), or over TLS from a server whose name is the pool's.
 *
 * Formula: the first words of a flow, or the body of an HTTP request, are JSON
 * with a method of a mining protocol: `mining.*` (Bitcoin's Stratum and
 * EthereumStratum), `eth_submitLogin`, `eth_getWork`, `eth_submitWork` and
 * `eth_submitHashrate` (Ethereum's proxies), or `login` with `login`, `pass`
 * and an `agent`, `algo` or `rigid` (CryptoNote, which Monero's miners speak);
 * or nDPI knows the protocol; or the server that is asked for, or the name that
 * its address was answered for, is that of a known pool.
 *
 * Thresholds: one flow; nothing else speaks so.
 *
 * ATT&CK: T1496 (resource hijacking).
 *
 * Still gets through: a proxy of the attacker's that speaks TLS under a name of
 * its own; Stratum V2 (encrypted).  A name alone is a weaker sign: whoever
 * reads a pool's web page asks for it too.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/outside.h"

#define SIGNATURE_MINING 2080
#define SIGNATURE_POOL   2081

/* Names of pools, as they publish them in their instructions for miners, with
 * their lengths: every flow to the outside is looked up. */
static const struct {
	const char *name;
	size_t size;
} pools[] = {
#define POOL(name)                                                             \
	{                                                                      \
		name, sizeof(name) - 1                                         \
	}
    POOL("supportxmr.com"),
    POOL("minexmr.com"),
    POOL("moneroocean.stream"),
    POOL("hashvault.pro"),
    POOL("nanopool.org"),
    POOL("2miners.com"),
    POOL("f2pool.com"),
    POOL("herominers.com"),
    POOL("c3pool.com"),
    POOL("c3pool.org"),
    POOL("xmrpool.eu"),
    POOL("unmineable.com"),
    POOL("nicehash.com"),
    POOL("ethermine.org"),
    POOL("antpool.com"),
    POOL("viabtc.com"),
    POOL("poolin.com"),
    POOL("slushpool.com"),
    POOL("braiins.com"),
    POOL("minergate.com"),
    POOL("monerohash.com"),
    POOL("xmr.pt"),
    POOL("dwarfpool.com"),
    POOL("flypool.org"),
    POOL("kryptex.network"),
    POOL("woolypooly.com"),
    POOL("miningpoolhub.com"),
    POOL("prohashing.com"),
    POOL("zpool.ca"),
    POOL("p2pool.io"),
    POOL("skypool.org"),
    POOL("crypto-pool.fr"),
    POOL("gulf.moneroocean.stream"),
#undef POOL
};

/* `xmr.pt` */
#define POOL_SHORTEST 6

static const char *const methods[] = {"mining.subscribe", "mining.authorize",
    "mining.submit", "mining.hello", "mining.configure",
    "mining.extranonce.subscribe", "eth_submitlogin", "eth_getwork",
    "eth_submitwork", "eth_submithashrate", "getjobtemplate", "keepalived",
    NULL};

struct known {
	uint64_t flows;
	struct pace pace;
};

struct mining {
	struct desk desk;
	uint64_t endings; /* of pools: bits by mark_of() */
};

/* Most names are told from all pools by it: the letters before `.com` and such
 * differ more than those behind. */
static uint64_t
mark_of(const char *name, size_t size)
{
	uint32_t last = (uint8_t)name[size - 5];

	return UINT64_C(1) << ((last * 7 + (uint8_t)name[size - 6]) % 64);
}

static void *
mining_open(struct detector_host *host)
{
	struct mining *mining = desk_open_state(
	    sizeof(*mining), host, 1024, 256, sizeof(struct known));

	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		mining->endings |= mark_of(pools[i].name, pools[i].size);
	return mining;
}

/* --- words ---------------------------------------------------------------- */

#define WORDS_MAXIMUM 512

static bool
has(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

/* The method of a mining protocol that a JSON text names, or NULL. */
static const char *
find_method(const uint8_t *octets, size_t size)
{
	char text[WORDS_MAXIMUM + 1];
	size_t length = size < WORDS_MAXIMUM ? size : WORDS_MAXIMUM;

	/* Most requests have no body, and no key of this name. */
	if (memmem(octets, size, "\"method\"", 8) == NULL)
		return NULL;

	for (size_t i = 0; i < length; i++) {
		char c = (char)octets[i];

		text[i] = c == '\0'              ? ' '
			  : c >= 'A' && c <= 'Z' ? (char)(c | 0x20)
						 : c;
	}
	text[length] = '\0';
	if (!has(text, "\"method\"") || !has(text, "{"))
		return NULL;
	for (size_t i = 0; methods[i] != NULL; i++) {
		char quoted[40];
		int count =
		    snprintf(quoted, sizeof(quoted), "\"%s\"", methods[i]);

		if (count > 0 && has(text, quoted))
			return methods[i];
	}
	if (has(text, "\"login\"") && has(text, "\"pass\"") &&
	    (has(text, "\"agent\"") || has(text, "\"algo\"") ||
		has(text, "\"rigid\"")))
		return "login";
	return NULL;
}

/* --- names ---------------------------------------------------------------- */

static bool
is_pool(const struct mining *mining, const char *name)
{
	size_t length = name == NULL ? 0 : strlen(name);

	if (length < POOL_SHORTEST ||
	    (mark_of(name, length) & mining->endings) == 0)
		return false;
	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
		size_t size = pools[i].size;

		if (length >= size && name[length - size] == *pools[i].name &&
		    strcmp(name + length - size, pools[i].name) == 0 &&
		    (length == size || name[length - size - 1] == '.'))
			return true;
	}
	return false;
}

static const char *
pool_of(const struct mining *mining, const struct sighted_end *server)
{
	const struct outside *outside = sighted_outside(server);

	if (outside == NULL)
		return NULL;
	if (is_pool(mining, outside->server_name))
		return outside->server_name;
	for (size_t i = 0; i < outside->name_count; i++) {
		if (is_pool(mining, outside->names[i]))
			return outside->names[i];
	}
	return NULL;
}

/* --- saying it ------------------------------------------------------------ */

/*
 * word       the method, or what nDPI saw; NULL: a pool's name alone
 */
static void
say(struct mining *mining, const struct sighting *sighting, const char *word)
{
	struct desk *desk = &mining->desk;
	const struct sighted_end *client = &sighting->client;
	const char *pool = pool_of(mining, &sighting->server);
	struct anomaly anomaly = {
	    .signature = word != NULL ? SIGNATURE_MINING : SIGNATURE_POOL,
	    .subject = client,
	    .object = &sighting->server,
	    .confidence = word != NULL ? 95 : 70,
	    .names_flow = true,
	    .silent_if = "another protocol and another name"};
	struct known *known = memory_get(desk->memory, desk_class(client),
	    memory_key(client->key, sighting->server.key), NULL);

	known->flows++;
	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    word != NULL ? "%s mines cryptocurrency for %s"
			 : "%s speaks to %s, a pool of cryptocurrency miners",
	    client->name, pool != NULL ? pool : sighting->server.name);
	json_put_string(&desk->json, "method", word);
	json_put_string(&desk->json, "pool", pool);
	json_put_int(&desk->json, "flows", (int64_t)known->flows);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

static void
mining_see(void *state, const struct sighting *sighting)
{
	struct mining *mining = state;
	const struct message *message = &sighting->message;
	const char *method;

	if (detector_is_off(mining->desk.host, sighting))
		return;
	if (sighting->kind == SIGHTED_READY) {
		/* nDPI calls what Ethereum's peers say to find one another,
		 * in UDP, mining as well; work is given out by TCP. */
		if (sighting->appid.application == APPLICATION_STRATUM &&
		    sighting->appid.confidence == APP_DPI &&
		    sighting->flow->protocol == PROTOCOL_TCP)
			say(mining, sighting, "stratum");
		else if (flow_was_accepted(sighting->flow) &&
			 pool_of(mining, &sighting->server) != NULL)
			say(mining, sighting, NULL);
		return;
	}
	/* Work comes and goes in bodies: POST. */
	if (message->kind == MESSAGE_HTTP_REQUEST &&
	    (message->size == 0 || message->octets[0] != 'P'))
		return;
	method = find_method(message->octets, message->size);
	if (method != NULL && message->from_client)
		say(mining, sighting, method);
}

const struct detector detector_mining = {
    .name = "mining",
    .kinds = 1 << SIGHTED_READY | 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_OPENING | 1 << MESSAGE_HTTP_REQUEST,
    .traits = TRAIT_METHOD,
    .revision = 1,
    .open = mining_open,
    .close = desk_close,
    .see = mining_see,
    .memory = desk_memory,
};
