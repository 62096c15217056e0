/*
 * exit -- what the program's exit codes mean; a public contract.
 */
#ifndef SENSOR_RUN_EXIT_H
#define SENSOR_RUN_EXIT_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_CONDITION = 1,  /* --fail-on, or a difference, says so */
	EXIT_USAGE = 2,      /* usage, configuration, models */
	EXIT_INPUT = 3,      /* a capture or inventory is unusable somewhere */
	EXIT_PERMISSION = 4, /* a right is missing */
	EXIT_INTERNAL = 5,   /* our fault, or no memory */
};

#endif
