/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <cardea/plugin.h>
#include "../base/clock.h"
#include "../base/rand.h"
#include "ice_servers.h"
#include "sign.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-"

static struct ice_servers_conf conf;
static void (*awaiting)(void);

static void rest_settled(void)
{
	void (*fn)(void) = awaiting;
	awaiting = NULL;
	if (fn)
		fn();
}

void ice_servers_start(const struct ice_servers_conf *c)
{
	conf = *c;
	if (conf.rest.url)
		turn_rest_start(&conf.rest, rest_settled);
}

void ice_servers_stop(void)
{
	turn_rest_stop();
	awaiting = NULL;
}

/* ---- credentials ---- */

bool ice_servers_user_ok(const char *user)
{
	size_t len = strspn(user, NAME_CHARS);
	return len && len <= ICE_USER_MAX && !user[len];
}

json_t *ice_servers_sign(const struct ice_servers_conf *c, const char *user, int64_t now_s)
{
	char username[ICE_USER_MAX + 24], password[SIGN_TEXT_MAX];
	g_snprintf(username, sizeof username, "%" PRId64 ":%s", now_s + c->ttl_s, user);
	if (!sign_hmac_sha1(password, c->secret, username, strlen(username)))
		return NULL;
	return json_pack("{s:s, s:s, s:i, s:O}", "username", username, "password", password, "ttl",
		(int)c->ttl_s, "uris", c->turn);
}

static json_t *turn_credentials(const char *user)
{
	if (conf.rest.url)
		return turn_rest_credentials();
	if (!conf.turn)
		return NULL;
	if (conf.secret)
		return ice_servers_sign(&conf, user, clock_wall_us() / US_PER_S);
	return json_pack("{s:s, s:s, s:i, s:O}", "username", conf.user, "password", conf.password,
		"ttl", (int)conf.ttl_s, "uris", conf.turn);
}

json_t *ice_servers_answer(const char *user)
{
	char any[24];
	g_snprintf(any, sizeof any, "%014" PRIx64, rand_id53());
	json_t *o = turn_credentials(user ? user : any), *servers = json_array();
	if (conf.stun)
		json_array_append_new(servers, json_pack("{s:O}", "urls", conf.stun));
	if (o)
		json_array_append_new(
			servers, json_pack("{s:O, s:O, s:O}", "urls", json_object_get(o, "uris"),
					 "username", json_object_get(o, "username"), "credential",
					 json_object_get(o, "password")));
	else
		o = json_object();
	json_object_set_new(o, "iceServers", servers);
	return o;
}

bool ice_servers_await(void (*fn)(void))
{
	json_t *now = conf.rest.url ? turn_rest_credentials() : NULL;
	bool waits = !now && turn_rest_is_asking();
	json_decref(now);
	if (waits)
		awaiting = fn;
	return waits;
}

json_t *cardea_ice_servers(const char *user)
{
	char name[ICE_USER_MAX + 1];
	if (user) {
		g_strlcpy(name, user, sizeof name);
		g_strcanon(name, NAME_CHARS, '_');
	}
	json_t *o = ice_servers_answer(user && *user ? name : NULL);
	json_t *servers = json_incref(json_object_get(o, "iceServers"));
	json_decref(o);
	return servers;
}

/* ---- for people ---- */

void ice_servers_describe(const struct ice_servers_conf *c, char out[160])
{
	unsigned stun = (unsigned)json_array_size(c->stun),
		 turn = (unsigned)json_array_size(c->turn);
	if (turn && c->secret)
		g_snprintf(out, 160, "STUN: %u, TURN: %u, with credentials for %u s", stun, turn,
			c->ttl_s);
	else if (turn)
		g_snprintf(out, 160, "STUN: %u, TURN: %u, with fixed credentials", stun, turn);
	else if (c->rest.url)
		g_snprintf(
			out, 160, "STUN: %u, TURN: as the backend of nat.turn_rest_api says", stun);
	else if (stun)
		g_snprintf(out, 160, "STUN: %u, TURN: none", stun);
	else
		g_strlcpy(out, "none", 160);
}
