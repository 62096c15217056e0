#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/detectors.h"

/*
 * One line for each detector; `const struct detector detector_NAME` is declared
 * in detectors_table.h.
 */
const struct detector *const detectors_all[] = {
    &detector_scan,
    &detector_flood,
    &detector_http_flood,
    &detector_brute_force,
    &detector_beacon,
    &detector_long_connection,
    &detector_dns_tunnel,
    &detector_dns_bypass,
    &detector_dns_names,
    &detector_dns_load,
    &detector_icmp_tunnel,
    &detector_exfil,
    &detector_exploits,
    &detector_mining,
    &detector_shells,
    &detector_impostors,
    &detector_geography,
    &detector_protocols,
    &detector_risks,
    &detector_tls_clients,
    &detector_reflection,
    &detector_strays,
    &detector_cloud_metadata,
    &detector_secret_paths,
    &detector_path_guessing,
    &detector_login_forms,
    &detector_hidden_shells,
    &detector_dns_beacon,
    NULL,
};

const size_t detectors_count =
    sizeof(detectors_all) / sizeof(detectors_all[0]) - 1;
