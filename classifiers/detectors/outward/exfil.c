/*
 * exfiltration -- more leaves a workload than it has reason to send.
 *
 * Idea: what a workload sends to one destination has a usual size, and a
 * direction: some produce, most consume.  A copy of a database on its way out
 * is larger than anything before, and turns the direction round.
 *
 * Formula: per workload and destination outside (by the name that it is known
 * by, for one service has many addresses), octets of IP that leave within an
 * hour and within a day, both sliding:
 *   volume   out >= the bound of its verdict, out >= 4 x in, and out >= `times`
 *            x the most in an hour of any day before (the learned normal)
 *   turned   the producer/consumer ratio (out - in) / (out + in) is 0.3 or
 *            more, with out >= `unknown_octets`, where it was -0.3 or less in
 *            the mean of three hours or more with a megabyte of traffic each
 *   peers    of replicas that sent at least something, four or more, this one
 *            sent `peer_times` what the second most sent, with out >= the bound
 *            of its verdict
 * Bounds per hour, four times as much per day: `deviating_octets` where a model
 * forbids it, `unknown_octets` where no model says anything, `allowed_octets`
 * where a model allows it, or where no model says anything and the workload or
 * its image is called a backup; and what is allowed needs a learned normal to
 * exceed. What strangers fetch from a server inside counts where a model
 * forbids it, but for answers of DNS by UDP, whose receiver may not have asked
 * (dns-load).  Where no model says anything and nothing was learned, three
 * replicas that sent at least half as much there are the application's own
 * doing: whoever breaks in takes what there is from one.
 *
 * Left out, unless a model forbids it: the media of a call (RTP, RTCP and STUN
 * by UDP, up to a megabyte a second, which is more than a picture of 1080 lines
 * takes); and what a workload sends from port 20 to who controls it on port 21,
 * for in FTP's active mode (RFC 959, 3.2) the server opens the connections that
 * its client asked for.  What is allowed to a backup may exceed its normal
 * `full_times` as much: after six small ones a week comes a full one.
 *
 * Learning: a day's largest hour joins the normal when the day is over, and
 * raises it to twice what it was at most: so poisoning it takes a day for each
 * doubling.  The normal loses half of itself in a week without traffic.
 *
 * Thresholds: 4 MB: a log shipper or a release check sends less in an hour to
 * where it is not expected.  8 MB: twice that, for nobody said that it is
 * wrong; RITA raises a score at 25 MB to a known bad host.  Ordinary programs
 * upload that much too (pictures, reports, crash dumps), and nobody knows
 * before a day is over: so below 25 MB to where no model says anything the
 * first day's confidence is 50 %, above it 60 %; 65 % once there is a normal;
 * 85 % where a model forbids it.  4 x: acknowledgements of TCP are 2 to 5 % of
 * what they answer.  The ratio is Argus' (Bullard and Gerth, "PCR: a new flow
 * metric", FloCon 2014).  An allowed backup of 60 MB has a verdict, and is
 * silent on its first night.
 *
 * ATT&CK: T1048 (over another protocol), T1567 (to a web service).
 *
 * Still gets through: what three replicas send alike on their first day; what
 * stays below the bound each day (16 MB where it is forbidden; that is a
 * deviation of its own); a copy that goes where a model allows it and more was
 * sent before; a normal that was raised with patience.
 * A copy that travels as the media of a call, and as slowly.
 * Destinations without a name are told apart by address: what is spread over
 * many is seen in the sum over all of them, against the same bounds; so is what
 * goes to one of so many that pairs are forgotten.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/destination.h"
#include "classifiers/detectors/detectors_table.h"

#define SIGNATURE_VOLUME 2065
#define SIGNATURE_TURNED 2066
#define SIGNATURE_PEERS  2067

#define HOUR_HALF  (1800 * NS_PER_SECOND)
#define DAY_HALF   (43200 * NS_PER_SECOND)
#define DAY        (86400 * NS_PER_SECOND)
#define DAY_FACTOR 4
#define PEERS      16

/* Replicas that send alike until it is what the application does. */
#define ALIKE 3

/* RITA's; see above. */
#define MUCH 25e6

/* Hours of traffic until a ratio is one, and what an hour must have. */
#define RATIO_HOURS  3
#define RATIO_OCTETS 1000000
#define RATIO_TURN   300 /* thousandths */

enum setting { DEVIATING, UNKNOWN, ALLOWED, TIMES, PEER_TIMES, FULL_TIMES };

static const struct detector_setting settings[] = {
    {"deviating_octets", "octets", 4e6, 1e4, 1e15,
	"an hour, to where a model forbids it", "a judgement"},
    {"unknown_octets", "octets", 8e6, 1e4, 1e15,
	"an hour, to where no model says anything",
	"a judgement; RITA: 25 MB to a known bad host"},
    {"allowed_octets", "octets", 200e6, 1e4, 1e15,
	"an hour, to where a model allows it", "a judgement"},
    {"times", "times", 4, 1.5, 1000, "as much as in the most of all hours",
	"a judgement"},
    {"peer_times", "times", 10, 2, 1000,
	"as much as the replica that sent most of the others", "a judgement"},
    {"full_times", "times", 30, 1.5, 1000,
	"as much as in the most of all hours, of a backup that is allowed",
	"a judgement: daily increments are some hundredths of all"},
};

/* Octets a second of a call's media; see above. */
#define MEDIA_PACE 1000000

/* RFC 959, 8: of the server's end. */
#define FTP_DATA    20
#define FTP_CONTROL 21

/* How long after it was last seen a control connection counts: it is silent
 * while a file is on its way. */
#define FTP_TIME (3600 * NS_PER_SECOND)

struct span {
	int64_t since_ns;
	uint64_t out[2], in[2]; /* now, before */
};

struct known {
	struct span hour, day;
	int64_t learn_since_ns;
	uint64_t today_most, learned_most; /* of an hour */
	uint64_t learned_days;
	int64_t ratio_sum; /* thousandths, of hours that had one */
	uint64_t ratio_hours;
	struct pace volume, turned;
	int64_t controlled_ns; /* by FTP, from there; 0: never */
};

struct replica {
	uint64_t instance, out;
};

struct group {
	int64_t since_ns;
	struct replica at[PEERS];
	struct pace pace;
};

struct state {
	struct desk desk;
	/* Apart from pairs, which one workload can have without end. */
	struct memory *sums, *groups; /* owned */
	/* Groups by destination, of what no model speaks of; owned. */
	struct memory *alike;
};

/* One way of a flow, of a workload that sends. */
struct outflow {
	const struct sighted_end *from, *to;
	uint64_t out, in;
};

static void *
exfil_open(struct detector_host *host)
{
	struct state *state = desk_open_state(
	    sizeof(struct state), host, 16384, 16, sizeof(struct known));

	if (state == NULL)
		return NULL;
	state->sums =
	    memory_new(4096, 1, sizeof(struct known), detector_key(host));
	state->groups =
	    memory_new(2048, 1, sizeof(struct group), detector_key(host));
	state->alike =
	    memory_new(4096, 1, sizeof(struct group), detector_key(host));
	return state;
}

static void
exfil_close(void *opaque)
{
	struct state *state = opaque;

	if (state != NULL) {
		memory_free(state->sums);
		memory_free(state->groups);
		memory_free(state->alike);
	}
	desk_close(state);
}

static struct memory *
exfil_memory(void *opaque, size_t index, const char **name)
{
	struct state *state = opaque;

	if (index == 0)
		return desk_memory(state, index, name);
	*name = index == 1 ? "sums" : index == 2 ? "replicas" : "alike";
	return index == 1   ? state->sums
	       : index == 2 ? state->groups
	       : index == 3 ? state->alike
			    : NULL;
}

/* --- counting ------------------------------------------------------------- */

static bool
is_outside(const struct sighted_end *end, const struct sighting *sighting)
{
	enum attribution attribution = end->party->attribution;

	/* A zone is the operator's own, unless a model objects. */
	return attribution == ATTRIBUTION_EXTERNAL ||
	       (attribution == ATTRIBUTION_ZONE &&
		   sighting->verdict == VERDICT_DEVIATION);
}

/* Whoever asks by UDP may not be who gets the answer: to be told much by a
 * name server is dns-load's matter. */
static bool
is_answer_by_datagram(const struct sighting *sighting)
{
	return sighting->flow->protocol == PROTOCOL_UDP &&
	       sighting->appid.application == APPLICATION_DNS;
}

/* Sound and pictures of a call, where nobody objects to it. */
static bool
is_call(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	enum application application = sighting->appid.application;
	int64_t seconds =
	    instant_since(flow->last, flow->first) / NS_PER_SECOND + 1;

	return flow->protocol == PROTOCOL_UDP &&
	       sighting->verdict != VERDICT_DEVIATION &&
	       (application == APPLICATION_RTP ||
		   application == APPLICATION_RTCP ||
		   application == APPLICATION_STUN) &&
	       flow->octets[flow->client] / MEDIA_PACE < (uint64_t)seconds;
}

/* Which way of the flow leaves the cluster, if any. */
static bool
find_outflow(const struct sighting *sighting, struct outflow *flow)
{
	const struct sighted_amount *amount = &sighting->amount;

	if (!sighting->judged || !flow_was_accepted(sighting->flow) ||
	    is_call(sighting))
		return false;
	if (sighting->client.inside && is_outside(&sighting->server, sighting))
		*flow = (struct outflow){&sighting->client, &sighting->server,
		    amount->octets[0], amount->octets[1]};
	else if (sighting->server.inside &&
		 sighting->verdict == VERDICT_DEVIATION &&
		 !is_answer_by_datagram(sighting) &&
		 is_outside(&sighting->client, sighting))
		*flow = (struct outflow){&sighting->server, &sighting->client,
		    amount->octets[1], amount->octets[0]};
	else
		return false;
	return flow->out + flow->in > 0;
}

static int64_t
ratio_of(uint64_t out, uint64_t in)
{
	int64_t sum = (int64_t)(out + in);

	return sum == 0 ? 0 : ((int64_t)out - (int64_t)in) * 1000 / sum;
}

static void
learn_ratio(struct known *known, uint64_t out, uint64_t in)
{
	if (out + in < RATIO_OCTETS)
		return;
	/* A mean over the last hundred hours or so. */
	if (known->ratio_hours >= 100) {
		known->ratio_sum -= known->ratio_sum / 100;
		known->ratio_hours--;
	}
	known->ratio_sum += ratio_of(out, in);
	known->ratio_hours++;
}

static int
slide(struct span *span, int64_t now_ns, int64_t half_ns)
{
	int passed = halves_passed(&span->since_ns, now_ns, half_ns);

	if (passed > 0) {
		span->out[1] = passed == 1 ? span->out[0] : 0;
		span->in[1] = passed == 1 ? span->in[0] : 0;
		span->out[0] = span->in[0] = 0;
	}
	return passed;
}

static void
learn_day(struct known *known, int64_t now_ns)
{
	int64_t days;

	if (known->learn_since_ns == 0)
		known->learn_since_ns = now_ns;
	days = (now_ns - known->learn_since_ns) / DAY;
	if (days <= 0)
		return;
	known->learn_since_ns += days * DAY;
	for (int64_t i = 0; i < days && i < 64; i++)
		known->learned_most -= known->learned_most / 10;
	if (known->learned_days > 0 &&
	    known->today_most > 2 * known->learned_most)
		known->today_most = 2 * known->learned_most;
	if (known->today_most > known->learned_most)
		known->learned_most = known->today_most;
	known->learned_days += known->learned_most > 0;
	known->today_most = 0;
}

static struct known *
known_of(struct memory *memory, uint64_t key, const struct outflow *flow,
    int64_t now_ns)
{
	struct known *known = memory_get(memory, MEMORY_INSIDE, key, NULL);
	uint64_t out = known->hour.out[0], in = known->hour.in[0];

	if (slide(&known->hour, now_ns, HOUR_HALF) > 0)
		learn_ratio(known, out, in);
	slide(&known->day, now_ns, DAY_HALF);
	learn_day(known, now_ns);
	known->hour.out[0] += flow->out;
	known->hour.in[0] += flow->in;
	known->day.out[0] += flow->out;
	known->day.in[0] += flow->in;
	if (known->hour.out[0] + known->hour.out[1] > known->today_most)
		known->today_most = known->hour.out[0] + known->hour.out[1];
	return known;
}

/* --- replicas, counted ---------------------------------------------------- */

static struct group *
group_of(struct memory *memory, uint64_t key, const struct outflow *flow,
    int64_t now_ns)
{
	struct group *group = memory_get(memory, MEMORY_INSIDE, key, NULL);
	struct replica *least = &group->at[0];
	int passed = halves_passed(&group->since_ns, now_ns, 2 * HOUR_HALF);

	for (size_t i = 0; i < PEERS; i++) {
		struct replica *one = &group->at[i];

		if (passed > 0)
			one->out = 0;
		if (one->instance == flow->from->instance) {
			one->out += flow->out;
			return group;
		}
		if (one->out < least->out)
			least = one;
	}
	*least = (struct replica){flow->from->instance, flow->out};
	return group;
}

/*
 * Whether nobody knows what the workload should send, and its replicas sent as
 * much as this one.
 *
 * key        of the workload and destination, or of the sum
 */
static bool
are_alike(struct state *state, uint64_t key, const struct outflow *flow,
    const struct sighting *sighting)
{
	uint64_t own = 0, instance = flow->from->instance;
	const struct group *group;
	size_t count = 0;

	if (sighting->verdict == VERDICT_ALLOWED ||
	    sighting->verdict == VERDICT_DEVIATION)
		return false;
	group = group_of(state->alike, key, flow, sighting->at.ns);

	for (size_t i = 0; i < PEERS; i++) {
		if (group->at[i].instance == instance)
			own = group->at[i].out;
	}
	for (size_t i = 0; i < PEERS; i++)
		count += group->at[i].out > 0 && group->at[i].out >= own / 2;
	return count >= ALIKE;
}

/* --- judging -------------------------------------------------------------- */

/*
 * Whether it is somebody's job to send much: a workload cannot name itself.
 * Programs by their projects' names.
 */
static bool
is_backup(const struct sighted_end *end)
{
	static const char *const names[] = {"backup", "restic", "velero",
	    "wal-g", "wal-e", "barman", "rclone", "borg", "kopia", "duplicity",
	    "archiv", NULL};
	const struct workload *workload = end->party->workload;

	if (workload == NULL)
		return false;
	for (size_t i = 0; names[i] != NULL; i++) {
		if (strstr(workload->application, names[i]) != NULL)
			return true;
		for (size_t c = 0; c < workload->container_count; c++) {
			const struct image *image =
			    &workload->containers[c].image;

			if (strstr(image->base, names[i]) != NULL)
				return true;
		}
	}
	return false;
}

static double
bound_of(struct detector_host *host, const struct sighting *sighting)
{
	if (sighting->verdict != VERDICT_DEVIATION &&
	    is_backup(&sighting->client))
		return detector_setting(host, ALLOWED, sighting);
	switch (sighting->verdict) {
	case VERDICT_ALLOWED:
		return detector_setting(host, ALLOWED, sighting);
	case VERDICT_DEVIATION:
		return detector_setting(host, DEVIATING, sighting);
	case VERDICT_UNMODELLED:
	case VERDICT_UNKNOWN:
		break;
	}
	return detector_setting(host, UNKNOWN, sighting);
}

static double
times_of(struct detector_host *host, const struct sighting *sighting)
{
	bool backup = sighting->verdict == VERDICT_ALLOWED &&
		      is_backup(&sighting->client);

	return detector_setting(host, backup ? FULL_TIMES : TIMES, sighting);
}

/* Octets are told of after they were sent. */
static struct seen
seen_of_outflow(struct pace *pace, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	struct seen seen = seen_of_flow(sighting);

	if (pace->first_packet == sighting->packet) {
		pace->first_packet = flow->first_packet;
		pace->first_ns = seen.first_ns;
	}
	return (struct seen){pace->first_ns, seen.last_ns,
	    {pace->first_packet, flow->first_packet}};
}

static void
put_span(struct desk *desk, const struct known *known, bool daily,
    struct pace *pace, const struct sighting *sighting)
{
	const struct span *span = daily ? &known->day : &known->hour;

	json_put_int(&desk->json, "window_s", daily ? 86400 : 3600);
	json_put_int(
	    &desk->json, "octets_out", (int64_t)(span->out[0] + span->out[1]));
	json_put_int(
	    &desk->json, "octets_in", (int64_t)(span->in[0] + span->in[1]));
	json_put_int(
	    &desk->json, "most_an_hour_before", (int64_t)known->learned_most);
	json_put_int(&desk->json, "days_learned", (int64_t)known->learned_days);
	json_put_string(
	    &desk->json, "verdict", verdict_kind_name(sighting->verdict));
	seen_put(&desk->json, seen_of_outflow(pace, sighting));
}

static bool
is_over(const struct known *known, const struct span *span, double bound,
    double times)
{
	double out = (double)(span->out[0] + span->out[1]);
	double in = (double)(span->in[0] + span->in[1]);

	return out >= bound && out >= 4 * in &&
	       out >= times * (double)known->learned_most;
}

static uint8_t
volume_confidence(const struct known *known, const struct span *span,
    const struct sighting *sighting)
{
	uint8_t more = known->learned_days > 2 ? 10 : 0;

	if (sighting->verdict == VERDICT_DEVIATION)
		return (uint8_t)(85 + more);
	if (known->learned_days > 0)
		return (uint8_t)(65 + more);
	return (double)(span->out[0] + span->out[1]) < MUCH ? 50 : 60;
}

/*
 * Whether it is too much.
 *
 * all        of all destinations together
 * alike      other replicas sent as much
 */
static bool
judge_volume(struct state *state, struct known *known,
    const struct outflow *flow, const struct sighting *sighting, bool all,
    bool alike)
{
	struct desk *desk = &state->desk;
	bool named = !all && destination_is_named(flow->to);
	struct anomaly anomaly = {.signature = SIGNATURE_VOLUME,
	    .subject = flow->from,
	    .object = all || named ? NULL : flow->to,
	    .about = named ? destination_name(flow->to) : NULL,
	    .silent_if = "a model that allows it, or as much on earlier days"};
	double bound = bound_of(desk->host, sighting);
	double times = times_of(desk->host, sighting);
	bool daily = !is_over(known, &known->hour, bound, times);
	const struct span *span = daily ? &known->day : &known->hour;

	if (daily && !is_over(known, &known->day, bound * DAY_FACTOR, times))
		return false;
	if (known->learned_days == 0 &&
	    (sighting->verdict == VERDICT_ALLOWED || alike))
		return false;
	anomaly.count = pace_count(&known->volume, sighting);
	if (anomaly.count == 0)
		return true;
	anomaly.confidence = volume_confidence(known, span, sighting);
	desk_begin(desk);
	text_format(&desk->sentence, "%s sent %.1f MB to %s within %s, %s",
	    flow->from->name, (double)(span->out[0] + span->out[1]) / 1e6,
	    all ? "several destinations outside" : destination_name(flow->to),
	    daily ? "a day" : "an hour",
	    known->learned_days > 0 ? "more than ever before"
				    : "where nothing is expected");
	put_span(desk, known, daily, &known->volume, sighting);
	desk_raise(desk, anomaly, sighting);
	return true;
}

static void
judge_turned(struct state *state, struct known *known,
    const struct outflow *flow, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	bool named = destination_is_named(flow->to);
	struct anomaly anomaly = {.signature = SIGNATURE_TURNED,
	    .subject = flow->from,
	    .object = named ? NULL : flow->to,
	    .about = named ? destination_name(flow->to) : NULL,
	    .confidence = 70,
	    .silent_if = "a destination that was sent to before, or less"};
	uint64_t out = known->hour.out[0] + known->hour.out[1];
	uint64_t in = known->hour.in[0] + known->hour.in[1];
	int64_t mean;

	if (known->ratio_hours < RATIO_HOURS ||
	    (double)out < detector_setting(desk->host, UNKNOWN, sighting))
		return;
	mean = known->ratio_sum / (int64_t)known->ratio_hours;
	if (mean > -RATIO_TURN || ratio_of(out, in) < RATIO_TURN)
		return;
	anomaly.count = pace_count(&known->turned, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s, which fetched from %s, sends there now: %.1f MB within an "
	    "hour",
	    flow->from->name, destination_name(flow->to), (double)out / 1e6);
	json_put_int(&desk->json, "ratio_before_permille", mean);
	json_put_int(&desk->json, "ratio_permille", ratio_of(out, in));
	put_span(desk, known, false, &known->turned, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- replicas, judged ----------------------------------------------------- */

static void
judge_peers(struct state *state, const struct outflow *flow,
    const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	struct group *group =
	    group_of(state->groups, flow->from->key, flow, sighting->at.ns);
	struct anomaly anomaly = {.signature = SIGNATURE_PEERS,
	    .subject = flow->from,
	    .about = "one of its replicas",
	    .confidence = 65,
	    .silent_if = "replicas that send as much as this one"};
	uint64_t own = 0, next = 0;
	size_t count = 0;

	for (size_t i = 0; i < PEERS; i++) {
		const struct replica *one = &group->at[i];

		count += one->out > 0;
		if (one->instance == flow->from->instance)
			own = one->out;
		else if (one->out > next)
			next = one->out;
	}
	if (count < 4 || (double)own < bound_of(desk->host, sighting) ||
	    (double)own < (double)next * detector_setting(
					     desk->host, PEER_TIMES, sighting))
		return;
	anomaly.count = pace_count(&group->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "one replica of %s sent %.1f MB within an hour, %llu times as much "
	    "as any other",
	    flow->from->name, (double)own / 1e6,
	    (unsigned long long)(own / (next + !next)));
	json_put_int(&desk->json, "octets_out", (int64_t)own);
	json_put_int(&desk->json, "next_octets_out", (int64_t)next);
	json_put_int(&desk->json, "replicas", (int64_t)count);
	if (flow->from->party->workload != NULL)
		json_put_string(
		    &desk->json, "replica", flow->from->party->workload->name);
	seen_put(&desk->json, seen_of_flow(sighting));
	desk_raise(desk, anomaly, sighting);
}

/* --- what a client of FTP asked for --------------------------------------- */

static void
note_control(struct state *state, const struct sighting *sighting)
{
	struct known *known;

	if (!sighting->server.inside || sighting->port != FTP_CONTROL ||
	    sighting->flow->protocol != PROTOCOL_TCP ||
	    !flow_was_accepted(sighting->flow))
		return;
	known = memory_get(state->desk.memory, MEMORY_INSIDE,
	    memory_key(
		sighting->server.key, destination_key(&sighting->client)),
	    NULL);
	known->controlled_ns = sighting->at.ns;
}

/*
 * Whether it is a file that the other end asked for.
 *
 * key        of the workload and destination
 */
static bool
is_asked_by_ftp(
    struct state *state, uint64_t key, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct known *known;

	if (flow->protocol != PROTOCOL_TCP ||
	    flow->ends[flow->client].port != FTP_DATA ||
	    sighting->verdict == VERDICT_DEVIATION)
		return false;
	known = memory_find(state->desk.memory, MEMORY_INSIDE, key);
	return known != NULL && known->controlled_ns != 0 &&
	       sighting->at.ns - known->controlled_ns < FTP_TIME;
}

static void
exfil_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;
	struct outflow flow;
	struct known *known, *one;
	uint64_t key;
	bool found, alike;

	if (detector_is_off(state->desk.host, sighting))
		return;
	note_control(state, sighting);
	if (sighting->kind == SIGHTED_READY || !find_outflow(sighting, &flow))
		return;
	key = memory_key(flow.from->key, destination_key(flow.to));
	if (is_asked_by_ftp(state, key, sighting))
		return;
	alike = are_alike(state, key, &flow, sighting);
	one = known_of(state->desk.memory, key, &flow, sighting->at.ns);
	found = judge_volume(state, one, &flow, sighting, false, alike);
	if (!found)
		judge_turned(state, one, &flow, sighting);
	/* What is said of one destination is not said of their sum; and the
	 * verdicts of a sum differ, so each has its own. */
	key = memory_key(flow.from->key, sighting->verdict);
	alike = are_alike(state, key, &flow, sighting);
	known = known_of(state->sums, key, &flow, sighting->at.ns);
	if (found) {
		known->hour.out[0] = known->day.out[0] = 0;
		/* But tomorrow it is not more than ever before. */
		if (one->today_most > known->today_most)
			known->today_most = one->today_most;
	} else {
		judge_volume(state, known, &flow, sighting, true, alike);
		judge_peers(state, &flow, sighting);
	}
}

const struct detector detector_exfil = {
    .name = "exfiltration",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_CROSSING | FLOWS_JUDGED | FLOWS_ACCEPTED,
    .kinds = 1 << SIGHTED_READY | 1 << SIGHTED_PROGRESS | 1 << SIGHTED_END,
    .revision = 1,
    .open = exfil_open,
    .close = exfil_close,
    .see = exfil_see,
    .memory = exfil_memory,
};
