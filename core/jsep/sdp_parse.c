/* SPDX-License-Identifier: Apache-2.0 */
/* A peer's SDP to structs: its lines, the session's own, and what has to hold for all of them. The
 * way in of sdp.h; the m-lines are read by sdp_media.c. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bundle.h"
#include "sdp_priv.h"

struct parser {
	struct sdp_session session;
	struct sdp_transport *t;
	struct cardea_desc *d;
	unsigned capacity;          /* m-lines that d->media has room for */
	struct sdp_section section; /* section.m is set from the first m= line on */
	bool has_origin, has_name;
	char *why;
};

/* ---- the session ---- */

/* "- 4611 2 IN IP4 127.0.0.1" */
static enum err origin(struct parser *p, char *value)
{
	char copy[128];
	snprintf(copy, sizeof copy, "%s", value);
	char *user = sdp_word(&value), *id = sdp_word(&value), *version = sdp_word(&value);
	if (!user || !id || !version || !sdp_token(p->t->origin_id, sizeof p->t->origin_id, id))
		return sdp_bad(p->why, "Invalid o= line", copy);
	p->t->origin_version = strtoull(version, NULL, 10);
	p->t->firefox = strncmp(user, "mozilla", 7) == 0;
	p->has_origin = true;
	return OK;
}

static void group(struct sdp_session *s, char *value)
{
	const char *kind = sdp_word(&value);
	if (kind && strcmp(kind, "BUNDLE") == 0 && s->n_groups < SDP_GROUPS)
		s->groups[s->n_groups++] = value;
}

static void session_attr(struct parser *p, const char *name, char *value)
{
	struct sdp_session *s = &p->session;
	if (sdp_creds_attr(&p->d->lines->session, name, value) || sdp_dir(name, &s->dir))
		return;
	if (strcmp(name, "ice-lite") == 0)
		p->t->ice_lite = true;
	else if (strcmp(name, "extmap-allow-mixed") == 0)
		p->t->mixed_ext = p->d->mixed_ext = true;
	else if (strcmp(name, "group") == 0)
		group(s, value);
	else if (strcmp(name, "extmap") == 0)
		sdp_extmap(s->ext, &s->ext_recv_only, &s->ext_send_only, value);
}

/* ---- m-lines ---- */

static void end_section(struct parser *p)
{
	struct sdp_section *s = &p->section;
	if (!s->m)
		return;
	sdp_section_end(s);
	p->d->lines->line[p->d->n_media - 1] = s->line;
	s->m = NULL;
}

static enum err begin_section(struct parser *p, char *value)
{
	struct cardea_desc *d = p->d;
	end_section(p);
	if (d->n_media == CARDEA_MEDIA_MAX) {
		snprintf(p->why, SDP_WHY, "Too many m= lines (at most %d)", CARDEA_MEDIA_MAX);
		return ERR_INVALID;
	}
	if (d->n_media == p->capacity) {
		p->capacity = p->capacity ? 2 * p->capacity : 4;
		d->media = g_renew(struct cardea_media, d->media, p->capacity);
		d->lines->line = g_renew(struct sdp_line, d->lines->line, p->capacity);
	}
	struct cardea_media *m = &d->media[d->n_media];
	memset(m, 0, sizeof *m);
	memset(&d->lines->line[d->n_media], 0, sizeof *d->lines->line);
	d->n_media++; /* from now on freed with the description, even when it turns out bad */
	return sdp_section_begin(&p->section, m, &p->session, value, p->why);
}

static enum err attribute(struct parser *p, char *value)
{
	char *rest = value + strcspn(value, ":");
	if (*rest)
		*rest++ = '\0';
	if (strcmp(value, "candidate") == 0) {
		p->t->has_candidates = true;
		return OK;
	}
	if (p->section.m)
		return sdp_section_attr(&p->section, value, rest, p->why);
	session_attr(p, value, rest);
	return OK;
}

/* ---- lines ---- */

static enum err line(struct parser *p, char *text)
{
	if (text[1] != '=')
		return sdp_bad(p->why, "Invalid line (2nd char is not '=')", text);
	for (const char *c = text; *c; c++)
		if ((*c > 0 && *c < 0x20 && *c != '\t') || *c == 0x7f)
			return sdp_bad(p->why, "Invalid line (control character)", text);
	switch (text[0]) {
	case 'o':
		return p->has_origin ? OK : origin(p, text + 2);
	case 's':
		p->has_name = true;
		return OK;
	case 'm':
		return begin_section(p, text + 2);
	case 'a':
		return attribute(p, text + 2);
	default:
		return OK;
	}
}

static enum err lines(struct parser *p, char *text)
{
	enum err e = OK;
	if (strncmp(text, "v=", 2) != 0) {
		snprintf(p->why, SDP_WHY, "Invalid SDP (doesn't start with v=)");
		return ERR_INVALID;
	}
	while (*text && !e) {
		size_t len = strcspn(text, "\r\n");
		char *next = text + len + (text[len] != '\0');
		while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
			len--; /* blanks at the end are nobody's value */
		text[len] = '\0';
		if (len)
			e = line(p, text);
		text = next;
	}
	return e;
}

static bool has_mid(const struct cardea_desc *d, const char *mid)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (d->media[i].has_mid && strcmp(d->media[i].mid, mid) == 0)
			return true;
	return false;
}

/* Who has no mid is called by its index, or by a number that nobody else is called by. */
static enum err settle_mids(const struct cardea_desc *d, char *why)
{
	for (unsigned i = 0; i < d->n_media; i++) {
		struct cardea_media *m = &d->media[i];
		for (unsigned k = 0; k < i && m->has_mid; k++)
			if (d->media[k].has_mid && strcmp(m->mid, d->media[k].mid) == 0)
				return sdp_bad(why, "Two m= lines have the same mid", m->mid);
		if (m->has_mid)
			continue;
		unsigned number = i;
		do
			snprintf(m->mid, sizeof m->mid, "%u", number);
		while (has_mid(d, m->mid) && (number += d->n_media));
	}
	return OK;
}

/* What an offer of ours repeats. */
static void note_forms(const struct cardea_desc *d, struct sdp_transport *t)
{
	for (unsigned i = d->n_media; i-- > 0;) {
		const struct cardea_media *m = &d->media[i];
		if (m->rejected)
			continue;
		if (m->kind == CARDEA_AUDIO || m->kind == CARDEA_VIDEO)
			memcpy(t->profile, m->proto, sizeof t->profile);
		if (m->kind == CARDEA_DATA) {
			memcpy(t->data_proto, m->proto, sizeof t->data_proto);
			t->old_sctpmap = m->old_sctpmap;
		}
	}
}

static enum err complete(struct parser *p)
{
	enum err e;
	end_section(p);
	if (!p->has_origin || !p->has_name || !p->d->n_media) {
		snprintf(p->why, SDP_WHY, "Missing mandatory lines (o=, s= or m=)");
		return ERR_INVALID;
	}
	if ((e = settle_mids(p->d, p->why)) || (e = bundle_read(p->d, &p->session, p->t, p->why)))
		return e;
	int tag = bundle_tag(p->d);
	if (tag >= 0)
		sdp_transport_of(p->d, (unsigned)tag, p->t);
	note_forms(p->d, p->t);
	return OK;
}

enum err sdp_parse(const char *text, enum cardea_desc_type type, bool rid_low_first,
	struct cardea_desc **desc, struct sdp_transport *transport, char *why)
{
	size_t len = strnlen(text, SDP_MAX + 1);
	if (len > SDP_MAX) {
		snprintf(why, SDP_WHY, "SDP too long (at most %d bytes)", SDP_MAX);
		return ERR_INVALID;
	}
	memset(transport, 0, sizeof *transport);
	struct parser p = { .t = transport,
		.d = g_new0(struct cardea_desc, 1),
		.why = why,
		.session = { .dir = CARDEA_SENDRECV, .rid_low_first = rid_low_first } };
	char *copy = g_strndup(text, len);
	p.d->lines = g_new0(struct sdp_lines, 1);
	p.d->type = type;
	enum err e = lines(&p, copy);
	if (!e)
		e = complete(&p);
	g_free(copy);
	if (e) {
		cardea_desc_free(p.d);
		return e;
	}
	*desc = p.d;
	return OK;
}
