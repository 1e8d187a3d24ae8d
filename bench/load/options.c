/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "options.h"

struct options opt = {
	.scenario = "broadcast",
	.url = "ws://127.0.0.1:8188/",
	.srtp = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
	.dtls_role = "client",
	.duration = 10,
	.settle = 2.5,
	.subs = 10,
	.pubs = 4,
	.peers = 20,
	.ramp = 16,
	.bitrate = 1000,
	.fps = 30,
	.pkt_size = 1200,
	.audio_size = 112,
	.rtt = 20,
	.rate = 20,
	.hold_ms = 500,
	.conns = 4,
	.depth = 16,
	.step = 50,
	.max = 2000,
	.max_loss = 0.1,
	.max_p99 = 50,
	.flood_rate = 20000,
	.tick_us = 5000,
};

enum kind { TEXT, INT, REAL, FLAG };
#define ROW(name, kind, member, note) \
	{ \
		name, kind, offsetof(struct options, member), note \
	}
static const struct row {
	const char *name;
	enum kind kind;
	size_t at;
	const char *note;
} rows[] = {
	ROW("scenario", TEXT, scenario,
		"broadcast conference echo record playback flood capacity setup memory signal"),
	ROW("url", TEXT, url, "the API over WebSocket (ws://127.0.0.1:8188/)"),
	ROW("bare", INT, bare, "port here of the bare forwarder, instead of a server"),
	ROW("pid", INT, pid, "the server: CPU time, memory, wake-ups from /proc"),
	ROW("plugin", TEXT, plugin, "videoroom, or echotest for echo and setup"),
	ROW("duration", REAL, duration, "seconds of measurement (10)"),
	ROW("settle", REAL, settle, "seconds between set-up and measurement (2.5)"),
	ROW("subs", INT, subs,
		"broadcast, flood: subscribers; playback: viewers (10); capacity: first level"),
	ROW("apart", FLAG, apart, "playback: each viewer plays the recording for himself"),
	ROW("pubs", INT, pubs, "conference: participants (4)"),
	ROW("peers", INT, peers, "echo, record: peers; memory: sessions (20)"),
	ROW("bitrate", REAL, bitrate, "kbit/s of each publisher's video (1000)"),
	ROW("fps", REAL, fps, "frames a second (30)"),
	ROW("pkt-size", INT, pkt_size, "bytes of a video packet before SRTP (1200)"),
	ROW("uneven", INT, uneven,
		"video packets are shorter than that by up to so many bytes (0)"),
	ROW("audio", FLAG, audio, "add audio, 50 packets a second"),
	ROW("audio-size", INT, audio_size, "bytes of an audio packet before SRTP (112)"),
	ROW("no-video", FLAG, no_video, "audio alone"),
	ROW("multi", FLAG, multi, "conference: one subscription connection for all feeds"),
	ROW("rate", REAL, rate, "setup: new connections a second (20)"),
	ROW("hold-ms", REAL, hold_ms, "setup: how long a connection is kept (500)"),
	ROW("conns", INT, conns, "setup, signal: WebSockets (4)"),
	ROW("depth", INT, depth, "signal: requests in flight on each (16)"),
	ROW("idle-ws", INT, idle_ws, "signal: WebSockets that stay silent beside (0)"),
	ROW("ws-share", INT, ws_share, "participants on one WebSocket (1)"),
	ROW("step", INT, step, "capacity: subscribers added at each level (50)"),
	ROW("max", INT, max, "capacity: highest level (2000)"),
	ROW("max-loss", REAL, max_loss, "capacity: limit in percent (0.1)"),
	ROW("max-p99", REAL, max_p99, "capacity: limit in ms (50)"),
	ROW("flood", TEXT, flood, "flood: garbage, replay or wrongkey"),
	ROW("flood-rate", REAL, flood_rate, "flood: packets a second (20000)"),
	ROW("loss", REAL, loss, "percent of received RTP dropped here, and asked for by NACK"),
	ROW("nack", FLAG, nack, "ask for lost packets without --loss too"),
	ROW("rtt", REAL, rtt, "round trip in ms that receiver reports pretend (20)"),
	ROW("no-ext", FLAG, no_ext, "no header extensions"),
	ROW("no-twcc", FLAG, no_twcc, "no transport-wide sequence numbers"),
	ROW("ramp", INT, ramp, "peers being set up at once (16)"),
	ROW("srtp", TEXT, srtp, "list of SRTP profiles, in OpenSSL's words"),
	ROW("dtls-role", TEXT, dtls_role,
		"client or server, where the offer lets us choose (client)"),
	ROW("sample", INT, sample, "decrypt one packet in N (0: some 2000 a second in all)"),
	ROW("tick-us", INT, tick_us, "how often sockets are read while measuring (5000)"),
	ROW("ip", TEXT, ip, "local address (default: the first that is not loopback)"),
	ROW("room", INT, room, "number of the room (default: by chance)"),
	ROW("json", TEXT, json, "append the result to this file as a line of JSON"),
	ROW("label", TEXT, label, "goes into the result"),
	ROW("verbose", INT, verbose, "1 to 3"),
};
#define N_ROWS (sizeof(rows) / sizeof(*rows))

static void usage(void)
{
	puts("rtcload --scenario NAME --url ws://HOST:PORT/ [--pid SERVER] [options]\n");
	for (size_t i = 0; i < N_ROWS; i++)
		printf("  --%-11s %s %s\n", rows[i].name, rows[i].kind == FLAG ? " " : "…",
			rows[i].note);
}

static const char *first_address(void)
{
	static char ip[INET_ADDRSTRLEN] = "127.0.0.1";
	struct ifaddrs *list;
	if (getifaddrs(&list))
		return ip;
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP) ||
			(i->ifa_flags & IFF_LOOPBACK))
			continue;
		inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr, ip,
			sizeof(ip));
		break;
	}
	freeifaddrs(list);
	return ip;
}

static void set(const struct row *r, const char *value)
{
	char *at = (char *)&opt + r->at, *end = NULL;
	if (r->kind == TEXT)
		*(const char **)(void *)at = value;
	else if (r->kind == FLAG)
		*(bool *)at = true;
	else if (r->kind == INT)
		*(int *)(void *)at = (int)strtol(value, &end, 10);
	else
		*(double *)(void *)at = strtod(value, &end);
	if (end && (end == value || *end))
		die("--%s %s: not a number", r->name, value);
}

static void check(void)
{
	if (opt.no_video && !opt.audio)
		die("nothing to send: --no-video without --audio");
	if (opt.pkt_size < 200 || opt.pkt_size > 1300 || opt.uneven < 0 || opt.uneven > 100 ||
		opt.audio_size < 80 || opt.audio_size > 1300 || opt.fps < 1 || opt.conns < 1 ||
		opt.depth < 1 || opt.depth > 2000 || opt.rate <= 0 || opt.ramp < 1 ||
		opt.tick_us < 50 || opt.flood_rate <= 0 || opt.bare < 0 || opt.bare > 65535)
		die("an option is out of range");
	verbosity = opt.verbose;
	opt.nack |= opt.loss > 0;
	if (!opt.ip)
		opt.ip = first_address();
	if (!opt.room)
		opt.room = (int)(rand32() % 900000000u) + 100000000;
}

bool options_read(int argc, char **argv, int *status)
{
	struct option longs[N_ROWS + 2] = { 0 };
	for (size_t i = 0; i < N_ROWS; i++)
		longs[i] =
			(struct option){ rows[i].name, rows[i].kind != FLAG, NULL, (int)i + 256 };
	longs[N_ROWS] = (struct option){ "help", 0, NULL, 'h' };
	int c;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c < 256) {
			usage();
			*status = c == 'h' ? 0 : 2;
			return false;
		}
		set(&rows[c - 256], optarg);
	}
	check();
	return true;
}
