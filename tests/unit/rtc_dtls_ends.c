/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "rtc_dtls_ends.h"

struct dtls_ctx *ctx[2];
struct end ends[2]; /* 0: client, 1: server */

void on_send(void *arg, const uint8_t *data, size_t len)
{
	struct end *e = arg;
	assert_true(e->n_out < FLIGHT && len <= sizeof(e->out[0].data));
	memcpy(e->out[e->n_out].data, data, len);
	e->out[e->n_out++].len = len;
	if (len > e->longest)
		e->longest = len;
}

void on_data(void *arg, const uint8_t *data, size_t len)
{
	struct end *e = arg;
	assert_true(e->n_heard < sizeof(e->heard) - len);
	memcpy(e->heard + e->n_heard, data, len);
	e->n_heard += len;
}
const struct dtls_ops ops = { on_send, on_data };

void make(int mtu)
{
	char why[256];
	memset(ends, 0, sizeof(ends));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(dtls_ctx_create(&ctx[i], NULL, NULL, NULL, false, mtu, why), OK);
		assert_int_equal(dtls_create(&ends[i].d, ctx[i], i == 1, &ops, &ends[i]), OK);
	}
}

void drop(void)
{
	for (unsigned i = 0; i < 2; i++) {
		dtls_destroy(ends[i].d);
		dtls_ctx_destroy(ctx[i]);
	}
}

unsigned carry(unsigned from, int lose)
{
	struct end e = ends[from]; /* delivery may bring answers, but not to the same end */
	ends[from].n_out = 0;
	for (unsigned i = 0; i < e.n_out; i++)
		if ((int)i != lose)
			ends[!from].state = dtls_input(ends[!from].d, e.out[i].data, e.out[i].len);
	return e.n_out;
}

void parse_fingerprint(const char *text, uint8_t out[DTLS_SHA256])
{
	for (unsigned i = 0; i < DTLS_SHA256; i++)
		assert_int_equal(sscanf(text + 3 * i, "%2hhx", &out[i]), 1);
}

const struct forgery forgeries[] = {
	{ { 0 }, 20 },
	{ { 63, 63, 63 }, 20 },
	/* alerts in the clear: fatal, of all descriptions that matter, closing, and malformed */
	{ { 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40 }, 15 },
	{ { 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2, 0 }, 15 },
	{ { 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 11, 0, 2, 1, 0 }, 15 },
	{ { 21, 254, 255, 0, 0, 0, 0, 0, 0, 0, 12, 0, 2, 2, 80 }, 15 },
	{ { 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 13, 0, 1, 2 }, 14 },
	/* of other epochs */
	{ { 21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40 }, 15 },
	{ { 21, 254, 253, 0, 7, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40 }, 15 },
	{ { 22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 24, 1, 2, 3, 4 }, 37 },
	/* data in the clear, and a record number that would hide all others */
	{ { 23, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4 }, 17 },
	{ { 20, 254, 253, 0, 0, 255, 255, 255, 255, 255, 255, 0, 1, 1 }, 14 },
	{ { 20, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 2 }, 14 },
	/* fragments: of a message that is long, ahead, of no type, beyond its end, without a byte,
	 * and a whole one of the wrong kind */
	{ { 22, 254, 253, 0, 0, 255, 255, 255, 255, 255, 255, 0, 16, 11, 0, 64, 0, 0, 1, 0, 0, 0, 0,
		  0, 4, 1, 2, 3, 4 },
		29 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 16, 16, 0, 0, 99, 0, 2, 0, 0, 9, 0, 0, 4, 1, 2,
		  3, 4 },
		29 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 16, 99, 0, 0, 4, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2,
		  3, 4 },
		29 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 16, 11, 0, 0, 8, 0, 1, 0, 0, 6, 0, 0, 4, 1, 2,
		  3, 4 },
		29 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 15, 0, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0 },
		25 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, 25 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
		25 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 16, 2, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 4,
		  1, 2, 3, 4 },
		29 },
};
