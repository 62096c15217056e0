#include "classifiers/detectors/scan/monitor_images.h"

#include <string.h>

#include "classifiers/inventory/workload.h"

/*
 * Beginnings of an image's base name, for several come in flavours
 * (zabbix-server-mysql, check-mk-cloud, icinga2-master).  Prometheus is none of
 * them: it asks for metrics, and never by echo requests.
 */
static const char *const monitors[] = {
    "blackbox-exporter", /* prober icmp, its CONFIGURATION.md */
    "blackbox_exporter",
    "centreon",
    "check-mk",
    "cloudprober", /* probe type PING */
    "gatus",       /* endpoints icmp:// */
    "heartbeat",   /* Elastic's: monitors of type icmp */
    "icinga",      /* check command hostalive */
    "librenms",
    "nagios",
    "naemon",
    "opennms", /* its poller */
    "horizon", /* OpenNMS's */
    "smokeping",
    "uptime-kuma",  /* monitor type ping */
    "zabbix-proxy", /* icmpping[] */
    "zabbix-server",
};

static bool
is_monitor(const char *base)
{
	for (size_t i = 0; i < sizeof(monitors) / sizeof(monitors[0]); i++)
		if (strncmp(base, monitors[i], strlen(monitors[i])) == 0)
			return true;
	return false;
}

bool
monitor_images_has(const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++)
		if (is_monitor(workload->containers[i].image.base))
			return true;
	return false;
}
