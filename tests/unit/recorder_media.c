/* SPDX-License-Identifier: Apache-2.0 */
/* Real frames, made packets by libavformat (AV1: by what is below), through a bad network, reorder
 * and depack: what comes out is what the encoder made, and decodes as if nothing were missing. */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/recorder/depack.h"
#include "../../core/recorder/nals.h"
#include "../../core/recorder/reorder.h"
#include "../../core/rtp/rtp.h"
#include "media_maker.h"

#define MTU     1200
#define SECONDS 3 /* of pictures; each begins with a keyframe */
#define TICKS   (90000 / MADE_FPS)
#define WIDTH   320

static const enum cardea_codec_id pictures[] = { CARDEA_VP8, CARDEA_VP9, CARDEA_H264, CARDEA_H265,
	CARDEA_AV1 };
static const enum AVCodecID av_ids[CARDEA_N_CODECS] = { [CARDEA_VP8] = AV_CODEC_ID_VP8,
	[CARDEA_VP9] = AV_CODEC_ID_VP9,
	[CARDEA_H264] = AV_CODEC_ID_H264,
	[CARDEA_H265] = AV_CODEC_ID_HEVC,
	[CARDEA_AV1] = AV_CODEC_ID_AV1,
	[CARDEA_OPUS] = AV_CODEC_ID_OPUS,
	[CARDEA_G722] = AV_CODEC_ID_ADPCM_G722,
	[CARDEA_PCMU] = AV_CODEC_ID_PCM_MULAW };

/* ---- packets ---- */

struct packet {
	uint8_t rtp[MTU + 100];
	size_t len;
};
static struct packet packets[4000];
static unsigned n_packets;

static int on_packet(void *opaque, uint8_t *rtp, int len)
{
	(void)opaque;
	if (len < RTP_HEADER || rtp_is_rtcp(rtp))
		return len;
	assert_true(n_packets < sizeof packets / sizeof packets[0] && len <= MTU);
	memcpy(packets[n_packets].rtp, rtp, packets[n_packets].len = (size_t)len);
	n_packets++;
	return len;
}

static void packetize_by_libav(enum cardea_codec_id codec, unsigned n_frames, const struct made *of,
	unsigned n, int ticks, int hz)
{
	AVFormatContext *oc;
	AVStream *st;
	AVPacket *p = av_packet_alloc();
	assert_true(avformat_alloc_output_context2(&oc, NULL, "rtp", NULL) >= 0);
	oc->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
	oc->pb = avio_alloc_context(av_malloc(MTU), MTU, 1, NULL, NULL, on_packet, NULL);
	oc->pb->max_packet_size = MTU;
	oc->packet_size = MTU;
	st = avformat_new_stream(oc, NULL);
	st->time_base = (AVRational){ 1, hz };
	st->codecpar->codec_id = av_ids[codec];
	st->codecpar->codec_type =
		cardea_codec_kind(codec) == CARDEA_VIDEO ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
	st->codecpar->width = WIDTH;
	st->codecpar->height = WIDTH * 3 / 4;
	st->codecpar->sample_rate = codec == CARDEA_G722 ? 16000 : hz;
	av_channel_layout_default(&st->codecpar->ch_layout, codec == CARDEA_OPUS ? 2 : 1);
	assert_true(avformat_write_header(oc, NULL) >= 0);
	for (unsigned i = 0; i < n_frames; i++) {
		struct rec_frame f = media_frame(of, n, i);
		assert_int_equal(av_new_packet(p, (int)f.len), 0);
		memcpy(p->data, f.data, f.len);
		p->pts = p->dts = av_rescale(i * (int64_t)ticks, st->time_base.den, hz);
		p->flags = f.is_keyframe ? AV_PKT_FLAG_KEY : 0;
		assert_true(av_write_frame(oc, p) >= 0);
		av_packet_unref(p);
	}
	av_write_trailer(oc);
	av_packet_free(&p);
	av_freep(&oc->pb->buffer);
	avio_context_free(&oc->pb);
	avformat_free_context(oc);
}

static uint32_t dice;
static unsigned below(unsigned n)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % n;
}

/* OBUs without their sizes, as many as fit into a packet, cut where they do not. */
struct av1_packet {
	uint8_t payload[MTU];
	size_t len, last_len_at; /* where the length of the last element is */
	unsigned n_elements;
	uint8_t agg;
};

static void av1_send(struct av1_packet *a, uint32_t ts, bool marker)
{
	struct packet *p = &packets[n_packets];
	a->payload[0] = a->agg;
	if (a->n_elements <= 3 && below(2)) { /* with W, the last has no length */
		a->payload[0] |= (uint8_t)(a->n_elements << 4);
		a->len -= 2;
		memmove(a->payload + a->last_len_at, a->payload + a->last_len_at + 2,
			a->len - a->last_len_at);
	}
	p->rtp[0] = 0x80;
	p->rtp[1] = (uint8_t)(marker << 7 | 96);
	wr16(p->rtp + 2, (uint16_t)n_packets);
	wr32(p->rtp + 4, ts);
	memcpy(p->rtp + RTP_HEADER, a->payload, a->len);
	p->len = RTP_HEADER + a->len;
	n_packets++;
	assert_true(n_packets < sizeof packets / sizeof packets[0]);
	*a = (struct av1_packet){ .len = 1 };
}

static void av1_put(struct av1_packet *a, const uint8_t *obu, size_t len, uint32_t ts)
{
	for (size_t at = 0; at < len || !len;) {
		size_t n = len - at;
		if (a->len + 2 + 1 > MTU - 200)
			av1_send(a, ts, false);
		if (n > MTU - 200 - a->len - 2)
			n = MTU - 200 - a->len - 2;
		if (at)
			a->agg |= a->n_elements ? 0 : 0x80;
		a->last_len_at = a->len;
		a->payload[a->len++] = (uint8_t)(n | 0x80);
		a->payload[a->len++] = (uint8_t)(n >> 7);
		memcpy(a->payload + a->len, obu + at, n);
		a->len += n;
		a->n_elements++;
		at += n;
		if (at < len) {
			a->agg |= 0x40;
			av1_send(a, ts, false);
		}
	}
}

static void packetize_av1(unsigned n_frames, const struct made *of, unsigned n)
{
	for (unsigned i = 0; i < n_frames; i++) {
		struct rec_frame f = media_frame(of, n, i);
		struct av1_packet a = { .len = 1, .agg = f.is_keyframe ? 0x08 : 0 };
		static uint8_t obu[200000];
		if (below(2))
			av1_put(&a, (const uint8_t *)"\x10", 1, i * TICKS); /* a delimiter */
		for (size_t at = 0; at < f.len;) {
			size_t header = f.data[at] & 4 ? 2 : 1, size = 0;
			memcpy(obu, f.data + at, header);
			obu[0] &= (uint8_t)~2;
			at += header;
			for (unsigned shift = 0;; shift += 7) {
				size |= (size_t)(f.data[at] & 0x7f) << shift;
				if (!(f.data[at++] & 0x80))
					break;
			}
			memcpy(obu + header, f.data + at, size);
			at += size;
			av1_put(&a, obu, header + size, i * TICKS);
		}
		av1_send(&a, i * TICKS, true);
	}
}

/* ---- what comes out ---- */

struct given {
	uint8_t *data;
	size_t len;
	unsigned i; /* which frame it was */
	bool is_keyframe;
	uint16_t width, height;
};
static struct given given[400];
static unsigned n_given;
static uint32_t ts0;
static int frame_ticks;
static struct depack *depack;

static void on_frame(void *arg, const struct rec_frame *f)
{
	struct given *g = &given[n_given++];
	(void)arg;
	assert_true(n_given < sizeof given / sizeof given[0]);
	*g = (struct given){ malloc(f->len), f->len, (unsigned)((f->ts - ts0) / frame_ticks),
		f->is_keyframe, f->width, f->height };
	memcpy(g->data, f->data, f->len);
}

static void on_ordered(void *arg, const struct rec_packet *p, unsigned gap)
{
	(void)arg;
	depack_take(depack, p, gap);
}

static void forget(void)
{
	while (n_given)
		free(given[--n_given].data);
}

static struct reorder *reorder;
static void arrive(unsigned i)
{
	struct packet *k = &packets[i];
	uint8_t *exact = malloc(k->len); /* what is read beyond is seen */
	size_t header = rtp_header_len(k->rtp, k->len);
	struct rec_packet p = { .at_us = 1000 * i,
		.ts = rd32(k->rtp + 4),
		.seq = rd16(k->rtp + 2),
		.marker = k->rtp[1] & 0x80,
		.rtp = exact,
		.rtp_len = (uint16_t)k->len,
		.payload = (uint16_t)header,
		.payload_len = (uint16_t)(k->len - header) };
	memcpy(exact, k->rtp, k->len);
	reorder_take(reorder, &p);
	free(exact);
}

static void begin(enum cardea_codec_id codec)
{
	forget();
	ts0 = rd32(packets[0].rtp + 4);
	reorder = reorder_new(on_ordered, NULL);
	depack = depack_new(codec, 0, on_frame, NULL);
}

static void end(void)
{
	reorder_flush(reorder);
	depack_flush(depack);
	reorder_free(reorder);
	depack_free(depack);
}

static unsigned made_packets(enum cardea_codec_id codec, const struct made **of)
{
	unsigned n = media_make(codec, WIDTH, of);
	if (!n)
		skip(); /* no encoder here */
	n_packets = 0;
	dice = 5;
	frame_ticks = TICKS;
	if (codec == CARDEA_AV1)
		packetize_av1(SECONDS * n, *of, n);
	else
		packetize_by_libav(codec, SECONDS * n, *of, n, TICKS, 90000);
	assert_true(n_packets > SECONDS * n);
	return n;
}

/* Byte for byte; H.264 and H.265 unit for unit, for start codes have several lengths. */
static void assert_same(
	enum cardea_codec_id codec, const struct given *g, const struct rec_frame *f)
{
	const uint8_t *a, *b;
	size_t at_a = 0, at_b = 0, len;
	if (codec != CARDEA_H264 && codec != CARDEA_H265) {
		assert_int_equal(g->len, f->len);
		assert_memory_equal(g->data, f->data, f->len);
		return;
	}
	assert_int_equal(rd32(g->data), 1);
	while ((len = nals_next(f->data, f->len, &at_a, &a))) {
		assert_int_equal(nals_next(g->data, g->len, &at_b, &b), len);
		assert_memory_equal(a, b, len);
	}
	assert_int_equal(nals_next(g->data, g->len, &at_b, &b), 0);
}

static void assert_all_given(enum cardea_codec_id codec, const struct made *of, unsigned n)
{
	assert_int_equal(n_given, SECONDS * n);
	for (unsigned i = 0; i < n_given; i++) {
		struct rec_frame f = media_frame(of, n, i);
		assert_int_equal(given[i].i, i);
		assert_int_equal(given[i].is_keyframe, f.is_keyframe);
		assert_int_equal(given[i].width, f.is_keyframe ? WIDTH : 0);
		assert_int_equal(given[i].height, f.is_keyframe ? WIDTH * 3 / 4 : 0);
		assert_same(codec, &given[i], &f);
	}
}

/* ---- a decoder ---- */

static AVCodecContext *decoder;
static uint32_t shown[400]; /* of frame i, a sum of its samples' */

static uint32_t sum_of(const AVFrame *f)
{
	uint32_t h = 0x811c9dc5;
	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			h = (h ^ f->data[0][y * f->linesize[0] + x]) * 0x01000193;
	return h;
}

/* Decode what was given. @param keep remember what is to be seen, else compare with that */
static void decode(enum cardea_codec_id codec, bool keep)
{
	AVPacket *p = av_packet_alloc();
	AVFrame *f = av_frame_alloc();
	const AVCodec *c = codec == CARDEA_AV1 ? avcodec_find_decoder_by_name("libdav1d")
					       : avcodec_find_decoder(av_ids[codec]);
	unsigned seen = 0;
	decoder = avcodec_alloc_context3(c);
	decoder->thread_count = 1;
	decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
	decoder->err_recognition = AV_EF_EXPLODE;
	assert_int_equal(avcodec_open2(decoder, c, NULL), 0);
	for (unsigned i = 0; i <= n_given; i++) {
		if (i < n_given) {
			assert_int_equal(av_new_packet(p, (int)given[i].len), 0);
			memcpy(p->data, given[i].data, given[i].len);
			p->pts = given[i].i;
		}
		assert_int_equal(avcodec_send_packet(decoder, i < n_given ? p : NULL), 0);
		av_packet_unref(p);
		while (!avcodec_receive_frame(decoder, f)) {
			uint32_t *sum = &shown[f->pts];
			assert_int_equal(f->decode_error_flags, 0);
			if (keep)
				*sum = sum_of(f);
			assert_int_equal(sum_of(f), *sum);
			seen++;
		}
	}
	assert_int_equal(seen, n_given);
	avcodec_free_context(&decoder);
	av_packet_free(&p);
	av_frame_free(&f);
}

/* ---- tests ---- */

static enum cardea_codec_id codec_of(void **state)
{
	return *(const enum cardea_codec_id *)*state;
}

static void all_arrives(void **state)
{
	const struct made *of;
	enum cardea_codec_id codec = codec_of(state);
	unsigned n = made_packets(codec, &of);
	begin(codec);
	for (unsigned i = 0; i < n_packets; i++)
		arrive(i);
	end();
	assert_all_given(codec, of, n);
	decode(codec, true);
}

static void all_arrives_late_and_twice(void **state)
{
	const struct made *of;
	enum cardea_codec_id codec = codec_of(state);
	unsigned n = made_packets(codec, &of), order[4000];
	for (unsigned i = 0; i < n_packets; i++)
		order[i] = i;
	for (unsigned i = 1; i + 40 < n_packets; i++) {
		unsigned other = i + below(40), was = order[i];
		order[i] = order[other];
		order[other] = was;
	}
	begin(codec);
	for (unsigned i = 0; i < n_packets; i++) {
		arrive(order[i]);
		if (!below(5))
			arrive(order[below(i + 1)]);
	}
	end();
	assert_all_given(codec, of, n);
}

/* In the first second packet after packet is lost, each time another one. */
static void what_is_given_can_be_decoded(void **state)
{
	const struct made *of;
	enum cardea_codec_id codec = codec_of(state);
	unsigned n = made_packets(codec, &of), till = n_packets / SECONDS;
	begin(codec);
	for (unsigned i = 0; i < n_packets; i++)
		arrive(i);
	end();
	decode(codec, true);
	for (unsigned lost = 0; lost < till; lost += 1 + till / 40) {
		begin(codec);
		for (unsigned i = 0; i < n_packets; i++)
			if (i != lost)
				arrive(i);
		end();
		assert_true(n_given >= (SECONDS - 1) * n && n_given < SECONDS * n);
		for (unsigned i = 0; i < n_given; i++) {
			struct rec_frame f = media_frame(of, n, given[i].i);
			assert_same(codec, &given[i], &f);
		}
		decode(codec, false);
	}
}

static void a_tenth_is_lost(void **state)
{
	const struct made *of;
	enum cardea_codec_id codec = codec_of(state);
	unsigned n = made_packets(codec, &of);
	begin(codec);
	for (unsigned i = 0; i < n_packets; i++)
		arrive(i);
	end();
	decode(codec, true);
	for (unsigned round = 0; round < 20; round++) {
		begin(codec);
		for (unsigned i = 0; i < n_packets; i++)
			if (below(10))
				arrive(i);
		end();
		assert_true(n_given < SECONDS * n);
		if (n_given)
			decode(codec, false);
	}
}

static void a_head_is_what_decoders_want(void **state)
{
	const struct made *of;
	enum cardea_codec_id codec = codec_of(state);
	uint8_t head[500];
	size_t len;
	made_packets(codec, &of);
	begin(codec);
	for (unsigned i = 0; i < n_packets; i++)
		arrive(i);
	end();
	len = depack_head(codec, given[0].data, given[0].len, head, sizeof head);
	if (codec == CARDEA_VP8 || codec == CARDEA_VP9) {
		assert_int_equal(len, 0);
		return;
	}
	assert_true(len > 0);
	assert_memory_equal(head, given[0].data, codec == CARDEA_AV1 ? len : 6);
	assert_int_equal(depack_head(codec, given[0].data, given[0].len, head, len - 1), 0);
	assert_int_equal(depack_head(codec, given[1].data, given[1].len, head, sizeof head), 0);
}

static void sound_arrives(void **state)
{
	static const struct {
		enum cardea_codec_id codec;
		int ticks, hz;
	} sounds[] = { { CARDEA_OPUS, 960, 48000 }, { CARDEA_G722, 160, 8000 },
		{ CARDEA_PCMU, 160, 8000 } };
	(void)state;
	for (unsigned s = 0; s < 3; s++) {
		const struct made *of;
		unsigned n = media_make(sounds[s].codec, 0, &of);
		n_packets = 0;
		frame_ticks = sounds[s].ticks;
		packetize_by_libav(sounds[s].codec, n, of, n, sounds[s].ticks, sounds[s].hz);
		begin(sounds[s].codec);
		for (unsigned i = 0; i < n_packets; i++)
			arrive(i);
		end();
		assert_true(n && n_given == n);
		for (unsigned i = 0; i < n; i++) {
			struct rec_frame f = media_frame(of, n, i);
			assert_int_equal(given[i].i, i);
			assert_same(sounds[s].codec, &given[i], &f);
		}
	}
}

#define EACH(f) \
	cmocka_unit_test_prestate(f, (void *)&pictures[0]), \
		cmocka_unit_test_prestate(f, (void *)&pictures[1]), \
		cmocka_unit_test_prestate(f, (void *)&pictures[2]), \
		cmocka_unit_test_prestate(f, (void *)&pictures[3]), \
		cmocka_unit_test_prestate(f, (void *)&pictures[4])
int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(all_arrives),
		EACH(all_arrives_late_and_twice),
		EACH(what_is_given_can_be_decoded),
		EACH(a_tenth_is_lost),
		EACH(a_head_is_what_decoders_want),
		cmocka_unit_test(sound_arrives),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	forget();
	media_unmake();
	return failed;
}
