/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/work.h"
#include "error.h"
#include "reply.h"
#include "reply_long.h"
#include "text.h"

/* What a thread of the pool works on. */
struct far_answer {
	struct cardea_origin to;
	uint64_t session_id;
	json_t *msg;
	enum json_style style;
	struct cardea_text *text; /* NULL: not printed (yet) */
};

static bool is_open;

void reply_long_start(void)
{
	is_open = true;
}

void reply_long_stop(void)
{
	is_open = false;
}

/* It only reads: see kept.c on references of two threads. */
static void print(void *arg)
{
	struct far_answer *f = arg;
	f->text = text_print(f->msg, f->style);
}

static void done(void *arg, bool cancelled)
{
	struct far_answer *f = arg;
	const char *transaction = json_string_value(json_object_get(f->msg, "transaction"));
	if (!is_open || cancelled)
		cardea_text_drop(f->text);
	else if (f->text)
		f->to.transport->send(f->to.client, f->to.request, f->session_id, f->text);
	else
		reply_send(&f->to, reply_error(f->session_id, transaction, API_UNKNOWN,
					   "The answer cannot be written as JSON"));
	json_decref(f->msg);
	g_free(f);
}

void reply_long(const struct cardea_origin *to, json_t *msg)
{
	struct far_answer *f = g_new0(struct far_answer, 1);
	f->to = *to;
	f->msg = msg;
	f->session_id = (uint64_t)json_integer_value(json_object_get(msg, "session_id"));
	if (to->transport->style)
		f->style = (enum json_style)to->transport->style();
	if (work_run(print, done, f) == OK)
		return;
	reply_send(to, msg); /* the pool has too much to do */
	g_free(f);
}
