/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What stands in the folder. A .nfo file is read again only when its time of change is another. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "library.h"

/* Anybody may ask for the folder to be read, and the server stands still meanwhile: one that takes
 * long is not read for so many times as long after. */
#define CHEAP_US 2000
#define REST     20

struct shelved {
	struct entry e; /* e.id 0: the file is no recording */
	char *file;     /* its .nfo */
	struct timespec changed;
	uint64_t twin;   /* the number that another had when it was read; 0: none */
	bool is_hidden;  /* it is being made */
	GPtrArray *urls; /* of its media files; NULL: they have not been offered yet */
	bool is_seen;    /* while the folder is listed */
};

static const char *folder;
static int folder_fd = -1;
static GHashTable *by_file; /* owns them */
static GHashTable *by_id;
/* Names of .nfo files that are removed: until the recorder has said so, one that was to be written
 * may come back for a moment. */
static GSList *going;
static char *texts[2]; /* printed; NULL: to be printed again */
static int64_t rests_until_us;
static uint64_t late_timer; /* 0: none */

static void forget_texts(void)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		g_clear_pointer(&texts[i], free);
}

static void shelved_free(void *arg)
{
	struct shelved *s = arg;
	if (s->e.id && g_hash_table_lookup(by_id, &s->e.id) == s)
		g_hash_table_remove(by_id, &s->e.id);
	if (s->urls)
		g_ptr_array_unref(s->urls);
	g_free(s->file);
	g_free(s);
	forget_texts();
}

static void withdraw(void *url)
{
	cardea_file_withdraw(url);
	g_free(url);
}

static void offer_files(struct shelved *s)
{
	s->urls = g_ptr_array_new_with_free_func(withdraw);
	for (unsigned i = 0; i < s->e.n_media; i++) {
		char path[2048], url[CARDEA_FILE_URL];
		snprintf(path, sizeof path, "%s/%s", folder, s->e.media[i]);
		cardea_file_offer(path, url);
		g_ptr_array_add(s->urls, g_strdup(url));
	}
}

const char *library_folder(void)
{
	return folder;
}

json_t *library_reason(const char *reason)
{
	g_autofree char *prefix = g_strdup_printf("%s/", folder);
	g_auto(GStrv) parts = g_strsplit(reason, prefix, -1);
	g_autofree char *told = g_strjoinv(NULL, parts);
	return cardea_json_text(told);
}

/* It is made with the first recording. @return false: errno */
static bool open_folder(void)
{
	if (folder_fd < 0)
		folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder_fd >= 0;
}

const char *library_start(const char *path)
{
	static char why[1200];
	if (!path || !*path)
		return "there is no folder for recordings (general.path, or state_dir in "
		       "cardea.jcfg)";
	folder = path;
	if (!open_folder() && errno != ENOENT) {
		snprintf(why, sizeof why, "the folder %.1000s cannot be used: %s", path,
			g_strerror(errno));
		return why;
	}
	by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	by_file = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, shelved_free);
	library_update();
	return NULL;
}

void library_stop(void)
{
	g_clear_pointer(&by_file, g_hash_table_unref);
	g_clear_pointer(&by_id, g_hash_table_unref);
	g_slist_free_full(g_steal_pointer(&going), g_free);
	forget_texts();
	cardea_timer_stop(late_timer);
	late_timer = 0;
	rests_until_us = 0;
	if (folder_fd >= 0)
		close(folder_fd);
	folder_fd = -1;
}

/* ---- reading the folder ---- */

/* One byte more than there may be, so that what is too long is seen to be. */
static ssize_t read_text(const char *file, char out[NFO_MAX + 1])
{
	int fd = openat(folder_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, out, NFO_MAX);
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

static void read_entry(struct shelved *s)
{
	char text[NFO_MAX + 1];
	const char *why;
	ssize_t n = read_text(s->file, text);
	s->e.id = 0;
	if (n < 0)
		cardea_log(CARDEA_LOG_WARN, "recordplay", 0, "a file cannot be read",
			"file=%s because=%s", CARDEA_LOG_QUOTED(s->file),
			CARDEA_LOG_QUOTED(g_strerror(errno)));
	else if (strlen(text) != (size_t)n || !entry_read(text, &s->e, &why))
		cardea_log(CARDEA_LOG_WARN, "recordplay", 0, "a file is no recording",
			"file=%s because=%s", CARDEA_LOG_QUOTED(s->file),
			CARDEA_LOG_QUOTED(strlen(text) != (size_t)n ? "it is no text" : why));
	else if (g_hash_table_lookup(by_id, &s->e.id))
		cardea_log(CARDEA_LOG_WARN, "recordplay", s->twin = s->e.id,
			"another has this number", "file=%s", CARDEA_LOG_QUOTED(s->file));
	else
		return;
	s->e.id = 0;
}

static struct shelved *shelve(const char *file)
{
	struct shelved *s = g_new0(struct shelved, 1);
	s->file = g_strdup(file);
	g_hash_table_replace(by_file, s->file, s);
	return s;
}

/* One whose number another had is looked at again when that is gone. */
static bool is_as_read(const struct shelved *s, const struct timespec *changed)
{
	return !memcmp(&s->changed, changed, sizeof s->changed) &&
	       (!s->twin || g_hash_table_lookup(by_id, &s->twin));
}

static bool is_going(const char *file)
{
	return g_slist_find_custom(going, file, (GCompareFunc)strcmp) != NULL;
}

static void see_file(const char *file)
{
	struct stat st;
	struct shelved *s = g_hash_table_lookup(by_file, file);
	if (is_going(file) || fstatat(folder_fd, file, &st, AT_SYMLINK_NOFOLLOW) ||
		!S_ISREG(st.st_mode))
		return;
	if (s)
		s->is_seen = true;
	if (s && (s->is_hidden || is_as_read(s, &st.st_mtim)))
		return;
	s = shelve(file);
	s->is_seen = true;
	s->changed = st.st_mtim;
	read_entry(s);
	if (s->e.id)
		g_hash_table_insert(by_id, &s->e.id, s);
	forget_texts();
}

/* One that was added has no time until it has been seen: it may not be written yet. */
static gboolean take_unseen(void *key, void *value, void *data)
{
	struct shelved *s = value;
	bool was_seen = s->is_seen;
	(void)key;
	(void)data;
	s->is_seen = false;
	return !was_seen && s->changed.tv_sec;
}

void library_update(void)
{
	DIR *dir = open_folder() ? opendir(folder) : NULL;
	struct dirent *d;
	if (!dir && errno == ENOENT) {
		g_hash_table_foreach_remove(by_file, take_unseen, NULL);
		return;
	}
	if (!dir) {
		cardea_log(CARDEA_LOG_WARN, "recordplay", 0, "the folder cannot be read",
			"folder=%s because=%s", CARDEA_LOG_QUOTED(folder),
			CARDEA_LOG_QUOTED(g_strerror(errno)));
		return;
	}
	while ((d = readdir(dir)))
		if (*d->d_name != '.' && g_str_has_suffix(d->d_name, ".nfo"))
			see_file(d->d_name);
	closedir(dir);
	g_hash_table_foreach_remove(by_file, take_unseen, NULL);
}

static void refresh(void)
{
	int64_t began_us = g_get_monotonic_time();
	library_update();
	int64_t took_us = g_get_monotonic_time() - began_us;
	rests_until_us = took_us > CHEAP_US ? began_us + REST * took_us : 0;
}

static void refresh_late(void *arg)
{
	(void)arg;
	cardea_timer_stop(late_timer);
	late_timer = 0;
	refresh();
}

void library_refresh(void)
{
	int64_t left_us = rests_until_us - g_get_monotonic_time();
	if (late_timer)
		return;
	if (left_us > 0)
		late_timer = cardea_timer((unsigned)(left_us / 1000 + 1), refresh_late, NULL);
	else
		refresh();
}

/* ---- what there is ---- */

const struct entry *library_find(uint64_t id)
{
	const struct shelved *s = g_hash_table_lookup(by_id, &id);
	return s && !s->is_hidden ? &s->e : NULL;
}

static int older(const void *a, const void *b)
{
	const struct entry *x = &(*(struct shelved *const *)a)->e,
			   *y = &(*(struct shelved *const *)b)->e;
	int by_date = strcmp(x->date, y->date);
	return by_date ? by_date : (x->id > y->id) - (x->id < y->id);
}

/* Whoever may see it in a list may read its files. */
static json_t *json_of(struct shelved *s)
{
	json_t *j = entry_json(&s->e), *files = json_array();
	if (!s->urls)
		offer_files(s);
	for (unsigned i = 0; i < s->urls->len; i++)
		json_array_append_new(
			files, json_pack("{s:o, s:s}", "name", cardea_json_text(s->e.media[i]),
				       "url", s->urls->pdata[i]));
	json_object_set_new(j, "files", files);
	return j;
}

static char *print(bool all)
{
	GPtrArray *sorted = g_ptr_array_new();
	GString *text = g_string_new(NULL);
	GHashTableIter i;
	void *value;
	g_hash_table_iter_init(&i, by_id);
	while (g_hash_table_iter_next(&i, NULL, &value)) {
		struct shelved *s = value;
		if (!s->is_hidden && (all || !s->e.is_private))
			g_ptr_array_add(sorted, s);
	}
	g_ptr_array_sort(sorted, older);
	for (unsigned n = 0; n < sorted->len; n++) {
		json_t *j = json_of(sorted->pdata[n]);
		char *one = json_dumps(j, JSON_COMPACT);
		g_string_append_printf(text, "%s%s", n ? "," : "", one ? one : "null");
		free(one);
		json_decref(j);
	}
	g_ptr_array_unref(sorted);
	char *copy = strdup(text->str);
	g_string_free(text, TRUE);
	return copy;
}

char *library_text(bool all)
{
	if (!texts[all])
		texts[all] = print(all);
	return texts[all] ? strdup(texts[all]) : NULL;
}

/* ---- changes ---- */

uint64_t library_new_id(void)
{
	uint64_t id;
	do {
		cardea_random(&id, sizeof id);
		id &= (1ULL << 53) - 1; /* a number that JavaScript can hold */
	} while (!id || g_hash_table_lookup(by_id, &id));
	return id;
}

static void put(const struct entry *e, bool is_hidden)
{
	char text[NFO_MAX], file[32];
	struct cardea_error error;
	struct shelved *s;
	snprintf(file, sizeof file, "%llu.nfo", (unsigned long long)e->id);
	entry_print(e, text);
	if (!cardea_record_text(folder, file, text, strlen(text), &error))
		cardea_log(CARDEA_LOG_WARN, "recordplay", e->id, "a file cannot be written",
			"file=%s because=%s", CARDEA_LOG_QUOTED(file),
			CARDEA_LOG_QUOTED(error.reason));
	s = shelve(file);
	s->e = *e;
	s->is_hidden = is_hidden;
	g_hash_table_replace(by_id, &s->e.id, s);
	forget_texts();
}

void library_begin(const struct entry *e)
{
	put(e, true);
}

void library_add(const struct entry *e)
{
	put(e, false);
}

static bool remove_file(const char *name, void (*gone)(void *arg), void *arg)
{
	struct cardea_error e;
	if (!*name || cardea_record_remove(folder, name, gone, arg, &e))
		return true;
	cardea_log(CARDEA_LOG_WARN, "recordplay", 0, "a file cannot be removed",
		"file=%s because=%s", CARDEA_LOG_QUOTED(name), CARDEA_LOG_QUOTED(e.reason));
	return false;
}

static void is_gone(void *arg)
{
	going = g_slist_remove(going, arg);
	g_free(arg);
}

static void remove_nfo(const char *file)
{
	char *copy = g_strdup(file);
	going = g_slist_prepend(going, copy);
	if (!remove_file(file, is_gone, copy))
		is_gone(copy);
}

bool library_remove(uint64_t id)
{
	struct shelved *s = g_hash_table_lookup(by_id, &id);
	if (!s || s->is_hidden)
		return false;
	remove_nfo(s->file); /* first: without it the rest is not shown */
	for (unsigned i = 0; i < s->e.n_media; i++)
		remove_file(s->e.media[i], NULL, NULL);
	for (unsigned i = 0; i < s->e.n_messages; i++)
		remove_file(s->e.messages[i], NULL, NULL);
	remove_file(s->e.audio, NULL, NULL);
	remove_file(s->e.video, NULL, NULL);
	remove_file(s->e.data, NULL, NULL);
	g_hash_table_remove(by_file, s->file);
	return true;
}
