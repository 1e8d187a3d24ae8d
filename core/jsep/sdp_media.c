/* SPDX-License-Identifier: Apache-2.0 */
/* One m-line with its attributes: codecs, extensions, direction, mid. Called by sdp_parse.c, line
 * by line; layers and transport are read by files of their own. */
#include <ctype.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "codec.h"
#include "../rtp/ext.h"
#include "sdp_priv.h"

/* ---- the m= line ---- */

/* Digits only, at most @p max; -1: something else. */
static long number(const char *s, long max)
{
	char *end;
	if (!isdigit((unsigned char)*s) || strlen(s) > 9)
		return -1;
	long n = strtol(s, &end, 10);
	return *end || n > max ? -1 : n;
}

static enum cardea_kind kind_of(const char *type, const char *proto)
{
	bool rtp = strstr(proto, "RTP/") != NULL, sctp = strstr(proto, "SCTP") != NULL;
	if (strcmp(type, "audio") == 0 && rtp)
		return CARDEA_AUDIO;
	if (strcmp(type, "video") == 0 && rtp)
		return CARDEA_VIDEO;
	return strcmp(type, "application") == 0 && sctp ? CARDEA_DATA : CARDEA_OTHER;
}

static void add_codec(struct sdp_section *s, uint8_t pt)
{
	struct cardea_media *m = s->m;
	if (s->slot[pt] || m->n_codecs == SDP_CODECS)
		return;
	struct cardea_codec *c = &m->codecs[m->n_codecs++];
	memset(c, 0, sizeof *c);
	c->pt = pt;
	c->channels = 1;
	if (m->kind == CARDEA_AUDIO)
		codec_static(pt, c);
	s->slot[pt] = (uint8_t)m->n_codecs;
}

/* Room for as many as the line can name, without one allocation per payload type. */
static void room_for_codecs(struct cardea_media *m, const char *formats)
{
	unsigned n = 1;
	for (const char *p = formats; *p && n < SDP_CODECS; p++)
		n += *p == ' ' || *p == '\t';
	m->codecs = g_new(struct cardea_codec, n);
}

/* There is no default, and 0 means that no association is wanted (RFC 8841, section 5.1). */
static void sctp_port(struct sdp_section *s, const char *value)
{
	long port = number(value, UINT16_MAX);
	s->line.sctp_port = port > 0 ? (uint16_t)port : 0;
}

/* What is beyond any message of ours is as good as no limit. */
static void sctp_max(struct sdp_section *s, const char *value)
{
	long bytes = number(value, UINT32_MAX);
	s->line.sctp_max = bytes < 0 ? 0 : (uint32_t)bytes;
}

/* "webrtc-datachannel", or as before RFC 8841 the port itself; anything else is no data channel. */
static void data_format(struct sdp_section *s, const char *word)
{
	s->m->old_sctpmap = isdigit((unsigned char)*word);
	if (s->m->old_sctpmap)
		sctp_port(s, word);
	else if (strcasecmp(word, "webrtc-datachannel") != 0)
		s->m->kind = CARDEA_OTHER;
}

static bool add_formats(struct sdp_section *s, char *formats)
{
	char *word;
	bool is_rtp = s->m->kind == CARDEA_AUDIO || s->m->kind == CARDEA_VIDEO;
	bool first = true;
	if (is_rtp)
		room_for_codecs(s->m, formats);
	while ((word = sdp_word(&formats))) {
		long pt = number(word, 127);
		if (strcmp(word, "*") == 0 || (is_rtp && pt < 0))
			return false;
		if (is_rtp)
			add_codec(s, (uint8_t)pt);
		else if (s->m->kind == CARDEA_DATA && first)
			data_format(s, word);
		first = false;
	}
	return true;
}

enum err sdp_section_begin(struct sdp_section *s, struct cardea_media *m,
	const struct sdp_session *session, char *value, char *why)
{
	char line[128];
	snprintf(line, sizeof line, "m=%s", value);
	memset(s, 0, sizeof *s);
	s->m = m;
	s->line.sctp_max = SCTP_MAX_DEFAULT;
	m->dir = session->dir;
	m->rids_high_first = !session->rid_low_first;
	memcpy(m->ext, session->ext, sizeof m->ext);
	m->ext_recv_only = session->ext_recv_only;
	m->ext_send_only = session->ext_send_only;
	char *type = sdp_word(&value), *port = sdp_word(&value), *proto = sdp_word(&value);
	if (!type || !port || !proto || !sdp_token(m->type, sizeof m->type, type) ||
		!sdp_token(m->proto, sizeof m->proto, proto))
		return sdp_bad(why, "Invalid m= line", line);
	port[strcspn(port, "/")] = '\0'; /* "9/2": two ports, of which we use one */
	long n = number(port, 65535);
	if (n < 0)
		return sdp_bad(why, "Invalid m= line", line);
	if (!value[strspn(value, " \t")])
		return sdp_bad(why, "Invalid m= line (no payload types/formats)", line);
	s->line.port_zero = n == 0;
	m->kind = kind_of(type, proto);
	return add_formats(s, value) ? OK : sdp_bad(why, "Invalid m= line", line);
}

/* ---- codecs ---- */

/* The codec of "96 …"; *rest is what follows. NULL: not a payload type of the m-line. */
static struct cardea_codec *codec_of(struct sdp_section *s, const char *value, const char **rest)
{
	char *end;
	unsigned long pt = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 128;
	if (pt > 127 || !s->slot[pt])
		return NULL;
	*rest = end + strspn(end, " \t");
	return &s->m->codecs[s->slot[pt] - 1];
}

/* "96 VP8/90000", "111 opus/48000/2" */
static void rtpmap(struct sdp_section *s, const char *value)
{
	const char *text;
	char words[64];
	struct cardea_codec *c = codec_of(s, value, &text);
	if (!c || !sdp_token(words, sizeof words, text))
		return;
	char *clock = strchr(words, '/');
	if (!clock || clock - words >= (ptrdiff_t)sizeof c->name)
		return;
	*clock++ = '\0';
	char *channels = strchr(clock, '/');
	if (channels)
		*channels++ = '\0';
	long hz = number(clock, 1000000), n = channels ? number(channels, 255) : 1;
	if (hz <= 0 || n <= 0)
		return;
	c->id = codec_match(s->m->kind, words, (uint32_t)hz);
	for (unsigned i = 0; i <= strlen(words); i++)
		c->name[i] = (char)tolower((unsigned char)words[i]);
	c->clock_hz = (uint32_t)hz;
	c->channels = (uint8_t)n;
}

/* Whole parameters, as many as fit. */
static void copy_fmtp(char *out, size_t size, const char *params)
{
	size_t len = strlen(params);
	for (size_t i = 0; i < len; i++)
		if (params[i] < 0x20 || params[i] > 0x7e)
			return;
	while (len >= size) {
		do
			len--;
		while (len && params[len] != ';');
	}
	memcpy(out, params, len);
	out[len] = '\0';
}

static void fmtp(struct sdp_section *s, const char *value)
{
	const char *params;
	char apt[8];
	struct cardea_codec *c = codec_of(s, value, &params);
	if (!c || c->fmtp[0])
		return;
	copy_fmtp(c->fmtp, sizeof c->fmtp, params);
	long pt = cardea_fmtp_get(c->fmtp, "apt", apt, sizeof apt) ? number(apt, 127) : -1;
	if (pt >= 0)
		s->apt[c - s->m->codecs] = (uint8_t)(pt + 1);
}

static void rtcp_fb(struct sdp_section *s, const char *value)
{
	static const struct {
		const char *text;
		uint32_t bit;
	} known[] = {
		{ "nack", CARDEA_FB_NACK },
		{ "nack pli", CARDEA_FB_PLI },
		{ "ccm fir", CARDEA_FB_FIR },
		{ "goog-remb", CARDEA_FB_REMB },
		{ "transport-cc", CARDEA_FB_TWCC },
	};
	const char *text = value + 1;
	struct cardea_codec *c = NULL;
	if (*value == '*')
		text += strspn(text, " \t");
	else if (!(c = codec_of(s, value, &text)))
		return;
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(text, known[i].text) == 0)
			*(c ? &c->feedback : &s->feedback_all) |= known[i].bit;
}

/* ---- header extensions ---- */

static void set_bit(uint16_t *mask, enum cardea_ext x, bool on)
{
	*mask = (uint16_t)(on ? *mask | 1u << x : *mask & ~(1u << x));
}

/* "3 urn:…", "3/recvonly urn:… attributes" */
void sdp_extmap(uint8_t *ext, uint16_t *recv_only, uint16_t *send_only, const char *value)
{
	char *end, uri[128], way[16] = "";
	enum cardea_dir dir = CARDEA_SENDRECV;
	unsigned long id = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;
	if (id < 1 || id > 14) /* of the one-byte form */
		return;
	size_t len = strcspn(end, " \t");
	if (len > 1 && *end == '/' && len <= sizeof way)
		memcpy(way, end + 1, len - 1);
	if (len && (!sdp_dir(way, &dir) || !dir))
		return;
	end += len;
	end += strspn(end, " \t");
	if (!sdp_token(uri, sizeof uri, end))
		return;
	enum cardea_ext x = ext_find(uri);
	if (x == CARDEA_N_EXT)
		return;
	for (unsigned i = 0; i < CARDEA_N_EXT; i++)
		if (ext[i] == id && i != x)
			return; /* taken */
	ext[x] = (uint8_t)id;
	set_bit(recv_only, x, dir == CARDEA_RECV);
	set_bit(send_only, x, dir == CARDEA_SEND);
}

/* ---- attributes ---- */

/* "<stream> <track>" */
static void msid(struct cardea_media *m, char *value)
{
	const char *stream = sdp_word(&value), *track = sdp_word(&value);
	if (stream)
		sdp_token(m->stream, sizeof m->stream, stream);
	if (track)
		sdp_token(m->track, sizeof m->track, track);
}

static enum err mid(struct cardea_media *m, const char *value, char *why)
{
	if (!*value)
		return OK;
	if (strlen(value) > CARDEA_MID_MAX)
		return sdp_bad(why, "Invalid mid (more than 16 characters)", value);
	if (!sdp_token(m->mid, sizeof m->mid, value) || strlen(m->mid) != strlen(value))
		return sdp_bad(why, "Invalid mid", value);
	m->has_mid = true;
	return OK;
}

enum err sdp_section_attr(struct sdp_section *s, const char *name, char *value, char *why)
{
	if (sdp_creds_attr(&s->line.creds, name, value) || sdp_dir(name, &s->m->dir) ||
		sdp_layers_attr(s, name, value))
		return OK;
	if (strcmp(name, "mid") == 0)
		return mid(s->m, value, why);
	if (strcmp(name, "rtpmap") == 0)
		rtpmap(s, value);
	else if (strcmp(name, "fmtp") == 0)
		fmtp(s, value);
	else if (strcmp(name, "rtcp-fb") == 0)
		rtcp_fb(s, value);
	else if (strcmp(name, "extmap") == 0)
		sdp_extmap(s->m->ext, &s->m->ext_recv_only, &s->m->ext_send_only, value);
	else if (strcmp(name, "msid") == 0)
		msid(s->m, value);
	else if (strcmp(name, "bundle-only") == 0)
		s->line.bundle_only = true;
	else if (strcmp(name, "rtcp-mux") == 0)
		s->m->rtcp_mux = true;
	else if (strcmp(name, "rtcp-rsize") == 0)
		s->m->rtcp_rsize = true;
	else if (strcmp(name, "extmap-allow-mixed") == 0)
		s->m->mixed_ext = true;
	else if (strcmp(name, "sctp-port") == 0 && !s->m->old_sctpmap)
		sctp_port(s, value);
	else if (strcmp(name, "max-message-size") == 0)
		sctp_max(s, value);
	return OK;
}

/* ---- the end of an m-line ---- */

/* The codec that redundant audio of "111/111" carries; NULL: several, or one that is not there. */
static struct cardea_codec *red_carries(struct sdp_section *s, const struct cardea_codec *red)
{
	unsigned slot = 0;
	const char *p = red->fmtp;
	do {
		char *end;
		unsigned long pt = isdigit((unsigned char)*p) ? strtoul(p, &end, 10) : 128;
		if (pt > 127 || !s->slot[pt] || (slot && slot != s->slot[pt]))
			return NULL;
		slot = s->slot[pt];
		p = end;
	} while (*p++ == '/');
	struct cardea_codec *c = &s->m->codecs[slot - 1];
	bool fits = !p[-1] && c->id && c->clock_hz == red->clock_hz && c->channels == red->channels;
	return fits ? c : NULL;
}

static bool fold_red(struct sdp_section *s, const struct cardea_codec *red)
{
	struct cardea_codec *c = NULL;
	if (s->m->kind == CARDEA_AUDIO && strcmp(red->name, "red") == 0)
		c = red_carries(s, red);
	if (c && !c->red_pt) {
		c->red_pt = red->pt;
		s->m->red_first = red < c;
	}
	return c != NULL;
}

/* RTX goes into what it repairs, redundant audio into what it carries; what we never use of video
 * goes away, with what is unnamed. */
static void fold_codecs(struct sdp_section *s)
{
	static const char *const dropped[] = { "rtx", "red", "ulpfec", "flexfec-03", "flexfec" };
	struct cardea_media *m = s->m;
	unsigned kept = 0;
	for (unsigned i = 0; i < m->n_codecs; i++) {
		unsigned repaired = s->apt[i] && strcmp(m->codecs[i].name, "rtx") == 0
					    ? s->slot[s->apt[i] - 1]
					    : 0;
		if (repaired && !m->codecs[repaired - 1].rtx_pt)
			m->codecs[repaired - 1].rtx_pt = m->codecs[i].pt;
		if (fold_red(s, &m->codecs[i]))
			m->codecs[i].name[0] = '\0';
	}
	for (unsigned i = 0; i < m->n_codecs; i++) {
		struct cardea_codec *c = &m->codecs[i];
		bool drop = !c->name[0] || strcmp(c->name, "rtx") == 0;
		for (unsigned k = 0;
			m->kind == CARDEA_VIDEO && k < sizeof dropped / sizeof *dropped; k++)
			drop = drop || strcmp(c->name, dropped[k]) == 0;
		if (drop)
			continue;
		c->feedback |= s->feedback_all;
		m->codecs[kept++] = *c;
	}
	m->n_codecs = kept;
}

void sdp_section_end(struct sdp_section *s)
{
	fold_codecs(s);
	sdp_layers_end(s);
}
