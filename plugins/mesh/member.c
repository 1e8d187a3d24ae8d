/* SPDX-License-Identifier: Apache-2.0 */
#include "member.h"

json_t *member_event(const json_t *message)
{
	json_t *data = json_pack("{s:s}", "mesh", "event");
	json_object_update(data, (json_t *)message);
	return data;
}

void member_tell(struct member *m, json_t *message)
{
	if (cardea_is_direct(m->handle)) {
		cardea_direct_send(m->handle, message);
		return;
	}
	cardea_event(m->handle, m->transaction, member_event(message), NULL);
	json_decref(message);
}

void member_tell_error(struct member *m, const struct cardea_error *e)
{
	cardea_direct_send(m->handle, json_pack("{s:s, s:i, s:s}", "type", "error", "code", e->code,
					      "reason", e->reason));
}

json_t *member_error(const struct cardea_error *e)
{
	return json_pack(
		"{s:s, s:i, s:s}", "mesh", "event", "error_code", e->code, "error", e->reason);
}

void member_join_done(struct member *m, const struct cardea_error *e)
{
	if (e && cardea_is_direct(m->handle))
		member_tell_error(m, e);
	else if (e)
		cardea_event(m->handle, m->transaction, member_error(e), NULL);
	g_clear_pointer(&m->transaction, g_free);
}
