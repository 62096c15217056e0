/*
 * supervisor -- what `hedgerow run` starts as: it starts all other processes.
 *
 * It starts the sensor, waits until that is ready, opens every interface once
 * for each worker, becomes an unprivileged user that keeps the one right to
 * open interfaces (CAP_NET_RAW), and starts the workers.  After that it waits:
 *
 *   a worker dies      its packets wait in a new ring while another is started
 *                      in its place, at once the first time and then later and
 *                      later; the sensor is told
 *   an interface comes back that was removed
 *                      all workers end, and others start on new rings
 *   the sensor dies    the workers are ended, and so is the program, with the
 *                      sensor's exit code or EXIT_INTERNAL: whoever started it
 *                      starts it again
 *   SIGHUP             the sensor is told to reload
 *   SIGTERM, SIGINT    the workers end every flow, then the sensor ends
 *
 * It never reads a packet: the rings are mapped in it, and nothing of it looks
 * there.
 */
#ifndef SENSOR_LIVE_SUPERVISOR_H
#define SENSOR_LIVE_SUPERVISOR_H

struct live_settings;

/* Runs until it is stopped.  returns an exit code */
int supervisor_run(const struct live_settings *settings);

#endif
