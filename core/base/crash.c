/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "crash.h"

#define STACK_BYTES (64 << 10)

static const struct {
	int signal;
	const char *name;
} signals[] = { { SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" },
	{ SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" } };
#define N_SIGNALS (sizeof signals / sizeof signals[0])

static struct {
	pthread_t thread;
	bool (*whose)(const char **plugin, const char **hook);
	struct sigaction old[N_SIGNALS];
	char stack[STACK_BYTES];
} crash;

/* In a signal handler there is no printf(). */
static void say(const char *text)
{
	ssize_t n = write(STDERR_FILENO, text, strlen(text));
	(void)n; /* there is nobody else to tell */
}

static void on_crash(int signal, siginfo_t *info, void *context)
{
	const char *plugin, *hook;
	unsigned i = 0;
	(void)context;
	while (i < N_SIGNALS - 1 && signals[i].signal != signal)
		i++;
	if (pthread_equal(pthread_self(), crash.thread) && crash.whose(&plugin, &hook)) {
		say("cardea: crashed (");
		say(signals[i].name);
		say(") in the plugin '");
		say(plugin);
		say("', hook '");
		say(hook);
		say("'\n");
	}
	/* What has failed does so again on return, and then goes its way; a signal that was sent
	 * has to be sent again. */
	sigaction(signal, &crash.old[i], NULL);
	if (info->si_code <= 0)
		raise(signal);
}

void crash_watch(bool (*whose)(const char **plugin, const char **hook))
{
	const stack_t stack = { .ss_sp = crash.stack, .ss_size = sizeof crash.stack };
	struct sigaction action = { .sa_sigaction = on_crash, .sa_flags = SA_ONSTACK | SA_SIGINFO };
	crash.thread = pthread_self();
	crash.whose = whose;
	sigaltstack(&stack, NULL);
	for (unsigned i = 0; i < N_SIGNALS; i++)
		sigaction(signals[i].signal, &action, &crash.old[i]);
}
