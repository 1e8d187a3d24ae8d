/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Admin requests about stored tokens (tokens.c). admin.c finds them in the table at the end. Their
 * fields are checked here, since where there are no stored tokens that is answered first. */

#include "../base/log.h"
#include "admin_table.h"
#include "auth.h"
#include "error.h"
#include "options.h"
#include "plugins.h"
#include "reply.h"
#include "reply_long.h"
#include "tokens.h"

#define NAMES_MAX 256 /* of plugins in one request */

#define TOKEN_FIELD \
	{ \
		"token", CARDEA_STR, .required = true, .secret = true, .max = TOKEN_MAX, \
				     .note = "the token, of 1 byte at least" \
	}
static const struct cardea_field plugins_fields[] = {
	TOKEN_FIELD,
	{ "plugins", CARDEA_ARR, .note = "packages of plugins, 256 at most" },
	{ 0 },
};
static const struct cardea_field allow_fields[] = {
	TOKEN_FIELD,
	{ "plugins", CARDEA_ARR, .required = true,
		.note = "packages of plugins, one at least and 256 at most" },
	{ 0 },
};
static const struct cardea_field token_fields[] = {
	TOKEN_FIELD,
	{ 0 },
};

static bool is_open(const struct request *r, const struct cardea_field *fields)
{
	if (!auth_stores_tokens()) {
		request_fail(r, API_UNKNOWN, "Stored-Token based authentication disabled");
		return false;
	}
	if (!request_check(r, fields))
		return false;
	if (json_array_size(json_object_get(r->tree, "plugins")) <= NAMES_MAX)
		return true;
	request_fail(r, API_INVALID_ELEMENT,
		"Invalid element type (plugins should be an array of at most %d)", NAMES_MAX);
	return false;
}

static const char *token_of(const struct request *r)
{
	return json_string_value(json_object_get(r->tree, "token"));
}

static void answer_plugins(const struct request *r)
{
	json_t *plugins = json_incref((json_t *)tokens_plugins(token_of(r)));
	request_succeed(r, json_pack("{s:{s:o}}", "data", "plugins", plugins));
}

/* @return NULL: there is no such plugin */
static const char *plugin_of(const json_t *package)
{
	const char *name = json_string_value(package);
	const struct plugin *p = name ? plugin_find(name) : NULL;
	return p ? p->api->name : NULL;
}

static bool add(const struct request *r)
{
	switch (tokens_add(token_of(r))) {
	case OK:
		log_info("tokens", 0, "added", "");
		return true;
	case ERR_EXISTS:
		return true;
	case ERR_FULL:
		request_fail(r, API_UNKNOWN, "There are %u tokens already (general.max_tokens)",
			settings.max_tokens);
		return false;
	default:
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (token should have 1 to %u bytes)", TOKEN_MAX);
		return false;
	}
}

/* Names of what is not there are passed over. */
static void on_add(struct request *r, const struct cardea_args *a)
{
	const json_t *plugins = json_object_get(r->tree, "plugins");
	json_t *package;
	size_t i;
	(void)a;
	if (!is_open(r, plugins_fields) || !add(r))
		return;
	if (!json_array_size(plugins))
		plugins_each(tokens_allow, token_of(r));
	json_array_foreach(plugins, i, package)
		if (plugin_of(package))
			tokens_allow(token_of(r), plugin_of(package));
	answer_plugins(r);
}

static bool all_there(const json_t *plugins)
{
	json_t *package;
	size_t i;
	json_array_foreach(plugins, i, package)
		if (!plugin_of(package))
			return false;
	return true;
}

static void change(struct request *r, enum err (*fn)(const char *token, const char *plugin))
{
	const json_t *plugins = json_object_get(r->tree, "plugins");
	json_t *package;
	size_t i;
	if (!is_open(r, plugins_fields))
		return;
	if (!json_array_size(plugins)) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (plugins should be a non-empty array)");
	} else if (!tokens_has(token_of(r))) {
		request_fail(r, API_NO_TOKEN, "Token %s not found", token_of(r));
	} else if (!all_there(plugins)) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (some of the provided plugins are invalid)");
	} else {
		json_array_foreach(plugins, i, package)
			fn(token_of(r), plugin_of(package));
		answer_plugins(r);
	}
}

static void on_allow(struct request *r, const struct cardea_args *a)
{
	(void)a;
	change(r, tokens_allow);
}

static void on_disallow(struct request *r, const struct cardea_args *a)
{
	(void)a;
	change(r, tokens_disallow);
}

static void on_list(struct request *r, const struct cardea_args *a)
{
	(void)a;
	if (!is_open(r, NULL))
		return;
	json_t *msg = reply_new("success", 0, r->transaction);
	json_object_set_new(msg, "data", json_pack("{s:o}", "tokens", tokens_list()));
	reply_long(&r->from, msg); /* ten thousand are over a megabyte */
}

static void on_remove(struct request *r, const struct cardea_args *a)
{
	(void)a;
	if (!is_open(r, token_fields))
		return;
	if (tokens_remove(token_of(r))) {
		request_fail(r, API_UNKNOWN, "Error removing token");
		return;
	}
	log_info("tokens", 0, "removed", "");
	request_succeed(r, NULL);
}

const struct admin_request admin_of_tokens[] = {
	{ "add_token", ADMIN_SERVER, plugins_fields, on_add,
		"Store a token, and allow it some plugins: all of them where none is named.",
		true },
	{ "allow_token", ADMIN_SERVER, allow_fields, on_allow, "Allow a stored token more plugins.",
		true },
	{ "disallow_token", ADMIN_SERVER, allow_fields, on_disallow,
		"Take plugins away from a stored token.", true },
	{ "list_tokens", ADMIN_SERVER, NULL, on_list, "List the stored tokens.", true },
	{ "remove_token", ADMIN_SERVER, token_fields, on_remove, "Forget a stored token.", true },
	{ 0 },
};
