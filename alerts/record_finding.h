/*
 * record_finding -- what a record says of its finding, whatever its flow.
 */
#ifndef ALERTS_RECORD_FINDING_H
#define ALERTS_RECORD_FINDING_H

struct finding;
struct json_writer;

/* What a detector found: `threat`, if there is a technique, and `anomaly`. */
void record_put_anomaly(
    struct json_writer *json, const struct finding *finding);

/* `policy`, as far as a finding that outlives its flows knows of it. */
void record_put_deviation(
    struct json_writer *json, const struct finding *finding);

#endif
