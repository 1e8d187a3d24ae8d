/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include "stop.h"

static volatile sig_atomic_t wanted;

static void on_signal(int sig)
{
	(void)sig;
	wanted = 1;
}

void stop_watch(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction how = { .sa_handler = on_signal }, before;
	for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
		/* One that is ignored (nohup, a job in the background) stays so. */
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &how, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error of the write */
}

bool stop_wanted(void)
{
	return wanted;
}
