/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "bundle.h"
#include "sdp_priv.h"

static bool is_rtp(const struct cardea_media *m)
{
	return m->kind == CARDEA_AUDIO || m->kind == CARDEA_VIDEO;
}

static bool is_live(const struct cardea_media *m)
{
	return !m->rejected && m->kind != CARDEA_OTHER;
}

static void reject(struct cardea_media *m)
{
	m->rejected = true;
	m->dir = CARDEA_INACTIVE;
}

/* ---- what a description means ---- */

bool bundle_shares(const struct cardea_desc *d, unsigned i, unsigned k)
{
	return i == k || (d->media[i].group && d->media[i].group == d->media[k].group);
}

/* Of the transport of @p mindex. */
static int tag_of(const struct cardea_desc *d, unsigned mindex)
{
	int tag = -1;
	for (unsigned i = 0; i < d->n_media; i++)
		if (is_live(&d->media[i]) && bundle_shares(d, i, mindex) &&
			(tag < 0 || d->media[i].group_place < d->media[tag].group_place))
			tag = (int)i;
	return tag;
}

int bundle_tag(const struct cardea_desc *d)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (is_live(&d->media[i]))
			return tag_of(d, i);
	return -1;
}

void bundle_keep(struct cardea_desc *d, unsigned mindex)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (!bundle_shares(d, i, mindex))
			reject(&d->media[i]);
}

/* ---- a peer's description ---- */

static struct cardea_media *by_mid(struct cardea_desc *d, const char *mid)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (d->media[i].has_mid && strcmp(d->media[i].mid, mid) == 0)
			return &d->media[i];
	return NULL;
}

/* Mids that are not there are passed over; one in two groups is of the first. What has port 0 has
 * no address, so that it speaks for the group only when nobody else does. */
static void number_groups(struct cardea_desc *d, const struct sdp_session *s)
{
	for (unsigned g = 0; g < s->n_groups; g++) {
		char *rest = s->groups[g];
		const char *word;
		for (unsigned n = 0; n < CARDEA_MEDIA_MAX && (word = sdp_word(&rest)); n++) {
			struct cardea_media *m = by_mid(d, word);
			if (!m || m->group)
				continue;
			bool zero = d->lines->line[m - d->media].port_zero;
			m->group = (uint16_t)(g + 1);
			m->group_place = (uint16_t)(n + (zero ? CARDEA_MEDIA_MAX : 0));
		}
	}
}

static bool says_ice(const struct sdp_creds *c)
{
	return c->ufrag[0] != '\0';
}

/* RTP and RTCP share the one transport (RFC 8834, section 4.5), which the m-line has to offer.
 * Where all of transport is left to the tagged m-line (RFC 9143, section 7.1.3), so is a=rtcp-mux:
 * to one that comes before it in the group. */
static bool muxes(const struct cardea_desc *d, unsigned mindex)
{
	const struct cardea_media *m = &d->media[mindex];
	const struct sdp_line *l = &d->lines->line[mindex];
	bool says_nothing = l->port_zero || d->type == CARDEA_ANSWER ||
			    !(says_ice(&l->creds) || says_ice(&d->lines->session));
	if (!is_rtp(m) || m->rtcp_mux)
		return true;
	for (unsigned i = 0; says_nothing && m->group && i < d->n_media; i++)
		if (is_live(&d->media[i]) && is_rtp(&d->media[i]) && d->media[i].rtcp_mux &&
			d->media[i].group_place < m->group_place && !d->lines->line[i].port_zero &&
			bundle_shares(d, i, mindex))
			return true;
	return false;
}

/* Is there an address in its group? */
static bool has_address(const struct cardea_desc *d, unsigned mindex)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (!d->lines->line[i].port_zero && is_live(&d->media[i]) &&
			bundle_shares(d, i, mindex))
			return true;
	return false;
}

/* Port 0 is an m-line that was stopped or turned down, and stays so (RFC 3264, section 6); but with
 * a=bundle-only one that is offered to share what others of its group are on (RFC 9143, section 6).
 */
static void settle_ports(struct cardea_desc *d)
{
	for (unsigned i = 0; i < d->n_media; i++)
		if (d->lines->line[i].port_zero ||
			(d->media[i].kind == CARDEA_DATA && !d->lines->line[i].sctp_port))
			d->media[i].rejected = true;
	for (unsigned i = 0; i < d->n_media; i++) {
		const struct sdp_line *l = &d->lines->line[i];
		bool offered = l->port_zero && l->bundle_only && d->type == CARDEA_OFFER &&
			       (d->media[i].kind != CARDEA_DATA || l->sctp_port);
		if (offered && has_address(d, i))
			d->media[i].rejected = false;
	}
}

static bool has_creds(const struct cardea_desc *d, unsigned i)
{
	const struct sdp_creds *c = &d->lines->line[i].creds, *s = &d->lines->session;
	return (c->ufrag[0] || s->ufrag[0]) && (c->pwd[0] || s->pwd[0]) &&
	       (c->fingerprints.n || s->fingerprints.n);
}

/* Who has what a transport needs: the m-line itself, or another of its group. -1: nobody */
static int creds_from(const struct cardea_desc *d, unsigned mindex)
{
	int best = -1;
	if (has_creds(d, mindex))
		return (int)mindex;
	for (unsigned i = 0; i < d->n_media; i++)
		if (has_creds(d, i) && bundle_shares(d, i, mindex) &&
			(best < 0 || d->media[i].group_place < d->media[best].group_place))
			best = (int)i;
	return best;
}

/* Any of them may be the one that counts, so none can be left out. */
static bool has_too_many(const struct cardea_desc *d)
{
	bool is_over = d->lines->session.fingerprints.is_over;
	for (unsigned i = 0; i < d->n_media; i++)
		is_over = is_over || d->lines->line[i].creds.fingerprints.is_over;
	return is_over;
}

/* What cannot be carried counts as rejected, so that nobody accepts it. */
enum err bundle_read(
	struct cardea_desc *d, const struct sdp_session *s, struct sdp_transport *t, char *why)
{
	bool silent[CARDEA_MEDIA_MAX] = { false };
	if (has_too_many(d)) {
		snprintf(why, SDP_WHY, "Too many a=fingerprint lines");
		return ERR_INVALID;
	}
	number_groups(d, s);
	settle_ports(d);
	int tag = bundle_tag(d);
	if (tag >= 0 && creds_from(d, (unsigned)tag) < 0) {
		snprintf(why, SDP_WHY, "Error processing SDP");
		return ERR_INVALID;
	}
	for (unsigned i = 0; i < d->n_media; i++)
		silent[i] = !muxes(d, i);
	for (unsigned i = 0; i < d->n_media; i++)
		d->media[i].rejected = d->media[i].rejected || silent[i];
	t->lacks_mux = tag >= 0 && bundle_tag(d) < 0;
	for (unsigned i = 0; i < d->n_media; i++)
		if (d->media[i].rejected || (is_live(&d->media[i]) && creds_from(d, i) < 0))
			reject(&d->media[i]);
	return OK;
}

void sdp_transport_of(const struct cardea_desc *d, unsigned mindex, struct sdp_transport *t)
{
	int from = creds_from(d, mindex);
	sdp_creds_merge(
		t, &d->lines->line[from < 0 ? (int)mindex : from].creds, &d->lines->session);
	for (unsigned i = 0; i < d->n_media; i++) {
		if (d->media[i].kind != CARDEA_DATA || !is_live(&d->media[i]) ||
			!bundle_shares(d, i, mindex))
			continue;
		t->sctp_port = d->lines->line[i].sctp_port;
		t->sctp_max = d->lines->line[i].sctp_max;
		break;
	}
}
