#include "sensor/base/resolve.h"

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/loop.h"

/* What both threads hold, until each has let go of it. */
struct question {
	atomic_int holders;
	int answered; /* the writing end of a pipe, the asked thread's */
	char *host;
	struct resolve_answer answer;
};

struct resolve {
	struct question *question;
	int answered; /* the reading end */
	struct loop_watch *watch;
	void (*done)(const struct resolve_answer *answer, void *context);
	void *context;
};

static void
let_go(struct question *question)
{
	if (atomic_fetch_sub(&question->holders, 1) != 1)
		return;
	free(question->host);
	free(question);
}

/* --- the thread ----------------------------------------------------------- */

static void
take(struct resolve_answer *answer, const struct addrinfo *list)
{
	for (; list != NULL && answer->count < RESOLVE_ADDRESSES;
	     list = list->ai_next)
		if (getnameinfo(list->ai_addr, list->ai_addrlen,
			answer->addresses[answer->count], RESOLVE_TEXT_SIZE,
			NULL, 0, NI_NUMERICHOST) == 0)
			answer->count++;
}

/* A host with no address but its own is no reason not to reach it. */
static int
look_up(const char *host, int flags, struct resolve_answer *answer)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *list = NULL;
	int error = getaddrinfo(host, NULL, &hints, &list);

	if (error != 0)
		return error;
	take(answer, list);
	freeaddrinfo(list);
	return 0;
}

static void *
answer_it(void *context)
{
	struct question *question = context;
	struct resolve_answer *answer = &question->answer;
	int error = look_up(question->host, AI_ADDRCONFIG, answer);

	if (error == EAI_NONAME || error == EAI_ADDRFAMILY)
		error = look_up(question->host, 0, answer);
	if (answer->count == 0)
		(void)snprintf(answer->fault, sizeof(answer->fault),
		    "%.180s: %s", question->host,
		    error == 0 ? "it has no address" : gai_strerror(error));
	/* Its end is the answer. */
	(void)close(question->answered);
	let_go(question);
	return NULL;
}

/* Signals are for the thread that has the loop. */
static void
start(struct question *question)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int error = pthread_attr_init(&attributes);

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (error == 0)
		error = pthread_attr_setdetachstate(
		    &attributes, PTHREAD_CREATE_DETACHED);
	if (error == 0)
		error =
		    pthread_create(&thread, &attributes, answer_it, question);
	(void)pthread_attr_destroy(&attributes);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		(void)answer_it(question);
}

/* --- the loop's side ------------------------------------------------------ */

static void
ready(int descriptor, unsigned what, void *context)
{
	struct resolve *resolve = context;
	struct question *question = resolve->question;

	(void)descriptor;
	(void)what;
	loop_watch_free(resolve->watch);
	resolve->watch = NULL;
	(void)close(resolve->answered);
	resolve->answered = -1;
	/* Whoever asked may free it while he is told. */
	(void)atomic_fetch_add(&question->holders, 1);
	resolve->done(&question->answer, resolve->context);
	let_go(question);
}

struct resolve *
resolve_new(struct loop *loop, const char *host,
    void (*done)(const struct resolve_answer *answer, void *context),
    void *context)
{
	struct resolve *resolve;
	struct question *question;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return NULL;
	question = allocate(1, sizeof(*question));
	question->host = allocate(strlen(host) + 1, 1);
	memcpy(question->host, host, strlen(host));
	question->answered = ends[1];
	atomic_init(&question->holders, 2);
	resolve = allocate(1, sizeof(*resolve));
	*resolve = (struct resolve){
	    .question = question,
	    .answered = ends[0],
	    .done = done,
	    .context = context,
	};
	resolve->watch =
	    loop_watch_new(loop, ends[0], LOOP_READABLE, ready, resolve);
	if (look_up(host, AI_NUMERICHOST, &question->answer) == 0) {
		(void)close(ends[1]);
		let_go(question);
	} else {
		start(question);
	}
	return resolve;
}

void
resolve_free(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	loop_watch_free(resolve->watch);
	if (resolve->answered >= 0)
		(void)close(resolve->answered);
	let_go(resolve->question);
	free(resolve);
}
