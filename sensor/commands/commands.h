/*
 * commands -- the verbs of the command line, one file each.
 *
 * Each gets the arguments after its own words and returns an exit code.
 */
#ifndef SENSOR_COMMANDS_COMMANDS_H
#define SENSOR_COMMANDS_COMMANDS_H

/* A verb; `argv` holds `argc` words. */
typedef int command(int argc, char **argv);

command command_replay;
command command_workloads;
command command_model;
command command_policy;
command command_explain;
command command_alerts;
command command_collect;
command command_run;
command command_ctl;
command command_detectors;
command command_check;

/* The actions of `policy`, one file each too. */
command command_policy_show;
command command_policy_coverage;
command command_policy_diff;
command command_policy_test;
command command_policy_compile;

/* The sources of `collect`, likewise. */
command command_collect_cloudfoundry;
command command_collect_docker;
command command_collect_file;
command command_collect_kubernetes;
command command_collect_mesos;

/* Finds the verb in main()'s arguments and runs it. */
int commands_run(int argc, char **argv);

#endif
