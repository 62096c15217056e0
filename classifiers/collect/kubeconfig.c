#include "classifiers/collect/kubeconfig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/base/yaml_read.h"

/* The names of the clientcmd v1 types, at kubernetes.io/docs/reference. */
static const char *const root_keys[] = {"apiVersion", "kind", "preferences",
    "clusters", "users", "contexts", "current-context", "extensions", NULL};
static const char *const cluster_keys[] = {"server", "tls-server-name",
    "insecure-skip-tls-verify", "certificate-authority",
    "certificate-authority-data", "proxy-url", "disable-compression",
    "extensions", NULL};
static const char *const user_keys[] = {"client-certificate",
    "client-certificate-data", "client-key", "client-key-data", "token",
    "tokenFile", "as", "as-uid", "as-groups", "as-user-extra", "username",
    "password", "auth-provider", "exec", "extensions", NULL};
static const char *const context_keys[] = {
    "cluster", "user", "namespace", "extensions", NULL};

struct document {
	const char *path;
	const struct yaml_node *root;
};

struct reading {
	struct arena *arena;
	struct report *report;
	struct document *documents;
	size_t count;
	bool fine;
};

/* A mapping of the file, with what messages need. */
struct found {
	const char *path;
	const char *name;
	const struct yaml_node *node;
};

static struct place
place_of(const char *path, const struct yaml_node *node)
{
	return (struct place){path, node == NULL ? 0 : node->line,
	    node == NULL ? 0 : node->column};
}

/* A mistake on which nothing can be built. */
#define FAIL(reading, ...)                                                     \
	do {                                                                   \
		(reading)->fine = false;                                       \
		report_error((reading)->report, __VA_ARGS__);                  \
	} while (0)

/* --- texts --------------------------------------------------------------- */

static bool
is_plain_text(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

/* A member's text, or NULL when it is missing or empty, as kubectl has it. */
static const char *
member(struct reading *reading, const struct found *found, const char *key)
{
	const struct yaml_node *value = yaml_get(found->node, key);

	if (value == NULL || (value->kind == YAML_SCALAR && value->plain &&
				 strcmp(value->scalar, "null") == 0))
		return NULL;
	if (value->kind != YAML_SCALAR) {
		FAIL(reading, place_of(found->path, value),
		    "%s is not a text: write it on one line", key);
		return NULL;
	}
	if (value->scalar[0] == '\0')
		return NULL;
	if (!is_plain_text(value->scalar)) {
		FAIL(reading, place_of(found->path, value),
		    "%s has a control character in it", key);
		return NULL;
	}
	return arena_text(reading->arena, value->scalar);
}

static bool
is_true(struct reading *reading, const struct found *found, const char *key)
{
	const char *text = member(reading, found, key);

	if (text == NULL || strcmp(text, "false") == 0)
		return false;
	if (strcmp(text, "true") == 0)
		return true;
	FAIL(reading, place_of(found->path, yaml_get(found->node, key)),
	    "%s is true or false, not %.64s", key, text);
	return false;
}

/* Relative to the file that names it, as kubectl has it. */
static const char *
path_beside(struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path == NULL || path[0] == '/' || slash == NULL)
		return path;
	return arena_format(arena, "%.*s/%s", (int)(slash - file), file, path);
}

/* --- certificates and keys ----------------------------------------------- */

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/*
 * RFC 4648 section 4, with padding; line ends are skipped as Go does.  NULL
 * for anything else.
 */
static char *
decode_base64(struct arena *arena, const char *text, size_t *size)
{
	char *out = arena_take(arena, strlen(text) / 4 * 3 + 4);
	unsigned bits = 0, held = 0, padding = 0, digits = 0;

	*size = 0;
	for (; *text != '\0'; text++) {
		int value = base64_value(*text);

		if (strchr("\r\n\t ", *text) != NULL)
			continue;
		digits++;
		if (*text == '=') {
			padding++;
			continue;
		}
		if (value < 0 || padding > 0)
			return NULL;
		bits = bits << 6 | (unsigned)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[(*size)++] = (char)(bits >> held & 0xff);
		}
	}
	return digits % 4 != 0 || padding > 2 ? NULL : out;
}

static bool
holds_pem(const char *octets, size_t size)
{
	static const char begin[] = "-----BEGIN ";

	return memmem(octets, size, begin, sizeof(begin) - 1) != NULL;
}

/* `key`-data goes before `key`, as kubectl has it. */
static struct http_pem
read_pem(struct reading *reading, const struct found *found, const char *key)
{
	const char *data_key = arena_format(reading->arena, "%s-data", key);
	const char *data = member(reading, found, data_key);
	struct http_pem pem = {0};

	if (data == NULL) {
		pem.file = path_beside(
		    reading->arena, found->path, member(reading, found, key));
		return pem;
	}
	pem.octets = decode_base64(reading->arena, data, &pem.size);
	if (pem.octets != NULL && holds_pem(pem.octets, pem.size))
		return pem;
	FAIL(reading, place_of(found->path, yaml_get(found->node, data_key)),
	    "%s is no %s: write what `base64 -w0 FILE.pem` prints", data_key,
	    pem.octets == NULL ? "base64" : "PEM in base64");
	return (struct http_pem){0};
}

static bool
has_pem(const struct http_pem *pem)
{
	return pem->file != NULL || pem->octets != NULL;
}

/* --- finding entries ----------------------------------------------------- */

/* Only what looks like a slip of the pen is worth a word. */
static void
warn_of_keys(struct reading *reading, const struct found *found,
    const char *const *known)
{
	for (size_t i = 0; i < found->node->count; i++) {
		const struct yaml_node *key =
		    found->node->keys == NULL ? NULL : found->node->keys[i];
		const char *nearest;

		if (key == NULL)
			continue;
		nearest = nearest_word(key->scalar, known);
		if (nearest != NULL && strcmp(nearest, key->scalar) != 0)
			report_warning(reading->report,
			    place_of(found->path, key),
			    "%.64s is not used; did you mean %s?", key->scalar,
			    nearest);
	}
}

/* The list under a key of a file's root; NULL when it is missing or wrong. */
static const struct yaml_node *
list_of(
    struct reading *reading, const struct document *document, const char *key)
{
	const struct yaml_node *list = yaml_get(document->root, key);

	if (list == NULL || list->kind == YAML_SEQUENCE)
		return list;
	/* kubectl itself writes `clusters: null`. */
	if (list->kind != YAML_SCALAR ||
	    (strcmp(list->scalar, "null") != 0 && list->scalar[0] != '\0'))
		FAIL(reading, place_of(document->path, list),
		    "%s is a list of entries with a name each", key);
	return NULL;
}

static const char *
name_of(const struct yaml_node *entry)
{
	const struct yaml_node *name = yaml_get(entry, "name");

	return name == NULL || name->kind != YAML_SCALAR ? "" : name->scalar;
}

/* The names that the lists have, for nearest_word(). */
static const char **
names_in(struct reading *reading, const char *list_key)
{
	const struct yaml_node *list;
	const char **names;
	size_t room = 1, count = 0;

	for (size_t d = 0; d < reading->count; d++) {
		list = list_of(reading, &reading->documents[d], list_key);
		room += list == NULL ? 0 : list->count;
	}
	names = arena_array(reading->arena, room, sizeof(*names));
	for (size_t d = 0; d < reading->count; d++) {
		list = list_of(reading, &reading->documents[d], list_key);
		for (size_t i = 0; list != NULL && i < list->count; i++)
			names[count++] = name_of(list->values[i]);
	}
	return names;
}

/*
 * The mapping under `key` of the first entry of that name.
 *
 * asker      where the name was said, for the message
 */
static bool
find_entry(struct reading *reading, const char *list_key, const char *key,
    const char *name, struct place asker, struct found *found)
{
	const char *nearest;

	for (size_t d = 0; d < reading->count; d++) {
		const struct document *document = &reading->documents[d];
		const struct yaml_node *list =
		    list_of(reading, document, list_key);

		for (size_t i = 0; list != NULL && i < list->count; i++) {
			if (strcmp(name_of(list->values[i]), name) != 0)
				continue;
			*found = (struct found){document->path, name,
			    yaml_get(list->values[i], key)};
			if (found->node != NULL &&
			    found->node->kind == YAML_MAPPING)
				return true;
			FAIL(reading, place_of(document->path, list->values[i]),
			    "%.64s has nothing under `%s:`", name, key);
			return false;
		}
	}
	nearest = nearest_word(name, names_in(reading, list_key));
	FAIL(reading, asker, "no %s is called %.128s%s%.128s", key, name,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

/* --- the parts ----------------------------------------------------------- */

static void
read_server(struct reading *reading, const struct found *found,
    struct kubernetes_access *access)
{
	const char *server = member(reading, found, "server");
	const struct yaml_node *node = yaml_get(found->node, "server");
	size_t length = server == NULL ? 0 : strlen(server);

	if (server == NULL) {
		FAIL(reading, place_of(found->path, found->node),
		    "cluster %.64s has no server: write `server: "
		    "https://HOST:6443`",
		    found->name);
		return;
	}
	if (strncmp(server, "https://", 8) != 0 &&
	    strncmp(server, "http://", 7) != 0) {
		FAIL(reading, place_of(found->path, node),
		    "server %.128s is no URL: write https://HOST:PORT", server);
		return;
	}
	while (length > 0 && server[length - 1] == '/')
		length--;
	access->server = arena_text_n(reading->arena, server, length);
}

static void
read_cluster(struct reading *reading, const struct found *found,
    struct kubernetes_access *access)
{
	warn_of_keys(reading, found, cluster_keys);
	access->cluster = found->name;
	access->server_name = member(reading, found, "tls-server-name");
	access->proxy = member(reading, found, "proxy-url");
	access->insecure = is_true(reading, found, "insecure-skip-tls-verify");
	access->authorities = read_pem(reading, found, "certificate-authority");
	if (access->insecure && has_pem(&access->authorities))
		FAIL(reading, place_of(found->path, found->node),
		    "cluster %.64s has a certificate-authority and "
		    "insecure-skip-tls-verify: remove one",
		    found->name);
	read_server(reading, found, access);
}

/* What other programs can do and this one does not. */
static void
refuse_methods(struct reading *reading, const struct found *found)
{
	static const struct {
		const char *key, *what;
	} refused[] = {
	    {"exec", "runs a program for its token"},
	    {"auth-provider", "asks an identity provider for its token"},
	    {"username", "is let in by a password, which API servers no "
			 "longer take"},
	    {"as", "acts as somebody else"},
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const struct yaml_node *node =
		    yaml_get(found->node, refused[i].key);

		if (node == NULL || (node->kind == YAML_SCALAR &&
					(node->scalar[0] == '\0' ||
					    strcmp(node->scalar, "null") == 0)))
			continue;
		FAIL(reading, place_of(found->path, node),
		    "user %.64s %s (%s), which hedgerow does not do: give it "
		    "an account of its own (deploy/kubernetes/rbac.yaml) and "
		    "a token of `kubectl create token`",
		    found->name, refused[i].what, refused[i].key);
	}
}

static void
read_user(struct reading *reading, const struct found *found,
    struct kubernetes_access *access)
{
	warn_of_keys(reading, found, user_keys);
	refuse_methods(reading, found);
	access->token = member(reading, found, "token");
	access->token_file = path_beside(
	    reading->arena, found->path, member(reading, found, "tokenFile"));
	access->certificate = read_pem(reading, found, "client-certificate");
	access->key = read_pem(reading, found, "client-key");
	if (has_pem(&access->certificate) != has_pem(&access->key))
		FAIL(reading, place_of(found->path, found->node),
		    "user %.64s has a client-%s without a client-%s",
		    found->name, has_pem(&access->key) ? "key" : "certificate",
		    has_pem(&access->key) ? "certificate" : "key");
}

/* As kubectl does, nothing secret is sent where everybody can read it. */
static void
keep_secrets(struct reading *reading, const struct found *user,
    struct kubernetes_access *access)
{
	if (access->server == NULL ||
	    strncmp(access->server, "http://", 7) != 0)
		return;
	if (access->token != NULL || access->token_file != NULL ||
	    has_pem(&access->certificate))
		report_warning(reading->report,
		    place_of(user->path, user->node),
		    "the credentials of user %.64s are not used, for %.128s "
		    "is not encrypted",
		    user->name, access->server);
	access->token = access->token_file = NULL;
	access->certificate = access->key = (struct http_pem){0};
}

static void
read_context(struct reading *reading, const char *name, struct place asker,
    struct kubernetes_access *access)
{
	struct found context, cluster, user;
	const char *cluster_name, *user_name;

	if (!find_entry(reading, "contexts", "context", name, asker, &context))
		return;
	warn_of_keys(reading, &context, context_keys);
	cluster_name = member(reading, &context, "cluster");
	user_name = member(reading, &context, "user");
	if (cluster_name == NULL)
		FAIL(reading, place_of(context.path, context.node),
		    "context %.64s names no cluster", name);
	else if (find_entry(reading, "clusters", "cluster", cluster_name,
		     place_of(context.path, yaml_get(context.node, "cluster")),
		     &cluster))
		read_cluster(reading, &cluster, access);
	/* Without a user one is anonymous, as behind `kubectl proxy`. */
	if (user_name == NULL ||
	    !find_entry(reading, "users", "user", user_name,
		place_of(context.path, yaml_get(context.node, "user")), &user))
		return;
	read_user(reading, &user, access);
	keep_secrets(reading, &user, access);
}

/* --- the door ------------------------------------------------------------ */

static void
read_documents(
    struct reading *reading, const struct kubeconfig_text *texts, size_t count)
{
	struct yaml_node **roots;

	reading->documents =
	    arena_array(reading->arena, count, sizeof(*reading->documents));
	for (size_t i = 0; i < count; i++) {
		size_t errors = report_errors(reading->report);
		size_t found = yaml_read(reading->arena, texts[i].path,
		    texts[i].octets, texts[i].size, reading->report, &roots);

		if (report_errors(reading->report) > errors)
			reading->fine = false;
		if (found == 0)
			continue;
		if (found > 1 || roots[0]->kind != YAML_MAPPING) {
			FAIL(reading, place_of(texts[i].path, roots[found - 1]),
			    "no kubeconfig: expected one mapping with "
			    "clusters, users and contexts");
			continue;
		}
		reading->documents[reading->count++] =
		    (struct document){texts[i].path, roots[0]};
		warn_of_keys(reading,
		    &(struct found){texts[i].path, "", roots[0]}, root_keys);
	}
}

/* The first file that names one says which context is current. */
static const char *
current_context(struct reading *reading, struct place *where)
{
	for (size_t d = 0; d < reading->count; d++) {
		const struct document *document = &reading->documents[d];
		struct found root = {document->path, "", document->root};
		const char *name = member(reading, &root, "current-context");

		if (name == NULL)
			continue;
		*where = place_of(
		    document->path, yaml_get(root.node, "current-context"));
		return name;
	}
	return NULL;
}

bool
kubeconfig_parse(struct arena *arena, const struct kubeconfig_text *texts,
    size_t count, const char *context, struct report *report,
    struct kubernetes_access *access)
{
	struct reading reading = {arena, report, NULL, 0, true};
	struct place where = {.file = count == 0 ? "" : texts[0].path};

	*access = (struct kubernetes_access){.cluster = ""};
	read_documents(&reading, texts, count);
	if (!reading.fine)
		return false;
	if (context == NULL)
		context = current_context(&reading, &where);
	if (context == NULL)
		FAIL(&reading, where,
		    "no current-context: choose one with --context, such as "
		    "%.64s",
		    names_in(&reading, "contexts")[0] == NULL
			? "(the file has none)"
			: names_in(&reading, "contexts")[0]);
	else
		read_context(&reading, context, where, access);
	return reading.fine;
}

/* Says so now, where a person sees it, rather than at each connection. */
static bool
check_pem(const struct http_pem *pem, const char *what, struct report *report)
{
	struct place place = {.file = pem->file};
	char *octets;
	size_t size;
	bool fine;
	int fault;

	if (pem->file == NULL)
		return true;
	fault = file_read(pem->file, KUBECONFIG_MAXIMUM, &octets, &size);
	if (fault < 0) {
		report_error(report, place, "cannot be read (%s); it is the %s",
		    strerror(-fault), what);
		return false;
	}
	fine = holds_pem(octets, size);
	if (!fine)
		report_error(report, place, "is not PEM; it is the %s", what);
	/* It may have been a key. */
	explicit_bzero(octets, size);
	free(octets);
	return fine;
}

static bool
check_token(const struct kubernetes_access *access, struct report *report)
{
	struct text token;
	int fault;

	text_init(&token, KUBECONFIG_TOKEN_MAXIMUM);
	fault = kubernetes_access_token(access, &token);
	text_release(&token);
	if (fault < 0)
		report_error(report, (struct place){.file = access->token_file},
		    "cannot be used as the token (%s)",
		    fault == -EINVAL ? "it holds none" : strerror(-fault));
	return fault == 0;
}

/* Whether the files are there that the access names; all are looked at. */
static bool
check_files(const struct kubernetes_access *access, struct report *report)
{
	bool authorities =
	    check_pem(&access->authorities, "certificate-authority", report);
	bool certificate =
	    check_pem(&access->certificate, "client-certificate", report);
	bool key = check_pem(&access->key, "client-key", report);

	return check_token(access, report) && authorities && certificate && key;
}

bool
kubeconfig_read(struct arena *arena, const char *const *paths, size_t count,
    const char *context, struct report *report,
    struct kubernetes_access *access)
{
	struct kubeconfig_text *texts =
	    arena_array(arena, count, sizeof(*texts));
	bool fine = true;

	for (size_t i = 0; i < count; i++) {
		char *octets = NULL;
		int fault = file_read(
		    paths[i], KUBECONFIG_MAXIMUM, &octets, &texts[i].size);

		texts[i].path = paths[i];
		if (fault == 0) {
			texts[i].octets =
			    arena_text_n(arena, octets, texts[i].size);
			free(octets);
			continue;
		}
		report_error(report, (struct place){.file = paths[i]},
		    "cannot be read (%s)", strerror(-fault));
		fine = false;
	}
	return fine &&
	       kubeconfig_parse(arena, texts, count, context, report, access) &&
	       check_files(access, report);
}

bool
kubeconfig_in_cluster(struct arena *arena, const char *directory,
    const char *host, const char *port, struct report *report,
    struct kubernetes_access *access)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	*access = (struct kubernetes_access){
	    .cluster = "",
	    .server = arena_format(arena, "https://%s%s%s:%s",
		is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port),
	    .authorities = {.file =
				arena_format(arena, "%s/ca.crt", directory)},
	    .token_file = arena_format(arena, "%s/token", directory),
	};
	return check_files(access, report);
}

int
kubernetes_access_token(
    const struct kubernetes_access *access, struct text *token)
{
	const char *start, *end;
	char *octets;
	size_t size;
	int fault;

	text_clear(token);
	if (access->token_file == NULL) {
		if (access->token != NULL)
			text_add(token, access->token);
		return 0;
	}
	fault = file_read(
	    access->token_file, KUBECONFIG_TOKEN_MAXIMUM, &octets, &size);
	if (fault < 0)
		return fault;
	start = octets + strspn(octets, " \t\r\n");
	end = octets + strlen(octets);
	while (end > start && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	text_add_n(token, start, (size_t)(end - start));
	explicit_bzero(octets, size);
	free(octets);
	return token->length == 0 || !is_plain_text(token->at) ? -EINVAL : 0;
}
