/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "layers.h"
#include "schema.h"
#include "wanted.h"

bool wanted_too_many(struct cardea_error *e)
{
	return cardea_fail(e, E_INVALID, "Invalid value (a subscription has %d streams at most)",
		CARDEA_MEDIA_MAX);
}

bool wanted_add(
	GArray *out, struct room *r, const struct cardea_args *entry, struct cardea_error *e)
{
	struct ident id = { 0 };
	const char *mid = cardea_str(entry, "mid");
	ident_set(&id, cardea_json(entry, "feed"));
	struct publisher *p = g_hash_table_lookup(r->publishers, id.text);
	int at = p && p->publishing && mid ? publisher_find_mid(p, mid) : -1;
	bool ok = true;
	if (!p || !p->publishing)
		ok = cardea_fail(e, E_NO_SUCH_FEED, "No such feed (%s)", id.text);
	else if (mid && at < 0)
		ok = cardea_fail(e, E_NO_SUCH_FEED, "No such mid '%s' in feed (%s)", mid, id.text);
	ok = ok && layers_fit(entry, e);
	ident_clear(&id);
	for (unsigned i = 0; ok && i < p->n_streams; i++)
		if ((!mid || (int)i == at) && !p->streams[i].disabled) {
			struct wanted w = { p, i, *entry };
			ok = out->len < CARDEA_MEDIA_MAX || wanted_too_many(e);
			g_array_append_val(out, w);
		}
	return ok;
}

bool wanted_list(GArray *out, struct room *r, const json_t *list, struct cardea_error *e)
{
	const json_t *row;
	size_t i;
	json_array_foreach(list, i, row) {
		struct cardea_args entry = { row, stream_fields };
		if (!wanted_add(out, r, &entry, e))
			return false;
	}
	return true;
}

bool wanted_has_e2ee(const GArray *wanted, bool e2ee, struct cardea_error *e)
{
	for (unsigned i = 0; i < wanted->len; i++)
		if (g_array_index(wanted, struct wanted, i).feed->e2ee != e2ee)
			return cardea_fail(e, E_INVALID_FEED,
				"Can't mix end-to-end encrypted and other feeds in a subscription");
	return true;
}
