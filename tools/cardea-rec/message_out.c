/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../../core/recorder/messages.h"
#include "message_out.h"
#include "output.h"

static const char *const endings[] = { ".jsonl", ".vtt" };

struct message_out {
	char *base, *name; /* name: of what is written; another than base where it takes a place */
	struct messages *messages;
};

static char *base_of(const char *path)
{
	char *base = output_resolve(path), *dot = base ? strrchr(base, '.') : NULL;
	if (dot && !strchr(dot, '/'))
		*dot = 0;
	return base;
}

static void free_out(struct message_out *m)
{
	g_free(m->base);
	g_free(m->name);
	g_free(m);
}

struct message_out *message_out_open(const char *path, bool over, char *why, size_t size)
{
	struct message_out *m = g_new0(struct message_out, 1);
	m->base = base_of(path);
	if (m->base) {
		m->name = g_strconcat(m->base, over ? ".new" : "", NULL);
		m->messages = messages_new(&rec_disk_real, NULL, m->name);
	}
	if (m->messages)
		return m;
	snprintf(why, size, "%s cannot be written: %s", path, strerror(errno));
	free_out(m);
	return NULL;
}

enum err message_out_write(struct message_out *m, const uint8_t *bytes, size_t len, bool is_binary,
	int64_t us, int64_t unix_us)
{
	return messages_write(m->messages, NULL, bytes, len, is_binary, us, unix_us);
}

/* What is there of a name, in the place of another's or, @p to NULL, away. */
static bool move(const char *from, const char *from_ending, const char *to, const char *ending)
{
	g_autofree char *old = g_strconcat(from, ending, from_ending, NULL);
	g_autofree char *new = to ? g_strconcat(to, ending, NULL) : NULL;
	return (new ? rename(old, new) : unlink(old)) == 0 || errno == ENOENT;
}

bool message_out_end(struct message_out *m, bool keep, char *why, size_t size)
{
	const char *error = messages_error(m->messages);
	bool good = keep && !error;
	if (keep && error)
		snprintf(why, size, "%s", error);
	if (messages_end(m->messages, good) && good) {
		snprintf(why, size, "%s cannot be written: %s", m->base, strerror(errno));
		good = false;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(endings); i++) {
		if (good && strcmp(m->name, m->base) != 0)
			good = move(m->name, "", m->base, endings[i]);
		if (!good)
			move(m->name, ".part", NULL, endings[i]);
	}
	free_out(m);
	return good;
}
