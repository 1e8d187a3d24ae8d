/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/log.h"
#include "error.h"
#include "remote.h"

const struct cardea_field remote_fields[] = {
	{ "type", CARDEA_STR, .required = true, .note = "offer or answer, in any case" },
	{ "sdp", CARDEA_STR, .required = true, .note = "the description itself (RFC 8866)" },
	{ "trickle", CARDEA_BOOL, .dflt = 1,
		.note = "candidates come by `trickle`; false: they are all in the description" },
	{ "rid_order", CARDEA_STR, .dflt_str = "hml",
		.note = "order of the simulcast layers in the description: hml (the highest first) "
			"or lmh" },
	{ "force_relay", CARDEA_BOOL, .note = "accepted, no effect" },
	{ "e2ee", CARDEA_BOOL, .note = "its media is encrypted from end to end" },
	{ "svc", CARDEA_ANY,
		.note = "array of {\"mindex\" or \"mid\", \"svc\": scalability mode}: of the "
			"lines that are SVC on one SSRC" },
	{ 0 },
};
static const struct cardea_codes codes = { .missing = API_MISSING_ELEMENT,
	.invalid = API_INVALID_ELEMENT };

/* "Missing mandatory element (sdp)" becomes "JSEP error: missing mandatory element (sdp)". */
static struct remote *reworded(struct cardea_error *e)
{
	char reason[sizeof e->reason];
	snprintf(reason, sizeof reason, "%s", e->reason);
	reason[0] = (char)tolower((unsigned char)reason[0]);
	cardea_fail(e, e->code, "JSEP error: %s", reason);
	return NULL;
}

/* A mindex, or a mid that the description has; -1: neither. */
static int find_line(const struct cardea_desc *d, const json_t *entry)
{
	const json_t *mindex = json_object_get(entry, "mindex");
	const char *mid = json_string_value(json_object_get(entry, "mid"));
	if (json_is_integer(mindex)) {
		json_int_t i = json_integer_value(mindex);
		return i >= 0 && i < (json_int_t)d->n_media ? (int)i : -1;
	}
	for (unsigned i = 0; mid && i < d->n_media; i++)
		if (d->media[i].has_mid && strcmp(d->media[i].mid, mid) == 0)
			return (int)i;
	return -1;
}

static void apply_svc(struct cardea_desc *d, const json_t *svc, uint64_t handle_id)
{
	size_t i;
	json_t *entry;
	bool bad = svc && !json_is_array(svc);
	json_array_foreach(svc, i, entry) {
		const char *mode = json_string_value(json_object_get(entry, "svc"));
		int line = i < CARDEA_MEDIA_MAX ? find_line(d, entry) : -1;
		if (!mode || line < 0 || strlen(mode) >= sizeof d->media[line].scalability) {
			bad = true;
			continue;
		}
		d->media[line].svc = true;
		memcpy(d->media[line].scalability, mode, strlen(mode) + 1);
	}
	if (bad)
		log_warn("handle", handle_id, "malformed svc in jsep ignored", "");
}

static void clear(gpointer mem)
{
	struct remote *r = mem;
	cardea_desc_free(r->desc);
	g_free(r->sdp);
}

static bool parse(struct remote *r, const struct cardea_args *a, enum cardea_desc_type type,
	uint64_t handle_id, struct cardea_error *e)
{
	char why[160] = "Invalid SDP";
	const char *sdp = cardea_str(a, "sdp"), *order = cardea_str(a, "rid_order");
	bool low_first = strcmp(order, "lmh") == 0;
	if (!low_first && strcmp(order, "hml") != 0)
		log_warn(
			"handle", handle_id, "rid_order is neither hml nor lmh: taken for hml", "");
	if (sdp_parse(sdp, type, low_first, &r->desc, &r->transport, why))
		return cardea_fail(e, API_JSEP_SDP, "%s", why);
	r->sdp = g_strdup(sdp);
	return true;
}

struct remote *remote_read(const json_t *jsep, uint64_t handle_id, struct cardea_error *e)
{
	struct cardea_args a = { jsep, remote_fields };
	if (!json_is_object(jsep)) {
		cardea_fail(e, API_INVALID_OBJECT, "Invalid jsep object");
		return NULL;
	}
	if (!cardea_check(jsep, remote_fields, &codes, e))
		return reworded(e);
	const char *word = cardea_str(&a, "type");
	bool offer = g_ascii_strcasecmp(word, "offer") == 0;
	if (!offer && g_ascii_strcasecmp(word, "answer") != 0) {
		cardea_fail(e, API_JSEP_TYPE, "JSEP error: unknown message type '%.100s'", word);
		return NULL;
	}
	struct remote *r = g_rc_box_new0(struct remote);
	if (!parse(r, &a, offer ? CARDEA_OFFER : CARDEA_ANSWER, handle_id, e)) {
		remote_drop(r);
		return NULL;
	}
	r->trickles = cardea_bool(&a, "trickle");
	r->desc->e2ee = cardea_bool(&a, "e2ee");
	apply_svc(r->desc, json_object_get(jsep, "svc"), handle_id);
	return r;
}

struct remote *remote_ref(struct remote *r)
{
	return g_rc_box_acquire(r);
}

void remote_drop(struct remote *r)
{
	if (r)
		g_rc_box_release_full(r, clear);
}
