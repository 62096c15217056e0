#include "classifiers/detectors/shell/shell_text.h"

#include <stdbool.h>
#include <string.h>

#define TEXT_MAXIMUM 512

/*
 * What shells and their terminals say: bash, dash, busybox, cmd, PowerShell;
 * and that they take what is pasted in brackets (xterm's control sequences,
 * "bracketed paste mode"), which readline asks for before each prompt.
 */
static const char *const greetings[] = {
    "bash: cannot set terminal process group", "no job control in this shell",
    "can't access tty; job control turned off", "\033[?2004h",
    "Microsoft Windows [Version ", "Windows PowerShell\r\n", "BusyBox v", NULL};

/*
 * Commands by which somebody finds out where he is, as the first words of a
 * line; `uname -a` and `id` come first in every instruction.
 */
static const char *const commands[] = {"id", "whoami", "uname", "uname -a",
    "uname -r", "hostname", "pwd", "ls", "ls -la", "ls -l", "ls -al", "ls /",
    "w", "who", "ps", "ps aux", "ps -ef", "env", "printenv", "ifconfig", "ip a",
    "ip addr", "netstat -an", "netstat -antp", "ss -tlnp", "df -h", "ipconfig",
    "ipconfig /all", "systeminfo", "dir", "whoami /all", "whoami /priv", "sh",
    "/bin/sh", "bash", "/bin/bash", "bash -i", "exit", NULL};

/* Beginnings of longer ones. */
static const char *const command_beginnings[] = {"cat /", "python -c ",
    "python3 -c ", "export TERM=", "stty raw", "script /dev/null", "script -q",
    "find / ", "wget http", "curl http", "cd /", "echo $", "SHELL=/bin/",
    "uname -", "ls -", "ls /", "id;", "id &&", "whoami;", "whoami &&",
    "unset HISTFILE", "history -c", "chmod ", "nc -", "crontab -l", "sudo -l",
    "ps -", "kubectl ", "mount\n", NULL};

static bool
has_any(const char *text, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strstr(text, *list) != NULL)
			return true;
	}
	return false;
}

static bool
is_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' && c != '\n' && c != '\r' && c != '\t' &&
		    c != '\033' && c != '\a')
			return false;
	}
	return true;
}

/*
 * `$ `, `sh-5.2# `, `root@host:/# `, `/ # `, `C:\>`, all of it: no line before
 * it, nothing after it, and short.
 */
static bool
is_prompt(const char *text, size_t size)
{
	const char *last = strrchr(text, '\n');
	const char *line = last == NULL ? text : last + 1;
	size_t length = size - (size_t)(line - text);

	if (length == 1)
		return (*line == '$' || *line == '#') && last == NULL;
	if (length < 2 || length > 120)
		return false;
	if (line[length - 1] == '>')
		return (length >= 3 && line[1] == ':' && line[2] == '\\') ||
		       strncmp(line, "PS ", 3) == 0;
	if (line[length - 1] != ' ' ||
	    (line[length - 2] != '$' && line[length - 2] != '#' &&
		line[length - 2] != '>'))
		return false;
	if (length == 2)
		return line[0] == '$' || line[0] == '#';
	if (line[length - 2] == '>')
		return strncmp(line, "PS ", 3) == 0;
	return strncmp(line, "sh-", 3) == 0 || strncmp(line, "bash-", 5) == 0 ||
	       line[0] == '/' || line[0] == '~' || line[0] == '\033' ||
	       (strchr(line, '@') != NULL && strchr(line, ':') != NULL) ||
	       line[0] == '[';
}

/* dash writes its greeting in parts, of which the first says who it is and that
 * no line of a script is the matter. */
static bool
is_beginning_of_greeting(const char *text)
{
	static const char *const names[] = {
	    "/bin/sh: 0: ", "sh: 0: ", "/bin/dash: 0: ", "dash: 0: ", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

static bool
is_command(const char *text, size_t size)
{
	size_t length = strcspn(text, "\r\n");

	/* Whoever types ends the line. */
	if (length == 0 || length == size || length > 200)
		return false;
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strlen(commands[i]) == length &&
		    memcmp(text, commands[i], length) == 0)
			return true;
	}
	for (size_t i = 0; command_beginnings[i] != NULL; i++) {
		if (strncmp(text, command_beginnings[i],
			strlen(command_beginnings[i])) == 0)
			return true;
	}
	return false;
}

static bool
is_result(const char *text)
{
	const char *uid = strstr(text, "uid=");

	return (uid != NULL && strstr(uid, " gid=") != NULL &&
		   strchr(uid, '(') != NULL) ||
	       strstr(text, "root:x:0:0:") != NULL ||
	       (strncmp(text, "Linux ", 6) == 0 &&
		   strstr(text, " GNU/Linux") != NULL);
}

enum shell_text
shell_text_read(const uint8_t *octets, size_t size)
{
	char text[TEXT_MAXIMUM + 1];
	size_t length = size < TEXT_MAXIMUM ? size : TEXT_MAXIMUM;

	if (length == 0 || memchr(octets, '\0', length) != NULL)
		return SHELL_NOTHING;
	memcpy(text, octets, length);
	text[length] = '\0';
	if (!is_text(text, length))
		return SHELL_NOTHING;
	if (is_result(text))
		return SHELL_RESULT;
	if (has_any(text, greetings) || is_beginning_of_greeting(text) ||
	    (size <= TEXT_MAXIMUM && is_prompt(text, length)))
		return SHELL_PROMPT;
	return is_command(text, length) ? SHELL_COMMAND : SHELL_NOTHING;
}
