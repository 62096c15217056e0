#include "tests/bench/exchange.h"

#include "tests/bench/random.h"
#include "tests/bench/script.h"

struct row {
	const char *name;
	exchange_writer *write;
	uint16_t port, share;
};

static const struct row rows[EXCHANGE_COUNT] = {
#define X(name, function, port, share)                                         \
	[EXCHANGE_##name] = {#function, exchange_##function, port, share},
    EXCHANGES(X)
#undef X
};

void
exchange_write(enum exchange exchange, struct script *script,
    struct random *random, const char *server, unsigned rounds)
{
	script_clear(script);
	rows[exchange].write(script, random, server, rounds);
}

uint16_t
exchange_port(enum exchange exchange)
{
	return rows[exchange].port;
}

const char *
exchange_name(enum exchange exchange)
{
	return rows[exchange].name;
}

enum exchange
exchange_choose(struct random *random)
{
	uint32_t at = random_below(random, 100);
	int chosen = 0;

	while (at >= rows[chosen].share)
		at -= rows[chosen++].share;
	return (enum exchange)chosen;
}
