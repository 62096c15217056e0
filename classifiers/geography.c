#include "classifiers/geography.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "sensor/base/address.h"
#include "sensor/base/arena.h"

/* Which file it is, and which state of it. */
struct file_state {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct database {
	MMDB_s mmdb;
	char *path; /* owned */
	struct file_state file;
	bool countries, networks;
};

struct geography {
	struct database databases[GEOGRAPHY_DATABASES_MAXIMUM];
	size_t count;
};

struct geography *
geography_new(void)
{
	return allocate(1, sizeof(struct geography));
}

void
geography_free(struct geography *geography)
{
	if (geography == NULL)
		return;
	for (size_t i = 0; i < geography->count; i++) {
		MMDB_close(&geography->databases[i].mmdb);
		free(geography->databases[i].path);
	}
	free(geography);
}

/*
 * `GeoLite2-Country`, `DBIP-ASN-Lite`, `ipinfo generic_country_asn_free.mmdb`:
 * the type says what it is about.  One that says nothing we know may be about
 * both.
 */
static void
note_subject(struct database *database)
{
	static const char *const places[] = {
	    "country", "city", "location", "enterprise", "lite.mmdb"};
	static const char *const networks[] = {
	    "asn", "isp", "enterprise", "lite.mmdb"};
	const char *type = database->mmdb.metadata.database_type;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (type != NULL && strcasestr(type, places[i]) != NULL)
			database->countries = true;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (type != NULL && strcasestr(type, networks[i]) != NULL)
			database->networks = true;
	if (!database->countries && !database->networks)
		database->countries = database->networks = true;
}

static bool
look_at(const char *path, struct file_state *out)
{
	struct stat state;

	if (stat(path, &state) != 0)
		return false;
	*out = (struct file_state){
	    state.st_dev, state.st_ino, state.st_size, state.st_mtim};
	return true;
}

/*
 * The library maps the file, and who writes into it in place (`cp new old`)
 * first cuts it: the next look at a page that is gone would be SIGBUS.  So a
 * copy takes the mapping's place, where the library's pointers lead.
 */
static bool
keep_copy(const MMDB_s *mmdb)
{
	size_t size = (size_t)mmdb->file_size;
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *place;

	if (copy == MAP_FAILED)
		return false;
	memcpy(copy, mmdb->file_content, size);
	memcpy(&place, &mmdb->file_content, sizeof(place));
	if (mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place) !=
	    MAP_FAILED)
		return true;
	(void)munmap(copy, size);
	return false;
}

static bool
open_database(struct database *database, const char *path, char *fault)
{
	int status = MMDB_open(path, MMDB_MODE_MMAP, &database->mmdb);

	if (status == MMDB_SUCCESS && !keep_copy(&database->mmdb)) {
		MMDB_close(&database->mmdb);
		status = MMDB_OUT_OF_MEMORY_ERROR;
	}
	if (status != MMDB_SUCCESS) {
		(void)snprintf(fault, GEOGRAPHY_FAULT_SIZE, "%s: %s", path,
		    MMDB_strerror(status));
		return false;
	}
	note_subject(database);
	return true;
}

bool
geography_open(struct geography *geography, const char *path,
    char fault[GEOGRAPHY_FAULT_SIZE])
{
	struct database *database = &geography->databases[geography->count];

	if (geography->count == GEOGRAPHY_DATABASES_MAXIMUM) {
		(void)snprintf(fault, GEOGRAPHY_FAULT_SIZE,
		    "%s: more than %d databases", path,
		    GEOGRAPHY_DATABASES_MAXIMUM);
		return false;
	}
	/* Before it is opened: one that changes meanwhile is opened again. */
	(void)look_at(path, &database->file);
	if (!open_database(database, path, fault))
		return false;
	database->path = strdup(path);
	if (database->path == NULL)
		abort(); /* as allocate() does */
	geography->count++;
	return true;
}

static bool
has_changed(const struct database *database, struct file_state *now)
{
	const struct file_state *before = &database->file;

	return look_at(database->path, now) &&
	       (now->device != before->device || now->inode != before->inode ||
		   now->size != before->size ||
		   now->changed.tv_sec != before->changed.tv_sec ||
		   now->changed.tv_nsec != before->changed.tv_nsec);
}

size_t
geography_refresh(struct geography *geography, char fault[GEOGRAPHY_FAULT_SIZE])
{
	size_t count = 0;

	fault[0] = '\0';
	for (size_t i = 0; geography != NULL && i < geography->count; i++) {
		struct database *database = &geography->databases[i];
		struct database next = {.path = database->path};

		if (!has_changed(database, &next.file))
			continue;
		/* Said once for each state of the file. */
		database->file = next.file;
		if (!open_database(&next, database->path, fault))
			continue;
		MMDB_close(&database->mmdb);
		*database = next;
		count++;
	}
	return count;
}

bool
geography_knows_countries(const struct geography *geography)
{
	for (size_t i = 0; i < geography->count; i++)
		if (geography->databases[i].countries)
			return true;
	return false;
}

bool
geography_knows_networks(const struct geography *geography)
{
	for (size_t i = 0; i < geography->count; i++)
		if (geography->databases[i].networks)
			return true;
	return false;
}

/* --- one entry ------------------------------------------------------------ */

/* Copies a text value; false when it is none, and then `out` is untouched. */
static bool
take_text(MMDB_entry_s *entry, const char *const *path, char *out, size_t size)
{
	MMDB_entry_data_s data;
	size_t length;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING ||
	    data.data_size == 0)
		return false;
	length = data.data_size < size - 1 ? data.data_size : size - 1;
	/* Not within a character of UTF-8. */
	while (length < data.data_size && length > 0 &&
	       ((uint8_t)data.utf8_string[length] & 0xc0) == 0x80)
		length--;
	memcpy(out, data.utf8_string, length);
	out[length] = '\0';
	return true;
}

static bool
is_country(const char *text)
{
	return strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' &&
	       text[1] >= 'A' && text[1] <= 'Z';
}

/* Where an address is used comes before where it is registered. */
static void
take_country(MMDB_entry_s *entry, struct whereabouts *out)
{
	static const char *const paths[][3] = {
	    {"country", "iso_code", NULL},
	    {"country_code", NULL},
	    {"country", NULL},
	    {"registered_country", "iso_code", NULL},
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char text[8];

		if (out->country[0] == '\0' &&
		    take_text(entry, paths[i], text, sizeof(text)) &&
		    is_country(text))
			memcpy(out->country, text, sizeof(out->country));
	}
}

/* `AS64500`, as IPinfo has it; 0 for anything else. */
static uint32_t
read_asn(const char *text)
{
	unsigned long number;
	char *end;

	if (strncmp(text, "AS", 2) != 0 || text[2] < '0' || text[2] > '9')
		return 0;
	number = strtoul(text + 2, &end, 10);
	return *end == '\0' && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static void
take_network(MMDB_entry_s *entry, struct whereabouts *out)
{
	static const char *const number[] = {"autonomous_system_number", NULL};
	static const char *const text_path[] = {"asn", NULL};
	static const char *const names[][2] = {
	    {"autonomous_system_organization", NULL},
	    {"as_name", NULL},
	};
	MMDB_entry_data_s data;
	char text[16];

	if (out->asn != 0)
		return;
	if (MMDB_aget_value(entry, &data, number) == MMDB_SUCCESS &&
	    data.has_data && data.type == MMDB_DATA_TYPE_UINT32)
		out->asn = data.uint32;
	else if (take_text(entry, text_path, text, sizeof(text)))
		out->asn = read_asn(text);
	for (size_t i = 0; out->asn != 0 && i < 2; i++)
		if (take_text(entry, names[i], out->organisation,
			sizeof(out->organisation)))
			return;
}

/* --- looking up ----------------------------------------------------------- */

/* A socket's address of either family, as the library wants it. */
union socket_address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static union socket_address
to_socket(const struct address *address)
{
	union socket_address out = {0};

	if (address_is_ipv4(address)) {
		out.ipv4.sin_family = AF_INET;
		memcpy(&out.ipv4.sin_addr, address->octets + 12, 4);
	} else {
		out.ipv6.sin6_family = AF_INET6;
		memcpy(&out.ipv6.sin6_addr, address->octets, 16);
	}
	return out;
}

void
geography_find(const struct geography *geography, const struct address *address,
    struct whereabouts *out)
{
	union socket_address socket;

	whereabouts_clear(out);
	if (geography == NULL || geography->count == 0)
		return;
	socket = to_socket(address);
	for (size_t i = 0; i < geography->count; i++) {
		const MMDB_s *mmdb = &geography->databases[i].mmdb;
		MMDB_lookup_result_s result;
		int status;

		/* A database of IPv4 alone refuses an address of IPv6, and a
		 * damaged one anything: then it knows nothing. */
		result = MMDB_lookup_sockaddr(mmdb, &socket.any, &status);
		if (status != MMDB_SUCCESS || !result.found_entry)
			continue;
		take_country(&result.entry, out);
		take_network(&result.entry, out);
	}
}
