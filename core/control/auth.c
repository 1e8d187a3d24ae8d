/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/plugin.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "auth.h"
#include "module.h"
#include "options.h"
#include "sign.h"
#include "tokens.h"

/** @file
 * Signed tokens are "<expiry>,<realm>[,<descriptor>…]:<signature>", the signature being the Base64
 * of the HMAC-SHA1 of what is before the colon. */
#define SIGNED_MAX 4096
#define FIELD_MAX  256

/* Where they are kept; NULL: they are not. */
static char *token_file(void)
{
	if (!settings.token_store)
		return NULL;
	if (settings.state_dir)
		return g_strdup_printf("%s/tokens.json", settings.state_dir);
	log_error("tokens", 0, "cannot be kept", "because=\"there is no state_dir\"");
	return NULL;
}

static void start_tokens(struct loop *loop)
{
	g_autofree char *file = token_file();
	tokens_start(loop, settings.max_tokens, file);
}

bool auth_stores_tokens(void)
{
	return settings.token_auth && !settings.token_secret;
}

void auth_start(struct loop *loop)
{
	if (auth_stores_tokens())
		start_tokens(loop);
	if (!settings.admin_secret)
		log_warn("auth", 0, "the Admin API has no secret", "option=general.admin_secret");
}

void auth_stop(void)
{
	tokens_stop();
}

/* ---- signed tokens ---- */

static bool signature_ok(const char *token, size_t data_len, const char *signature)
{
	char expected[SIGN_TEXT_MAX];
	return sign_hmac_sha1(expected, settings.token_secret, token, data_len) &&
	       cardea_same_secret(expected, signature);
}

static bool in_time(const char *expiry)
{
	char *end;
	errno = 0;
	long long at_s = strtoll(expiry, &end, 10);
	return *expiry >= '0' && *expiry <= '9' && !*end && !errno &&
	       clock_wall_us() / US_PER_S <= at_s;
}

/* Copy the next field of [*at, end) and step behind its comma. */
static bool next_field(const char **at, const char *end, char out[FIELD_MAX])
{
	if (*at > end)
		return false;
	const char *comma = memchr(*at, ',', (size_t)(end - *at));
	size_t len = (size_t)((comma ? comma : end) - *at);
	if (len >= FIELD_MAX)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	return true;
}

/* Plugins have two names; a token may have either. */
static bool same_descriptor(const char *given, const char *wanted)
{
	const char *plugin = module_short_name(given, "plugin");
	return strcmp(given, wanted) == 0 || (plugin && strcmp(plugin, wanted) == 0);
}

static bool same_realm(const char *given, const char *wanted)
{
	const char *a = module_short_name(given, "plugin"),
		   *b = module_short_name(wanted, "plugin");
	return a && b ? strcmp(a, b) == 0 : strcmp(given, wanted) == 0;
}

/* @param descriptor NULL: any, or none */
static bool signed_ok(const char *token, const char *realm, const char *descriptor)
{
	char field[FIELD_MAX];
	const char *at = token, *colon = token ? strchr(token, ':') : NULL;
	if (!colon || strlen(token) > SIGNED_MAX ||
		!signature_ok(token, (size_t)(colon - token), colon + 1))
		return false;
	if (!next_field(&at, colon, field) || !in_time(field))
		return false;
	if (!next_field(&at, colon, field) || !same_realm(field, realm))
		return false;
	if (!descriptor)
		return true;
	while (next_field(&at, colon, field))
		if (same_descriptor(field, descriptor))
			return true;
	return false;
}

/* ---- either ---- */

/* @param plugin its short name; NULL: any, or none */
static bool token_ok(const char *token, const char *plugin)
{
	if (!auth_stores_tokens())
		return settings.token_secret && signed_ok(token, "janus", plugin);
	return plugin ? tokens_may_use(token, plugin) : tokens_has(token);
}

bool auth_allows(const char *secret, const char *token)
{
	if (!settings.api_secret && !settings.token_auth)
		return true;
	if (settings.api_secret && secret && cardea_same_secret(settings.api_secret, secret))
		return true;
	return token_ok(token, NULL);
}

static const char *member(const json_t *request, const char *name)
{
	return json_string_value(json_object_get(request, name));
}

bool auth_request(const json_t *request)
{
	return auth_allows(member(request, "apisecret"), member(request, "token"));
}

bool auth_token_plugin(const char *token, const char *plugin)
{
	if (!settings.token_auth || !token)
		return true;
	return token_ok(token, plugin);
}

bool auth_plugin(const json_t *request, const char *plugin)
{
	return auth_token_plugin(member(request, "token"), plugin);
}

bool auth_admin(const json_t *request)
{
	const char *given = member(request, "admin_secret");
	return !settings.admin_secret ||
	       (given && cardea_same_secret(settings.admin_secret, given));
}

bool cardea_has_tokens(void)
{
	return settings.token_auth;
}

bool cardea_has_signed_tokens(void)
{
	return settings.token_auth && !auth_stores_tokens();
}

bool cardea_token_allows(const char *token, const char *realm, const char *descriptor)
{
	if (!cardea_has_tokens())
		return true;
	if (!auth_stores_tokens())
		return signed_ok(token, realm, descriptor);
	const char *plugin = module_short_name(realm, "plugin");
	return plugin && tokens_may_use(token, plugin);
}
