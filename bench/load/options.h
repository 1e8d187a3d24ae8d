/* SPDX-License-Identifier: Apache-2.0 */
/** The command line. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H
#include <stdbool.h>

struct options {
	const char *scenario, *url, *plugin, *ip, *json, *label, *srtp, *dtls_role, *flood;
	int pid, bare, verbose;
	double duration, settle;
	int subs, pubs, peers, ramp, room;
	bool audio, no_video, multi, apart;
	double bitrate, fps;
	int pkt_size, uneven, audio_size;
	bool no_ext, no_twcc, nack;
	double loss, rtt;
	double rate, hold_ms;
	int conns, depth, ws_share, idle_ws;
	int step, max;
	double max_loss, max_p99;
	double flood_rate;
	int sample, tick_us;
};
extern struct options opt;

/** Read the command line into opt. @return false: say nothing more and end with @p status. */
bool options_read(int argc, char **argv, int *status);
#endif
