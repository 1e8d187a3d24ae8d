/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdlib.h>
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/base/id.h"
#include "../../core/base/metric.h"

/** @file
 * The media side with control played by the test: calls with a client at the other end. */
#define OUT_SSRC 0x0badcafe
#define IN_SSRC  0x11223344
#define PT       111

extern struct queue *reports, *data_queue;
extern struct report last[16]; /* by type: the latest of each */
extern unsigned seen[16];

void on_report(void *arg, const void *rec, size_t len);

/* @return the next report of this type */
const struct report *await(enum report_type type);

extern const struct rtc_conf base;

void start_with(const struct rtc_conf *conf, size_t report_bytes);
void start(const struct rtc_conf *conf);
void stop(void);
uint16_t port_of(unsigned worker);

struct call {
	struct client c;
	unsigned worker;
	uint64_t id;
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1];
};

void post(const struct call *k, struct cmd *c);
struct cmd open_cmd(struct call *k, enum cmd_type type, bool described, enum dtls_role role);
void make_call(struct call *k, unsigned worker, uint64_t id, const char *profiles);
void echo_track(struct call *k, enum cardea_kind kind, enum cardea_codec_id codec);
void bring_up_with(struct call *k, const char *profiles, int mtu, enum cardea_kind kind);
void bring_up(struct call *k, const char *profiles, int mtu);
void close_call(struct call *k);

/* Send packets until one comes back: the first may be early. */
void echo(struct call *k, uint16_t *seq);
uint64_t metric_value(const char *name);

void start_call(struct call *k, const struct rtc_conf *conf, bool described, enum dtls_role role);
