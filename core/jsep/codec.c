/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "codec.h"

enum cardea_codec_id codec_match(enum cardea_kind kind, const char *encoding, uint32_t clock_hz)
{
	const struct codec_info *c;
	for (int id = 1; (c = codec_info(id)); id++)
		if (c->kind == kind && c->clock_hz == clock_hz &&
			strcasecmp(c->encoding, encoding) == 0)
			return id;
	return CARDEA_CODEC_NONE;
}

bool codec_static(uint8_t pt, struct cardea_codec *codec)
{
	static const enum cardea_codec_id known[] = { CARDEA_PCMU, CARDEA_PCMA, CARDEA_G722 };
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
		const struct codec_info *c = codec_info(known[i]);
		if (c->pt != pt)
			continue;
		codec->id = known[i];
		snprintf(codec->name, sizeof codec->name, "%s", c->name);
		codec->clock_hz = c->clock_hz;
		codec->channels = c->channels;
		return true;
	}
	return false;
}

/* ---- payload types of our offers ---- */

static bool same_codec(const struct cardea_codec *a, const struct cardea_codec *b)
{
	return a->id == b->id && strcmp(a->fmtp, b->fmtp) == 0;
}

static void mark_used(const struct cardea_desc *d, bool *used)
{
	for (unsigned i = 0; i < d->n_media; i++)
		for (unsigned k = 0; k < d->media[i].n_codecs; k++) {
			used[d->media[i].codecs[k].pt] = true;
			used[d->media[i].codecs[k].rtx_pt] = true;
			used[d->media[i].codecs[k].red_pt] = true;
		}
}

/* The dynamic range from its end, where the canonical numbers are few; then what RFC 5761 leaves
 * free below it. */
static uint8_t free_pt(bool *used, uint8_t wanted)
{
	uint8_t pt = wanted;
	for (int i = 127; used[pt] && i >= 96; i--)
		pt = used[i] ? pt : (uint8_t)i;
	for (int i = 63; used[pt] && i >= 35; i--)
		pt = used[i] ? pt : (uint8_t)i;
	if (used[pt])
		return wanted;
	used[pt] = true;
	return pt;
}

void codec_number(const struct cardea_desc *d, struct cardea_codec *c)
{
	const struct codec_info *info = codec_info(c->id);
	bool used[256] = { false }, with_red = c->red_pt, found = false;
	c->red_pt = 0;
	for (unsigned i = 0; i < d->n_media; i++)
		for (unsigned k = 0; k < d->media[i].n_codecs; k++) {
			const struct cardea_codec *other = &d->media[i].codecs[k];
			if (!same_codec(other, c))
				continue;
			found = true;
			c->pt = other->pt;
			c->rtx_pt = other->rtx_pt;
			if (with_red && other->red_pt)
				c->red_pt = other->red_pt;
		}
	mark_used(d, used);
	/* rtx_pt and red_pt 0 mean none; and PCMU has no parameters, so it is never here twice */
	used[0] = false;
	if (!found) {
		c->pt = free_pt(used, info->pt);
		c->rtx_pt = info->rtx_pt ? free_pt(used, info->rtx_pt) : 0;
	}
	if (with_red && !c->red_pt)
		c->red_pt = free_pt(used, info->red_pt);
}

/* ---- choosing ---- */

bool cardea_fmtp_get(const char *fmtp, const char *name, char *out, size_t size)
{
	size_t want = strlen(name);
	for (const char *p = fmtp; p && *p;) {
		p += strspn(p, "; \t");
		size_t len = strcspn(p, ";"), key = strcspn(p, "=;");
		while (key && (p[key - 1] == ' ' || p[key - 1] == '\t'))
			key--;
		const char *value = memchr(p, '=', len);
		if (value && key == want && strncasecmp(p, name, want) == 0) {
			const char *end = p + len;
			for (value++; value < end && (*value == ' ' || *value == '\t'); value++)
				;
			while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
				end--;
			snprintf(out, size, "%.*s", (int)(end - value), value);
			return true;
		}
		p += len;
	}
	return false;
}

/* 2: the very profile, 1: the same but for the level, 0: another. An absent parameter means the
 * default of its RFC. */
static int profile_fits(const struct cardea_codec *c, const char *profile)
{
	char value[32];
	if (c->id == CARDEA_H264) {
		if (!cardea_fmtp_get(c->fmtp, "profile-level-id", value, sizeof value))
			strcpy(value, "420010");
		return strcasecmp(value, profile) == 0 ? 2 : strncasecmp(value, profile, 4) == 0;
	}
	if (!cardea_fmtp_get(
		    c->fmtp, c->id == CARDEA_AV1 ? "profile" : "profile-id", value, sizeof value))
		strcpy(value, "0");
	return strcmp(value, profile) == 0 ? 2 : 0;
}

int cardea_pick(const struct cardea_media *m, enum cardea_codec_id id, const char *profile)
{
	int best = -1, best_fit = -1;
	if (id == CARDEA_CODEC_NONE)
		return -1;
	for (unsigned i = 0; i < m->n_codecs; i++) {
		if (m->codecs[i].id != id)
			continue;
		int fit = profile && *profile ? profile_fits(&m->codecs[i], profile) : 0;
		if (fit > best_fit) {
			best = (int)i;
			best_fit = fit;
		}
	}
	return best;
}

int cardea_pick_first(const struct cardea_media *m)
{
	for (unsigned i = 0; i < m->n_codecs; i++)
		if (m->codecs[i].id != CARDEA_CODEC_NONE)
			return (int)i;
	return -1;
}

static bool is_on(const char *fmtp, const char *name)
{
	char value[8];
	return cardea_fmtp_get(fmtp, name, value, sizeof value) && strcmp(value, "1") == 0;
}

void cardea_opus_fmtp(char *out, size_t size, const char *offered, bool fec, bool dtx)
{
	const struct {
		const char *name;
		bool allowed;
	} params[] = {
		{ "useinbandfec", fec },
		{ "usedtx", dtx },
		{ "stereo", true },
		{ "sprop-stereo", true },
	};
	size_t at = 0;
	if (size)
		*out = '\0';
	for (unsigned i = 0; i < sizeof params / sizeof *params; i++) {
		if (!params[i].allowed || !is_on(offered, params[i].name))
			continue;
		int n = snprintf(out + at, size - at, "%s%s=1", at ? ";" : "", params[i].name);
		if ((size_t)n >= size - at) { /* no half parameters */
			out[at] = '\0';
			return;
		}
		at += (size_t)n;
	}
}
