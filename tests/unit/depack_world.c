/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of depack.c have in common; compiled once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "depack_world.h"

static char out[4096];
static size_t out_len;
struct rec_frame last;
struct depack *d;
static uint16_t seq;
uint32_t ts;

static void say(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	out_len += (size_t)vsnprintf(out + out_len, sizeof out - out_len, format, ap);
	va_end(ap);
	assert_true(out_len < sizeof out);
}

static void on_frame(void *arg, const struct rec_frame *f)
{
	(void)arg;
	last = *f;
	if (f->is_keyframe && f->width)
		say("K%ux%u:", f->width, f->height);
	else
		say("%s:", f->is_keyframe ? "K" : f->is_discardable ? "D" : "P");
	for (size_t i = 0; i < f->len; i++)
		say("%02x", f->data[i]);
	say(" ");
}

void begin(enum cardea_codec_id codec, uint8_t red_pt)
{
	depack_free(d);
	d = depack_new(codec, red_pt, on_frame, NULL);
	assert_non_null(d);
	out_len = 0;
	out[0] = 0;
	seq = 100;
	ts = 1000;
}

int teardown(void **state)
{
	(void)state;
	depack_free(d);
	d = NULL;
	return 0;
}

void take_bytes(struct how how, const uint8_t *payload, size_t len)
{
	uint8_t rtp[1024] = { 0x80, how.pt };
	struct rec_packet p = { .at_us = 5000,
		.gen = how.gen,
		.layer = how.layer,
		.ts = ts,
		.seq = seq = (uint16_t)(seq + 1 + how.gap),
		.marker = how.marker,
		.is_empty = how.is_empty,
		.rtp = rtp,
		.rtp_len = (uint16_t)(12 + len),
		.payload = 12,
		.payload_len = (uint16_t)len };
	memcpy(rtp + 12, payload, len);
	depack_take(d, &p, how.gap);
}
void assert_out(const char *text)
{
	assert_string_equal(out, text);
	out_len = 0;
	out[0] = 0;
}
