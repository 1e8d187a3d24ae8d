/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../../core/base/clock.h"
#include "wav.h"

#define HEAD    44
#define BLOCK   4096
#define LATE_US 40000 /* a gap, and not the jitter of what came */

static const struct {
	enum cardea_codec_id codec;
	uint16_t tag;    /* WAVE_FORMAT_… */
	uint32_t hz;     /* of samples */
	uint8_t bits;    /* of one */
	uint8_t silence; /* a byte of it */
	bool is_swapped; /* most significant byte first in RTP */
} forms[] = {
	{ CARDEA_PCMU, 7, 8000, 8, 0xff, false },
	{ CARDEA_PCMA, 6, 8000, 8, 0xd5, false },
	{ CARDEA_G722, 0x28f, 16000, 4, 0xfa, false },
	{ CARDEA_L16, 1, 16000, 16, 0, true },
	{ CARDEA_L16_48, 1, 48000, 16, 0, true },
};

struct wav {
	struct rec_file *file;
	unsigned form, channels;
	uint64_t bytes; /* of sound */
};

static int find_form(enum cardea_codec_id codec)
{
	for (int i = 0; i < (int)(sizeof forms / sizeof *forms); i++)
		if (forms[i].codec == codec)
			return i;
	return -1;
}

bool wav_holds(enum cardea_codec_id codec)
{
	return find_form(codec) >= 0;
}

static void le(uint8_t *out, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t bytes_per_s(const struct wav *w)
{
	return (uint64_t)forms[w->form].hz * forms[w->form].bits / 8 * w->channels;
}

static unsigned align(const struct wav *w)
{
	unsigned bytes = forms[w->form].bits * w->channels / 8;
	return bytes ? bytes : 1;
}

/* Lengths are of 32 bits: a longer file says that it is as long as it can say. */
static enum err write_head(struct wav *w)
{
	uint8_t h[HEAD] = "RIFF    WAVEfmt ";
	uint64_t n = w->bytes < UINT32_MAX - HEAD ? w->bytes : UINT32_MAX - HEAD;
	le(h + 4, 4, n + HEAD - 8);
	le(h + 16, 4, 16);
	le(h + 20, 2, forms[w->form].tag);
	le(h + 22, 2, w->channels);
	le(h + 24, 4, forms[w->form].hz);
	le(h + 28, 4, bytes_per_s(w));
	le(h + 32, 2, align(w));
	le(h + 34, 2, forms[w->form].bits);
	memcpy(h + 36, "data", 4);
	le(h + 40, 4, n);
	return rec_file_write(w->file, h, sizeof h);
}

struct wav *wav_new(struct rec_file *file, enum cardea_codec_id codec, unsigned channels)
{
	struct wav *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->file = file;
	w->form = (unsigned)find_form(codec);
	w->channels = channels ? channels : 1;
	if (!write_head(w))
		return w;
	free(w);
	return NULL;
}

static enum err write_silence(struct wav *w, uint64_t bytes)
{
	uint8_t block[BLOCK];
	enum err e = OK;
	memset(block, forms[w->form].silence, sizeof block);
	w->bytes += bytes;
	while (bytes && !e) {
		size_t n = bytes < sizeof block ? (size_t)bytes : sizeof block;
		e = rec_file_write(w->file, block, n);
		bytes -= n;
	}
	return e;
}

static enum err write_swapped(struct wav *w, const uint8_t *bytes, size_t len)
{
	uint8_t block[BLOCK];
	enum err e = OK;
	while (len && !e) {
		size_t n = len < sizeof block ? len : sizeof block;
		for (size_t i = 0; i < n; i += 2) {
			block[i] = bytes[i + 1];
			block[i + 1] = bytes[i];
		}
		e = rec_file_write(w->file, block, n);
		bytes += n;
		len -= n;
	}
	return e;
}

enum err wav_write(struct wav *w, const struct rec_frame *f, int64_t us)
{
	int64_t at_us = (int64_t)(w->bytes * US_PER_S / bytes_per_s(w));
	size_t len = f->len - f->len % align(w);
	enum err e = OK;
	if (us - at_us > LATE_US) {
		uint64_t gap = (uint64_t)(us - at_us) * bytes_per_s(w) / US_PER_S;
		e = write_silence(w, gap - gap % align(w));
	}
	if (e)
		return e;
	w->bytes += len;
	return forms[w->form].is_swapped ? write_swapped(w, f->data, len)
					 : rec_file_write(w->file, f->data, len);
}

enum err wav_end(struct wav *w)
{
	enum err e = rec_file_seek(w->file, 0);
	if (!e)
		e = write_head(w);
	free(w);
	return e;
}
