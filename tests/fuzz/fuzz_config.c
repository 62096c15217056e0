/* Whatever a configuration file says: it is taken or refused, with a reason. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/domain.h"
#include "sensor/live/config.h"
#include "sensor/live/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct report *report = report_new();
	struct domains *domains = NULL;
	struct live_settings settings = live_settings_default("fuzz");
	bool fine = config_parse("fuzz.yaml", (const char *)data, size, arena,
	    &settings, &domains, report);

	assert(fine == (report_errors(report) == 0));
	assert(settings.interface_count <= LIVE_INTERFACES);
	assert(settings.paths.model_count <= SETUP_PATHS_MAXIMUM);
	if (fine) {
		assert(settings.flow_capacity > 0);
		assert(settings.times.update > 0 && settings.times.quiet > 0);
		assert(settings.witness.file.count > 0);
	}
	domains_free(domains);
	report_free(report);
	arena_free(arena);
	return 0;
}
