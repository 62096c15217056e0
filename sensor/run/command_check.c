#include "sensor/run/commands.h"
#include "sensor/run/exit.h"

int
command_check(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return EXIT_DONE;
}
