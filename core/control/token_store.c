/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cardea/json.h>
#include "../base/clock.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/work.h"
#include "token_store.h"

#define VERSION   1
#define BYTES_MAX (256u << 20)
#define WHY_LEN   200
#define RETRY_US  (5 * US_PER_S) /* after a write that failed */

/* What a thread of the pool works on. */
struct save {
	char *file;
	json_t *tokens;
	int error; /* errno, 0: done */
};

static void retry(void *arg);
static struct {
	struct loop *loop;
	char *file; /* NULL: nothing is kept */
	json_t *(*snapshot)(void);
	bool is_due;       /* what the file has is not what there is */
	bool is_saving;    /* a thread is at it */
	bool has_failed;   /* the last time: the log has it */
	json_t *last_will; /* once stopped: what there was */
	struct wheel_timer again;
} store = { .again = { .fn = retry } };

/* ---- reading ---- */

/* @return NULL, or what is wrong */
static const char *take_one(
	const json_t *entry, enum err (*take)(const char *token, json_t *packages), char *why)
{
	static const struct cardea_field fields[] = {
		{ "token", CARDEA_STR, .required = true },
		{ "allowed_plugins", CARDEA_STRS, .required = true },
		{ 0 },
	};
	static const struct cardea_codes codes = { 0 };
	struct cardea_error e;
	json_t *packages = json_object_get(entry, "allowed_plugins"), *package;
	size_t i;
	if (!json_is_object(entry))
		return "a token is not an object";
	if (!cardea_check(entry, fields, &codes, &e)) {
		snprintf(why, WHY_LEN, "%.*s", WHY_LEN - 1, e.reason);
		return why;
	}
	json_array_foreach(packages, i, package) {
		const char *name = json_string_value(package);
		if (!g_str_has_prefix(name, "janus.plugin.") || strlen(name) > 79)
			return "an allowed plugin is not named like janus.plugin.echotest";
	}
	switch (take(json_string_value(json_object_get(entry, "token")), packages)) {
	case OK:
		return NULL;
	case ERR_EXISTS:
		return "a token is there twice";
	case ERR_FULL:
		return "there are more than general.max_tokens";
	default:
		return "a token is empty or too long";
	}
}

static const char *take_all(
	const json_t *root, enum err (*take)(const char *token, json_t *packages), char *why)
{
	const json_t *tokens = json_object_get(root, "tokens");
	const char *wrong = NULL;
	size_t i;
	json_t *entry;
	if (json_integer_value(json_object_get(root, "version")) != VERSION)
		return "it is not of version 1";
	if (!json_is_array(tokens))
		return "it has no array of tokens";
	json_array_foreach(tokens, i, entry)
		if ((wrong = take_one(entry, take, why)))
			break;
	return wrong;
}

static const char *read_file(
	const char *file, enum err (*take)(const char *token, json_t *packages), char *why)
{
	char *text = NULL;
	const char *wrong = why;
	size_t len = 0;
	enum err e = file_read(file, BYTES_MAX, &text, &len);
	if (e == ERR_NOT_FOUND)
		return NULL;
	if (e == ERR_IO)
		return strerror(errno);
	if (e)
		return e == ERR_FULL ? "it is too long" : "it is not a file";
	const char *at = text;
	json_t *root = json_read(&at, &len, why);
	if (root)
		wrong = len ? "something stands behind its end" : take_all(root, take, why);
	json_decref(root);
	free(text);
	return wrong;
}

static void look_at_mode(const char *file)
{
	struct stat st;
	if (!stat(file, &st) && st.st_mode & 077)
		log_warn("tokens", 0, "others may read the file", "file=%s mode=%03o", file,
			(unsigned)st.st_mode & 0777);
}

bool token_store_start(struct loop *loop, const char *file,
	enum err (*take)(const char *token, json_t *packages), json_t *(*snapshot)(void))
{
	char why[WHY_LEN];
	const char *wrong = read_file(file, take, why);
	if (wrong) {
		log_error("tokens", 0, "the file is broken: left as it is, and tokens are not kept",
			"file=%s because=%s", file, LOG_QUOTED(wrong));
		return false;
	}
	look_at_mode(file);
	store.loop = loop;
	store.file = g_strdup(file);
	store.snapshot = snapshot;
	store.is_due = store.is_saving = store.has_failed = false;
	return true;
}

/* ---- writing ---- */

static struct save *save_new(json_t *tokens)
{
	struct save *s = g_new0(struct save, 1);
	s->file = g_strdup(store.file);
	s->tokens = tokens;
	return s;
}

static void save_free(struct save *s)
{
	json_decref(s->tokens);
	g_free(s->file);
	g_free(s);
}

/* On a thread of the pool: it has its own references, and nobody changes what they refer to. */
static void run(void *arg)
{
	struct save *s = arg;
	size_t len;
	json_t *root = json_pack("{s:i, s:O}", "version", VERSION, "tokens", s->tokens);
	char *text = json_write(root, JSON_STYLE_PLAIN, &len);
	errno = ENOMEM;
	s->error = text && file_replace(s->file, text, len) == OK ? 0 : errno;
	free(text);
	json_decref(root);
	json_decref(s->tokens); /* here: there may be very many */
	s->tokens = NULL;
}

static void note_result(const struct save *s)
{
	if (s->error && !store.has_failed)
		log_error("tokens", 0, "cannot be kept", "file=%s because=%s", s->file,
			LOG_QUOTED(strerror(s->error)));
	else if (!s->error && store.has_failed)
		log_info("tokens", 0, "kept again", "file=%s", s->file);
	store.has_failed = s->error != 0;
}

static void end(void)
{
	g_clear_pointer(&store.file, g_free);
	json_decref(store.last_will);
	store.last_will = NULL;
}

static void save_now(json_t *tokens)
{
	struct save *s = save_new(tokens);
	run(s);
	note_result(s);
	save_free(s);
}

static void begin(void);

static void done(void *arg, bool cancelled)
{
	struct save *s = arg;
	store.is_saving = false;
	if (!cancelled)
		note_result(s);
	store.is_due |= cancelled || s->error;
	if (store.last_will) { /* stopped meanwhile */
		if (store.is_due)
			save_now(json_incref(store.last_will));
		end();
	} else if (store.is_due && !s->error) {
		begin();
	} else if (store.is_due) {
		wheel_set(loop_wheel(store.loop), &store.again, loop_now(store.loop) + RETRY_US);
	}
	save_free(s);
}

static void begin(void)
{
	struct save *s = save_new(store.snapshot());
	if (work_run(run, done, s) == OK) {
		store.is_saving = true;
		store.is_due = false;
		return;
	}
	save_free(s);
	wheel_set(loop_wheel(store.loop), &store.again, loop_now(store.loop) + RETRY_US);
}

static void retry(void *arg)
{
	(void)arg;
	if (store.is_due && !store.is_saving)
		begin();
}

void token_store_changed(void)
{
	if (!store.file)
		return;
	store.is_due = true;
	/* In the next turn: all changes of a request go together. */
	if (!store.is_saving && !wheel_armed(&store.again))
		wheel_set(loop_wheel(store.loop), &store.again, loop_now(store.loop));
}

void token_store_stop(void)
{
	if (!store.file)
		return;
	wheel_cancel(loop_wheel(store.loop), &store.again);
	if (store.is_saving) {
		store.last_will = store.snapshot(); /* done() sees to it */
		return;
	}
	if (store.is_due)
		save_now(store.snapshot());
	end();
}
