/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cardea/json.h>
#include "../base/log.h"
#include "kept.h"
#include "token_store.h"

#define VERSION   1
#define BYTES_MAX (256u << 20)

static struct kept *kept; /* NULL: nothing is kept */
static json_t *(*snapshot_tokens)(void);

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
		snprintf(why, KEPT_WHY, "%.*s", KEPT_WHY - 1, e.reason);
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

/* @return NULL, or what is wrong */
static const char *read_file(
	const char *file, enum err (*take)(const char *token, json_t *packages), char *why)
{
	json_t *root = kept_read(file, BYTES_MAX, why);
	const char *wrong = NULL;
	if (root)
		wrong = take_all(root, take, why);
	else if (*why)
		wrong = why;
	json_decref(root);
	return wrong;
}

static void look_at_mode(const char *file)
{
	struct stat st;
	if (!stat(file, &st) && st.st_mode & 077)
		log_warn("tokens", 0, "others may read the file", "file=%s mode=%03o", file,
			(unsigned)st.st_mode & 0777);
}

static json_t *all_tokens(void *arg)
{
	(void)arg;
	return json_pack("{s:i, s:o}", "version", VERSION, "tokens", snapshot_tokens());
}

bool token_store_start(struct loop *loop, const char *file,
	enum err (*take)(const char *token, json_t *packages), json_t *(*snapshot)(void))
{
	char why[KEPT_WHY];
	const char *wrong = read_file(file, take, why);
	if (wrong) {
		log_error("tokens", 0, "the file is broken: left as it is, and tokens are not kept",
			"file=%s because=%s", file, LOG_QUOTED(wrong));
		return false;
	}
	look_at_mode(file);
	snapshot_tokens = snapshot;
	kept = kept_create(&(struct kept_conf){
		.loop = loop, .file = file, .area = "tokens", .snapshot = all_tokens });
	return true;
}

void token_store_changed(void)
{
	if (kept)
		kept_changed(kept);
}

void token_store_stop(void)
{
	kept_free(kept);
	kept = NULL;
}
