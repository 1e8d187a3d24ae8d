/* SPDX-License-Identifier: Apache-2.0 */
/* rtcload: many simulated participants in one thread, as a load for a server of the Janus API.
 * Status 0: measured; 1: measured, but the server reported errors or hung up; 2: no measurement. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "base.h"
#include "client.h"
#include "options.h"
#include "peer.h"
#include "scenario.h"
#include "ws.h"

static const struct {
	const char *name;
	void (*run)(void);
	const char *plugin;
} scenarios[] = {
	{ "broadcast", scenario_broadcast, "janus.plugin.videoroom" },
	{ "flood", scenario_flood, "janus.plugin.videoroom" },
	{ "capacity", scenario_capacity, "janus.plugin.videoroom" },
	{ "conference", scenario_conference, "janus.plugin.videoroom" },
	{ "echo", scenario_echo, "janus.plugin.echotest" },
	{ "record", scenario_record, "janus.plugin.echotest" },
	{ "playback", scenario_playback, "janus.plugin.videoroom" },
	{ "setup", scenario_setup, "janus.plugin.echotest" },
	{ "memory", scenario_memory, "janus.plugin.videoroom" },
	{ "signal", scenario_signal, "janus.plugin.videoroom" },
};

static void prepare_process(void)
{
	struct rlimit files;
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_TIMERSLACK, 1000); /* ns: frames leave in time */
}

int main(int argc, char **argv)
{
	int status = 0;
	if (!options_read(argc, argv, &status))
		return status;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		if (strcmp(scenarios[i].name, opt.scenario))
			continue;
		if (!opt.plugin)
			opt.plugin = scenarios[i].plugin;
		prepare_process();
		peers_init();
		ws_init();
		scenarios[i].run();
		return client_errors ? 1 : 0;
	}
	die("there is no scenario %s", opt.scenario);
}
