/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "admin.h"
#include "admin_table.h"
#include "auth.h"
#include "error.h"
#include "info.h"
#include "reply.h"

#define TABLE(noun) admin_of_##noun,
const struct admin_request *const admin_tables[] = { ADMIN_NOUNS(TABLE) NULL };
#undef TABLE

/* @return NULL: there is none of that name and level */
static const struct admin_request *look_up(const char *name, enum admin_level level)
{
	for (size_t i = 0; admin_tables[i]; i++)
		for (const struct admin_request *q = admin_tables[i]; q->name; q++)
			if (q->level == level && g_ascii_strcasecmp(q->name, name) == 0)
				return q;
	return NULL;
}

static enum admin_level level_of(const struct request *r)
{
	if (r->handle)
		return ADMIN_HANDLE;
	return r->session ? ADMIN_SESSION : ADMIN_SERVER;
}

static void run(struct request *r)
{
	const struct admin_request *q = look_up(r->name, level_of(r));
	if (!q) {
		request_fail(
			r, API_INVALID_PATH, "Unhandled request '%.100s' at this path", r->name);
		return;
	}
	const struct cardea_args a = { r->tree, q->fields };
	if (q->checks_itself || request_check(r, q->fields))
		q->fn(r, &a);
}

/* `info` and `ping` need no secret. @return whether it was one of them */
static bool open_to_all(struct request *r)
{
	if (r->session_id || r->handle_id)
		return false;
	if (g_ascii_strcasecmp(r->name, "info") == 0)
		reply_send(&r->from, info_answer(r->transaction));
	else if (g_ascii_strcasecmp(r->name, "ping") == 0)
		reply_send(&r->from, reply_new("pong", 0, r->transaction));
	else
		return false;
	return true;
}

void admin_request(struct request *r)
{
	if (!request_read(r) || open_to_all(r))
		return;
	if (!auth_admin(r->tree)) {
		request_fail(r, API_UNAUTHORIZED, UNAUTHORIZED_TEXT);
		return;
	}
	if (!r->session_id && r->handle_id) {
		request_fail(r, API_NO_SESSION, "Session not found");
		return;
	}
	if (!r->session_id || request_find(r))
		run(r);
}
