/* SPDX-License-Identifier: Apache-2.0 */
/* The simulcast layers and SSRCs of one m-line: a=rid, a=simulcast, a=ssrc, a=ssrc-group. Called by
 * sdp_media.c for each attribute, and at the end. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../rtp/ext.h"
#include "sdp_priv.h"

/* ---- the lines ---- */

/* "h send", "h send pt=96" */
static void rid(struct sdp_section *s, char *value)
{
	const char *name = sdp_word(&value), *dir = sdp_word(&value);
	if (!name || !dir || strcmp(dir, "send") != 0 || s->n_rids == SDP_RIDS)
		return;
	if (sdp_token(s->rids[s->n_rids].name, sizeof s->rids[0].name, name))
		s->n_rids++;
}

/* "send h;m;~l recv a", and of the drafts before RFC 8853 " send rid=h;m;l". Of alternatives
 * ("h,h2") the first counts. */
static void simulcast(struct sdp_section *s, char *value)
{
	char *word, *list = NULL;
	while ((word = sdp_word(&value)))
		if (strcmp(word, "send") == 0)
			list = sdp_word(&value);
	if (!list)
		return;
	s->n_order = 0;
	s->m->rids_old_form = strncmp(list, "rid=", 4) == 0;
	list += s->m->rids_old_form ? 4 : 0;
	for (char *next; *list && s->n_order < SDP_RIDS; list = next) {
		next = list + strcspn(list, ";");
		if (*next)
			*next++ = '\0';
		list[strcspn(list, ",")] = '\0';
		s->order[s->n_order].paused = *list == '~';
		if (sdp_token(s->order[s->n_order].name, sizeof s->order[0].name,
			    list + (*list == '~')))
			s->n_order++;
	}
}

static uint32_t ssrc_of(const char *word)
{
	unsigned long n = word && isdigit((unsigned char)*word) ? strtoul(word, NULL, 10) : 0;
	return n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void ssrc_group(struct sdp_section *s, char *value)
{
	const char *kind = sdp_word(&value), *word;
	if (!kind)
		return;
	if (strcmp(kind, "SIM") == 0) {
		for (s->n_sim = 0; s->n_sim < CARDEA_LAYERS && (word = sdp_word(&value));)
			if ((s->sim[s->n_sim] = ssrc_of(word)))
				s->n_sim++;
	} else if (strcmp(kind, "FID") == 0 && s->n_fid < SDP_FIDS) {
		uint32_t a = ssrc_of(sdp_word(&value)), b = ssrc_of(sdp_word(&value));
		if (!a || !b)
			return;
		s->fid[s->n_fid][0] = a;
		s->fid[s->n_fid++][1] = b;
	}
}

bool sdp_layers_attr(struct sdp_section *s, const char *name, char *value)
{
	if (strcmp(name, "ssrc") == 0)
		s->first_ssrc = s->first_ssrc ? s->first_ssrc : ssrc_of(value);
	else if (strcmp(name, "ssrc-group") == 0)
		ssrc_group(s, value);
	else if (strcmp(name, "rid") == 0)
		rid(s, value);
	else if (strcmp(name, "simulcast") == 0)
		simulcast(s, value);
	else
		return false;
	return true;
}

/* ---- what they mean together ---- */

static bool has_rid(const struct sdp_section *s, const char *name)
{
	for (unsigned i = 0; i < s->n_rids; i++)
		if (strcmp(s->rids[i].name, name) == 0)
			return true;
	return false;
}

/* Layers by rid: those of a=simulcast that have an a=rid line, in that order; without a=simulcast
 * the a=rid lines. */
static void layers_by_rid(struct sdp_section *s)
{
	struct cardea_media *m = s->m;
	unsigned from = s->n_order ? s->n_order : s->n_rids, at[CARDEA_LAYERS];
	for (unsigned i = 0; i < from && m->n_layers < CARDEA_LAYERS; i++)
		if (!s->n_order || has_rid(s, s->order[i].name))
			at[m->n_layers++] = i;
	m->rids_alone = !s->n_order;
	for (unsigned i = 0; i < m->n_layers; i++) {
		unsigned layer = m->rids_high_first ? m->n_layers - 1 - i : i;
		memcpy(m->rids[layer], s->n_order ? s->order[at[i]].name : s->rids[at[i]].name,
			sizeof m->rids[0]);
		if (s->n_order && s->order[at[i]].paused)
			m->rids_paused |= (uint8_t)(1u << layer);
	}
}

static void set_ssrcs(struct sdp_section *s)
{
	struct cardea_media *m = s->m;
	if (s->n_sim > 1) {
		memcpy(m->ssrc, s->sim, s->n_sim * sizeof *m->ssrc);
		m->n_layers = s->n_sim;
	} else {
		m->ssrc[0] = s->n_fid ? s->fid[0][0] : s->first_ssrc;
	}
	for (unsigned i = 0; i < CARDEA_LAYERS && m->ssrc[i]; i++)
		for (unsigned k = 0; k < s->n_fid; k++)
			if (s->fid[k][0] == m->ssrc[i])
				m->rtx_ssrc[i] = s->fid[k][1];
}

void sdp_layers_end(struct sdp_section *s)
{
	struct cardea_media *m = s->m;
	if (m->kind != CARDEA_AUDIO && m->kind != CARDEA_VIDEO)
		return;
	if (m->kind == CARDEA_VIDEO && s->n_rids && ext_comes(m, CARDEA_EXT_RID))
		layers_by_rid(s);
	/* With rids the SSRCs are learned from packets: their order says nothing of layers. */
	if (!m->n_layers)
		set_ssrcs(s);
}
