/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/dtls_flight.h"

/** @file
 * Two associations of DTLS back to back, and the datagrams between them. */
#define FLIGHT      64
#define N_FORGERIES 21

extern struct dtls_ctx *ctx[2];
struct end {
	struct dtls *d;
	enum dtls_state state;
	struct {
		uint8_t data[2048];
		size_t len;
	} out[FLIGHT];
	unsigned n_out;
	size_t longest;
	uint8_t heard[256]; /* application data */
	size_t n_heard;
};
extern struct end ends[2]; /* 0: client, 1: server */
void on_send(void *arg, const uint8_t *data, size_t len);
void on_data(void *arg, const uint8_t *data, size_t len);
extern const struct dtls_ops ops;
void make(int mtu);
void drop(void);
/* Carry what waits at one end over to the other. @param lose the n-th datagram gets lost, -1: none
 */
unsigned carry(unsigned from, int lose);
void parse_fingerprint(const char *text, uint8_t out[DTLS_SHA256]);
/* What anybody can send who knows where the peer is. */
struct forgery {
	uint8_t bytes[64];
	size_t len;
};
extern const struct forgery forgeries[N_FORGERIES];
