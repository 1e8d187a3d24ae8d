/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../base/clock.h"
#include "../base/conf_check.h"
#include "ice_uri.h"
#include "option_fields.h"
#include "options.h"

struct settings settings;

#define NACK_MS_MAX    1000
#define EXAMPLE_SECRET "change-this-secret" /* of conf/turnserver.conf */

static unsigned number(const struct cardea_args *a, const char *name)
{
	return (unsigned)cardea_int(a, name);
}

/* An empty string is how people switch a string option off. */
static const char *text(const struct cardea_args *a, const char *name)
{
	const char *s = cardea_str(a, name);
	return s && *s ? s : NULL;
}

static int rotate_signal(const struct cardea_args *a)
{
	const char *name = text(a, "log_rotate_sig");
	if (name && strcmp(name, "SIGUSR1") == 0)
		return SIGUSR1;
	return name && strcmp(name, "SIGUSR2") == 0 ? SIGUSR2 : SIGHUP;
}

static void read_general(struct settings *s, const struct cardea_args *a)
{
	s->api_secret = text(a, "api_secret");
	s->admin_secret = text(a, "admin_secret");
	s->token_auth = cardea_bool(a, "token_auth");
	s->token_secret = s->token_auth ? text(a, "token_auth_secret") : NULL;
	s->token_store = cardea_bool(a, "token_store");
	s->max_tokens = number(a, "max_tokens");
	s->server_name = cardea_str(a, "server_name");
	s->emitter = cardea_given(a, "server_name") ? text(a, "server_name") : NULL;
	s->address = text(a, "interface");
	s->session_timeout_s = number(a, "session_timeout");
	s->reclaim_s = number(a, "reclaim_session_timeout");
	s->candidates_timeout_s = number(a, "candidates_timeout");
	if (!s->candidates_timeout_s)
		s->candidates_timeout_s = OPTION_CANDIDATES_S;
	s->max_sessions = number(a, "max_sessions");
	s->address_is_bounded = cardea_given(a, "max_sessions_per_address");
	s->max_sessions_per_address = s->address_is_bounded ? number(a, "max_sessions_per_address")
							    : (s->max_sessions + 1) / 2;
	s->requests_per_s = number(a, "requests_per_second");
	s->max_handles = number(a, "max_handles");
	s->max_message = (size_t)cardea_int(a, "max_message_size");
	s->protected_folders = cardea_json(a, "protected_folders");
	s->opaqueid_in_api = cardea_bool(a, "opaqueid_in_api");
	s->hide_dependencies = cardea_bool(a, "hide_dependencies");
	s->exit_on_dl_error = cardea_bool(a, "exit_on_dl_error");
	s->plugins_folder = text(a, "plugins_folder");
	s->transports_folder = text(a, "transports_folder");
	s->events_folder = text(a, "events_folder");
	s->state_dir = text(a, "state_dir");
	s->recordings_ending = cardea_str(a, "recordings_tmp_ext");
	s->open_files = number(a, "check_openfiles_limit");
	s->watchdog_s = number(a, "watchdog");
	s->accepting = true;
	s->log_rotate_signal = rotate_signal(a);
	s->log = (struct log_conf){ .level = (int)number(a, "debug_level"),
		.to_stdout = cardea_bool(a, "log_to_stdout"),
		.colors = cardea_bool(a, "debug_colors"),
		.timestamps = cardea_bool(a, "debug_timestamps"),
		.file = text(a, "log_to_file"),
		.prefix = text(a, "log_prefix") };
}

static uint16_t media_port(const struct cardea_conf *file, const struct cardea_args *a)
{
	unsigned first, last;
	char tail;
	const char *range = text(a, "rtp_port_range");
	if (!range || cardea_given(a, "udp_port"))
		return (uint16_t)number(a, "udp_port");
	if (sscanf(range, "%u-%u%c", &first, &last, &tail) == 2 && first && first <= last &&
		last <= OPTION_PORT_MAX)
		return (uint16_t)first;
	cardea_conf_wrong(file, true, "media", "rtp_port_range",
		"\"%.40s\" is not a range of ports like \"20000-40000\"", range);
	return 0;
}

static enum srtp_engine srtp_engine(const struct cardea_conf *file, const struct cardea_args *a)
{
	static const char *const names[] = { "auto", "evp", "ipsec-mb", "libsrtp2" };
	const char *name = text(a, "srtp_engine");
	enum srtp_engine engine = 0;
	for (unsigned i = 0; name && i < 4; i++)
		if (!strcmp(name, names[i]))
			engine = (enum srtp_engine)i;
	if (!srtp_has(engine))
		cardea_conf_wrong(
			file, true, "media", "srtp_engine", "%s is not on this machine", name);
	return engine;
}

static int64_t nack_history_us(const struct cardea_conf *file, const struct cardea_args *a)
{
	int64_t ms = cardea_int(a, "min_nack_queue");
	if (ms > NACK_MS_MAX)
		cardea_conf_wrong(file, false, "media", "min_nack_queue",
			"%d ms at most, and taken as that", NACK_MS_MAX);
	return (ms < NACK_MS_MAX ? ms : NACK_MS_MAX) * US_PER_MS;
}

static void read_media(
	struct rtc_conf *r, const struct cardea_conf *file, const struct cardea_args *a)
{
	r->workers = number(a, "workers");
	r->ipv6 = cardea_bool(a, "ipv6");
	r->ipv6_linklocal = cardea_bool(a, "ipv6_linklocal");
	r->mtu = (int)number(a, "dtls_mtu");
	r->dscp = (int)number(
		a, cardea_given(a, "dscp_tos") && !cardea_given(a, "dscp") ? "dscp_tos" : "dscp");
	r->gso = cardea_bool(a, "gso");
	r->router.twcc_period_us = cardea_int(a, "twcc_period") * US_PER_MS;
	r->router.nack_history_us = nack_history_us(file, a);
	r->router.no_media_s = number(a, "no_media_timer");
	r->router.slowlink_threshold = number(a, "slowlink_threshold");
	r->router.even_out = cardea_bool(a, "even_out");
	r->router.hold_us = number(a, "burst_wait");
	r->udp_port = media_port(file, a);
	r->srtp = srtp_engine(file, a);
	if (r->udp_port + r->workers - 1 > OPTION_PORT_MAX)
		cardea_conf_wrong(file, true, "media", "workers",
			"%u ports from %u on go beyond %d", r->workers, r->udp_port,
			OPTION_PORT_MAX);
}

static void read_nat(
	struct rtc_conf *r, const struct cardea_conf *file, const struct cardea_args *a)
{
	r->nat_1_1 = text(a, "nat_1_1_mapping");
	r->keep_private_host = cardea_bool(a, "keep_private_host");
	r->enforce_list = text(a, "ice_enforce_list");
	r->ignore_list = text(a, "ice_ignore_list");
	if (strcmp(cardea_str(a, "ice_backend"), "mux") != 0)
		cardea_conf_wrong(file, true, "nat", "ice_backend",
			"\"%.20s\" is not part of this build, \"mux\" is",
			cardea_str(a, "ice_backend"));
}

/* @return NULL where there are none */
static const json_t *read_uris(const struct cardea_conf *file, const struct cardea_args *a,
	const char *name, enum ice_uri kind)
{
	const json_t *all = cardea_json(a, name);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *uri = json_string_value(json_array_get(all, i));
		if (!ice_uri_ok(uri, kind))
			cardea_conf_wrong(file, true, "ice_servers", name,
				"\"%.60s\" is not like \"%s\"", uri,
				kind == ICE_URI_STUN ? "stun:host:3478"
						     : "turn:host:3478?transport=udp");
	}
	return json_array_size(all) ? all : NULL;
}

/* @param option which of them is wrong */
static const char *wrong_credentials(const struct ice_servers_conf *c, const char **option)
{
	*option = "turn_secret";
	if (c->secret && (c->user || c->password))
		return "there are turn_user or turn_password as well";
	*option = c->user ? "turn_user" : "turn_password";
	if (!c->user != !c->password)
		return "turn_user and turn_password: one without the other";
	*option = "turn";
	if (c->turn && !c->secret && !c->user)
		return "it needs turn_secret, or turn_user and turn_password";
	return NULL;
}

static void read_ice_servers(struct ice_servers_conf *c, const struct cardea_conf *file)
{
	const struct cardea_args args = cardea_conf_section(file, "ice_servers"), *a = &args;
	const char *option;
	c->stun = read_uris(file, a, "stun", ICE_URI_STUN);
	c->turn = read_uris(file, a, "turn", ICE_URI_TURN);
	c->secret = text(a, "turn_secret");
	c->ttl_s = number(a, "turn_ttl");
	c->user = text(a, "turn_user");
	c->password = text(a, "turn_password");
	c->requests_per_s = number(a, "requests_per_second");
	if (c->secret && !strcmp(c->secret, EXAMPLE_SECRET))
		cardea_conf_wrong(file, false, "ice_servers", "turn_secret",
			"it is the one of the example, which everybody knows");
	const char *wrong = wrong_credentials(c, &option);
	if (wrong)
		cardea_conf_wrong(file, true, "ice_servers", option, "%s", wrong);
	else if (!c->turn && (c->secret || c->user))
		cardea_conf_wrong(file, false, "ice_servers",
			c->secret ? "turn_secret" : "turn_user",
			"it has no effect: there is no ice_servers.turn");
}

static void read_turn_rest(
	struct settings *s, const struct cardea_conf *file, const struct cardea_args *a)
{
	struct turn_rest_conf *r = &s->ice.rest;
	const char *url = text(a, "turn_rest_api"), *method = text(a, "turn_rest_api_method");
	r->key = text(a, "turn_rest_api_key");
	r->name = s->server_name;
	r->is_get = method && strcasecmp(method, "GET") == 0;
	r->timeout_s = number(a, "turn_rest_api_timeout");
	if (url && strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		cardea_conf_wrong(file, true, "nat", "turn_rest_api",
			"it must begin with http:// or https://");
	else if (url && s->ice.turn)
		cardea_conf_wrong(file, false, "nat", "turn_rest_api",
			"it has no effect: there is ice_servers.turn");
	r->url = s->ice.turn ? NULL : url;
}

static void read_events(struct settings *s, const struct cardea_args *a)
{
	s->events_on = cardea_bool(a, "broadcast");
	s->stats_period_s = number(a, "stats_period");
	s->combine_media_stats = cardea_bool(a, "combine_media_stats");
	s->events_disable = text(a, "disable");
}

/* Options that mean nothing without another one. */
static void find_idle(const struct settings *s, const struct cardea_conf *file)
{
	struct cardea_args a = cardea_conf_section(file, "general");
	if (s->token_store && (!s->token_auth || s->token_secret))
		cardea_conf_wrong(file, false, "general", "token_store", "it has no effect: %s",
			s->token_auth ? "tokens are signed" : "token_auth is off");
	if (!s->token_auth && text(&a, "token_auth_secret"))
		cardea_conf_wrong(file, false, "general", "token_auth_secret",
			"it has no effect: token_auth is off, and nobody is asked for a token");
}

void options_read(struct settings *out, struct conf *conf)
{
	struct cardea_conf *file = conf_file(conf, "cardea");
	*out = (struct settings){ 0 };
	conf_check(file, core_options);
	struct cardea_args a = cardea_conf_section(file, "general");
	read_general(out, &a);
	find_idle(out, file);
	a = cardea_conf_section(file, "certificates");
	out->rtc.cert_pem = text(&a, "cert_pem");
	out->rtc.cert_key = text(&a, "cert_key");
	out->rtc.cert_pwd = text(&a, "cert_pwd");
	out->rtc.rsa = cardea_bool(&a, "rsa_private_key");
	out->rtc.consent_us = 30 * US_PER_S;
	out->rtc.ice_timeout_us = 15 * US_PER_S;
	out->rtc.dtls_timeout_us = 20 * US_PER_S;
	out->rtc.max_peers = 2 * out->max_sessions; /* one in a video room has two */
	a = cardea_conf_section(file, "media");
	out->peers_together = number(&a, "peers_together");
	read_media(&out->rtc, file, &a);
	read_ice_servers(&out->ice, file);
	a = cardea_conf_section(file, "nat");
	read_nat(&out->rtc, file, &a);
	read_turn_rest(out, file, &a);
	a = cardea_conf_section(file, "recordings");
	record_options_read(&out->record, &a);
	a = cardea_conf_section(file, "plugins");
	out->plugins_disable = text(&a, "disable");
	a = cardea_conf_section(file, "transports");
	out->transports_disable = text(&a, "disable");
	a = cardea_conf_section(file, "events");
	read_events(out, &a);
}

char **options_protected_folders(void)
{
	size_t n = json_array_size(settings.protected_folders);
	char **all = g_new0(char *, n + 1);
	for (size_t i = 0; i < n; i++)
		all[i] = g_strdup(json_string_value(json_array_get(settings.protected_folders, i)));
	return all;
}
