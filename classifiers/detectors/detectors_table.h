/*
 * detectors_table -- the detectors there are, each in a file of its own.
 *
 * For detectors_table.c, and for tests of one of them.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTORS_TABLE_H
#define CLASSIFIERS_DETECTORS_DETECTORS_TABLE_H

#include "classifiers/detectors/detector.h"
extern const struct detector detector_scan;
extern const struct detector detector_flood;
extern const struct detector detector_reflection;
extern const struct detector detector_strays;
extern const struct detector detector_http_flood;
extern const struct detector detector_brute_force;
extern const struct detector detector_beacon;
extern const struct detector detector_long_connection;
extern const struct detector detector_dns_tunnel;
extern const struct detector detector_dns_bypass;
extern const struct detector detector_dns_names;
extern const struct detector detector_dns_load;
extern const struct detector detector_icmp_tunnel;
extern const struct detector detector_exfil;
extern const struct detector detector_exploits;
extern const struct detector detector_mining;
extern const struct detector detector_shells;
extern const struct detector detector_impostors;
extern const struct detector detector_geography;
extern const struct detector detector_protocols;
extern const struct detector detector_risks;
extern const struct detector detector_tls_clients;
extern const struct detector detector_cloud_metadata;
extern const struct detector detector_secret_paths;
extern const struct detector detector_path_guessing;
extern const struct detector detector_login_forms;
extern const struct detector detector_hidden_shells;
extern const struct detector detector_dns_beacon;

#endif
