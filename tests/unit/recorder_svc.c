/* SPDX-License-Identifier: Apache-2.0 */
/* VP9 of several spatial layers, as libvpx makes it for calls: of tests/unit/data/recorder/vp9-…,
 * where each frame stands behind its picture's number, its spatial and temporal layer (a byte
 * each), and four bytes of length. FFmpeg's decoder is to see of it what libvpx does, which is made
 * for this. */
#include <libavcodec/avcodec.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/recorder/depack.h"
#include "../../core/rtp/rtp.h"

#define PICTURES 14
#define MTU      500

struct layer {
	unsigned picture, spatial, temporal;
	const uint8_t *bytes;
	size_t len;
};
static uint8_t file[100000];
static struct layer layers[PICTURES * 3];
static unsigned n_layers;

static void load(const char *name)
{
	char path[512];
	const char *srcdir = getenv("srcdir");
	FILE *f;
	size_t len, at = 0;
	snprintf(path, sizeof path, "%s/tests/unit/data/recorder/%s", srcdir ? srcdir : ".", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(file, 1, sizeof file, f);
	fclose(f);
	for (n_layers = 0; at + 7 < len; n_layers++) {
		assert_true(n_layers < sizeof layers / sizeof layers[0]);
		layers[n_layers] = (struct layer){ file[at], file[at + 1], file[at + 2],
			file + at + 7, rd32(file + at + 3) };
		at += 7 + layers[n_layers].len;
	}
	assert_int_equal(at, len);
}

/* ---- decoders ---- */

static AVCodecContext *decoder;
static struct sight {
	unsigned n; /* pictures that were seen at once */
	int width, height;
	uint32_t sum;
} expected[PICTURES];

static void open_decoder(const char *name)
{
	const AVCodec *c = avcodec_find_decoder_by_name(name);
	if (!c)
		skip();
	decoder = avcodec_alloc_context3(c);
	decoder->thread_count = 1;
	assert_int_equal(avcodec_open2(decoder, c, NULL), 0);
}

static void close_decoder(void)
{
	avcodec_free_context(&decoder);
}

static struct sight decode(const uint8_t *bytes, size_t len)
{
	AVPacket *p = av_packet_alloc();
	AVFrame *f = av_frame_alloc();
	struct sight s = { .sum = 0x811c9dc5 };
	assert_int_equal(av_new_packet(p, (int)len), 0);
	memcpy(p->data, bytes, len);
	assert_int_equal(avcodec_send_packet(decoder, p), 0);
	while (!avcodec_receive_frame(decoder, f)) {
		s.n++;
		s.width = f->width;
		s.height = f->height;
		for (int y = 0; y < f->height; y++)
			for (int x = 0; x < f->width; x++)
				s.sum = (s.sum ^ f->data[0][y * f->linesize[0] + x]) * 0x01000193;
	}
	av_packet_free(&p);
	av_frame_free(&f);
	return s;
}

/* What libvpx shows of the layers of each picture up to @p spatial: of a superframe, the last. */
static void expect(unsigned spatial)
{
	static uint8_t whole[20000];
	open_decoder("libvpx-vp9");
	for (unsigned i = 0, k = 0; i < PICTURES; i++) {
		uint8_t index[16], n = 0;
		size_t len = 0;
		for (; k < n_layers && layers[k].picture == i; k++) {
			if (layers[k].spatial > spatial)
				continue;
			memcpy(whole + len, layers[k].bytes, layers[k].len);
			len += layers[k].len;
			index[1 + 2 * n] = (uint8_t)layers[k].len;
			index[2 + 2 * n++] = (uint8_t)(layers[k].len >> 8);
		}
		index[0] = index[1 + 2 * n] = (uint8_t)(0xc8 | (n - 1));
		memcpy(whole + len, index, 2 + 2u * n);
		expected[i] = decode(whole, len + 2 + 2u * n);
		expected[i].n = 1;
	}
	close_decoder();
}

/* ---- packets ---- */

static struct depack *depack;
static unsigned n_given, given[PICTURES];
static bool several_are_shown;
static uint16_t width, height;

static void on_frame(void *arg, const struct rec_frame *f)
{
	unsigned i = (unsigned)(f->ts / 3000);
	struct sight s = decode(f->data, f->len);
	(void)arg;
	if (several_are_shown)
		assert_true(s.n > 1);
	else
		assert_int_equal(s.n, 1);
	assert_int_equal(s.width, expected[i].width);
	assert_int_equal(s.height, expected[i].height);
	if (!several_are_shown)
		assert_int_equal(s.sum, expected[i].sum);
	if (f->is_keyframe) {
		width = f->width;
		height = f->height;
	}
	given[n_given++] = i;
}

static uint8_t tl0;

/* I P L F B E, picture id, TID U SID D, TL0PICIDX */
static void send_part(const struct layer *l, size_t at, size_t n, bool marker, unsigned gap)
{
	static uint16_t seq;
	uint8_t rtp[RTP_HEADER + 4 + MTU] = { 0x80, 98 };
	struct rec_packet p = { .ts = l->picture * 3000,
		.seq = seq++,
		.marker = marker,
		.rtp = rtp,
		.payload = RTP_HEADER,
		.payload_len = (uint16_t)(4 + n) };
	p.rtp_len = (uint16_t)(p.payload + p.payload_len);
	rtp[12] = (uint8_t)(0xa0 | (l->picture ? 0x40 : 0) | (at ? 0 : 8) |
			    (at + n == l->len ? 4 : 0));
	rtp[13] = (uint8_t)l->picture;
	rtp[14] = (uint8_t)(l->temporal << 5 | l->spatial << 1 | (l->spatial > 0));
	rtp[15] = tl0;
	memcpy(rtp + 16, l->bytes + at, n);
	depack_take(depack, &p, gap);
}

static void send_all(unsigned spatial, const bool lost[PICTURES])
{
	unsigned gap = 0;
	n_given = tl0 = 0;
	depack = depack_new(CARDEA_VP9, 0, on_frame, NULL);
	for (unsigned k = 0; k < n_layers; k++) {
		const struct layer *l = &layers[k];
		bool is_last = k + 1 == n_layers || layers[k + 1].picture != l->picture ||
			       layers[k + 1].spatial > spatial;
		if (!l->spatial && !l->temporal)
			tl0++;
		if (l->spatial > spatial)
			continue;
		for (size_t at = 0, n; at < l->len; at += n) {
			n = l->len - at < MTU ? l->len - at : MTU;
			if (lost[l->picture]) {
				gap++;
				continue;
			}
			send_part(l, at, n, is_last && at + n == l->len, gap);
			gap = 0;
		}
	}
	depack_flush(depack);
	depack_free(depack);
}

static const bool none_lost[PICTURES];

static void the_highest_layer_alone_is_seen(const char *name, unsigned spatial)
{
	load(name);
	expect(spatial);
	open_decoder("vp9");
	send_all(spatial, none_lost);
	close_decoder();
	assert_int_equal(n_given, PICTURES);
	assert_int_equal(width, expected[0].width);
	assert_int_equal(height, expected[0].height);
}

static void layers_become_one_picture(void **state)
{
	(void)state;
	the_highest_layer_alone_is_seen("vp9-l3t3", 2);
	assert_int_equal(width, 160);
}

static void of_key_pictures_too(void **state)
{
	(void)state;
	the_highest_layer_alone_is_seen("vp9-l3t1-key", 2);
}

static void a_layer_that_is_not_sent_is_not_missed(void **state)
{
	(void)state;
	the_highest_layer_alone_is_seen("vp9-l3t3-resilient", 1);
	assert_int_equal(width, 80);
	the_highest_layer_alone_is_seen("vp9-l3t3-resilient", 0);
	assert_int_equal(width, 40);
}

static void layers_of_one_size_can_be_decoded(void **state)
{
	(void)state;
	load("vp9-l2-one-size");
	expect(1);
	open_decoder("vp9");
	several_are_shown = true; /* to hide them would change what follows */
	send_all(1, none_lost);
	several_are_shown = false;
	close_decoder();
	assert_int_equal(n_given, PICTURES);
}

static void upper_temporal_layers_may_be_lost(void **state)
{
	bool lost[PICTURES] = { 0 };
	(void)state;
	load("vp9-l3t3-resilient");
	expect(2);
	assert_int_equal(layers[3].temporal, 2);
	open_decoder("vp9");
	lost[1] = lost[5] = true;
	send_all(2, lost);
	close_decoder();
	/* each fourth is of the base layer; what refers to others than that waits until it is told
	 * that it does not, which is not told here */
	assert_true(n_given >= 4);
	assert_int_equal(given[0], 0);
	for (unsigned i = 1; i < n_given; i++)
		assert_int_equal(given[i] % 4, 0);
}

static void the_base_layer_may_not(void **state)
{
	bool lost[PICTURES] = { 0 };
	(void)state;
	load("vp9-l3t3-resilient");
	expect(2);
	open_decoder("vp9");
	lost[8] = true;
	send_all(2, lost);
	close_decoder();
	assert_int_equal(n_given, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_become_one_picture),
		cmocka_unit_test(of_key_pictures_too),
		cmocka_unit_test(a_layer_that_is_not_sent_is_not_missed),
		cmocka_unit_test(layers_of_one_size_can_be_decoded),
		cmocka_unit_test(upper_temporal_layers_may_be_lost),
		cmocka_unit_test(the_base_layer_may_not),
	};
	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
