/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../recorder/file.h"
#include "hook.h"
#include "record_path.h"
#include "record_post.h"
#include "record_text.h"

/* Who is to hear that a file is gone. */
struct waiter {
	uint64_t number;
	void (*gone)(void *arg);
	void *arg;
	const struct cardea_plugin *of;
};
static GQueue waiters = G_QUEUE_INIT; /* in the order in which the recorder will say it */
static uint64_t last_number;

/* ---- texts ---- */

bool cardea_record_text(
	const char *dir, const char *name, const char *text, size_t len, struct cardea_error *e)
{
	struct rec_cmd c = { .type = REC_CMD_INDEX, .len = (uint32_t)len };
	char folder[REC_PATH];
	if (!record_path(dir, name, c.index.path, folder, e) ||
		!record_path_is_writable(c.index.path, name, e))
		return false;
	record_post(&c, text);
	return true;
}

bool cardea_record_index(
	const char *dir, const char *name, const json_t *json, struct cardea_error *e)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	if (!text)
		return cardea_fail(e, 0, "There is no memory for the index");
	bool is_posted = cardea_record_text(dir, name, text, strlen(text), e);
	free(text);
	return is_posted;
}

/* ---- what is to be gone ---- */

static uint64_t wait_for(void (*gone)(void *arg), void *arg)
{
	struct waiter *w = g_new(struct waiter, 1);
	*w = (struct waiter){ ++last_number, gone, arg, hook_of() };
	g_queue_push_tail(&waiters, w);
	return w->number;
}

/* At once, so that it is gone for who looks; and again behind the texts that wait for the disk, of
 * which one may bring it back. */
bool cardea_record_remove(const char *dir, const char *name, void (*gone)(void *arg), void *arg,
	struct cardea_error *e)
{
	struct rec_cmd c = { .type = REC_CMD_REMOVE };
	char folder[REC_PATH];
	if (!record_path(dir, name, c.index.path, folder, e))
		return false;
	if (rec_file_remove(c.index.path))
		return cardea_fail(e, 0, "'%.100s' cannot be removed: %s", name, g_strerror(errno));
	if (gone)
		c.recording = wait_for(gone, arg);
	record_post(&c, NULL);
	return true;
}

void record_text_removed(uint64_t number)
{
	struct waiter *w = g_queue_peek_head(&waiters);
	if (!w || w->number != number)
		return;
	g_queue_pop_head(&waiters);
	struct hook hook;
	hook_enter(&hook, w->of, "removed");
	w->gone(w->arg);
	hook_leave(&hook);
	g_free(w);
}

void record_text_forget(const struct cardea_plugin *of)
{
	for (GList *l = waiters.head, *next; l; l = next) {
		struct waiter *w = l->data;
		next = l->next;
		if (of && w->of != of)
			continue;
		g_queue_delete_link(&waiters, l);
		g_free(w);
	}
}
