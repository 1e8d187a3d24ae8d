/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../base/clock.h"
#include "../base/conf_check.h"
#include "ice_uri.h"
#include "options.h"

struct settings settings;

#define MIB                  (1024 * 1024)
#define PORT_MAX             65535
#define NACK_MS_MAX          1000
#define CANDIDATES_TIMEOUT_S 45
#define EXAMPLE_SECRET       "change-this-secret" /* of conf/turnserver.conf */

/* Why options of other servers have no effect here: not worth refusing an existing file for, worth
 * a warning. */
#define FULL_ICE   "only full ICE could honour it, and ice_backend \"mux\" is ICE-lite"
#define ALWAYS_ON  "it is always on"
#define NO_EVENTS  "there are no event handlers yet"
#define NO_LOGGERS "there are no loggers"
#define NO_RECORDS "there is no recorder yet"
#define MANAGER    "leave it to the service manager"

static const struct cardea_field general[] = {
	{ "configs_folder", CARDEA_STR, .idle = "say it with --config" },
	{ "plugins_folder", CARDEA_STR, .names = CARDEA_NAMES_FOLDER,
		.note = "where the plugins are" },
	{ "transports_folder", CARDEA_STR, .names = CARDEA_NAMES_FOLDER,
		.note = "where the transports are" },
	{ "events_folder", CARDEA_STR, .idle = NO_EVENTS },
	{ "loggers_folder", CARDEA_STR, .idle = NO_LOGGERS },
	{ "state_dir", CARDEA_STR, .note = "what is to survive a restart: the web certificate" },
	{ "log_to_stdout", CARDEA_BOOL, .dflt = 1 },
	{ "log_to_file", CARDEA_STR, .note = "also log to this file" },
	{ "log_rotate_sig", CARDEA_STR, .one_of = "SIGHUP|SIGUSR1|SIGUSR2",
		.note = "signal that opens the log file again: any of these does" },
	{ "debug_level", CARDEA_UINT, .max = 7, .dflt = 4,
		.note = "0 nothing … 4 the life of a call … 7 everything" },
	{ .name = "debug_timestamps", .type = CARDEA_BOOL },
	{ "debug_colors", CARDEA_BOOL, .dflt = 1 },
	{ "debug_locks", CARDEA_BOOL, .idle = "there are no locks" },
	{ "log_prefix", CARDEA_STR, .note = "before each line" },
	{ "daemonize", CARDEA_BOOL, .idle = MANAGER },
	{ "pid_file", CARDEA_STR, .idle = MANAGER },
	{ "check_openfiles_limit", CARDEA_UINT,
		.note = "refuse to start below this many descriptors" },
	{ "watchdog", CARDEA_UINT, .max = 86400, .dflt = 60,
		.note = "seconds that a thread may hang before the process ends; 0: for ever" },
	{ "api_secret", CARDEA_STR, .secret = true, .note = "secret of every API request" },
	{ "token_auth", CARDEA_BOOL, .note = "requests need a token" },
	{ "token_auth_secret", CARDEA_STR, .secret = true,
		.note = "key of signed tokens; without it the Admin API stores tokens" },
	{ "token_store", CARDEA_BOOL, .note = "stored tokens survive a restart, in state_dir" },
	{ "max_tokens", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 10000,
		.note = "stored ones" },
	{ "admin_secret", CARDEA_STR, .secret = true, .note = "secret of every Admin API request" },
	{ "interface", CARDEA_STR,
		.note = "address written in the o= and c= lines, or the interface that has it; "
			"nat_1_1_mapping goes before it" },
	{ "server_name", CARDEA_STR, .dflt_str = "Cardea" },
	{ "session_timeout", CARDEA_UINT, .max = INT32_MAX, .dflt = 60,
		.note = "seconds, 0: never" },
	{ "candidates_timeout", CARDEA_UINT, .max = INT32_MAX, .dflt = CANDIDATES_TIMEOUT_S,
		.idle = "candidates that come early are not needed: clients' checks name their "
			"address" },
	{ "reclaim_session_timeout", CARDEA_UINT, .max = INT32_MAX,
		.note = "seconds that a session outlives its connection" },
	{ "recordings_tmp_ext", CARDEA_STR, .idle = NO_RECORDS },
	{ "event_loops", CARDEA_UINT, .idle = "see media.workers" },
	{ "allow_loop_indication", CARDEA_BOOL, .idle = "see media.workers" },
	{ "task_pool_size", CARDEA_UINT, .idle = "requests run on one thread" },
	{ "opaqueid_in_api", CARDEA_BOOL, .note = "opaque_id in answers and events" },
	{ "hide_dependencies", CARDEA_BOOL, .note = "no dependencies in info" },
	{ "exit_on_dl_error", CARDEA_BOOL, .note = "refuse to start when a module does not load" },
	{ "no_webrtc_encryption", CARDEA_BOOL, .idle = "media is always encrypted" },
	{ "protected_folders", CARDEA_STRS, .idle = NO_RECORDS },
	{ "max_sessions", CARDEA_UINT, .min = 1, .max = 1000000, .dflt = 10000 },
	{ "max_sessions_per_address", CARDEA_UINT, .max = 1000000, .dflt = 5000,
		.note = "0: no bound; half of max_sessions when absent, and none for this "
			"machine" },
	{ "requests_per_second", CARDEA_UINT, .max = 10000000, .dflt = 50000,
		.note = "of one client for long, ten times as many at once; 0: no bound" },
	{ "max_handles", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 100,
		.note = "of one session" },
	{ "max_message_size", CARDEA_UINT, .min = 1024, .max = 64 * MIB, .dflt = MIB,
		.note = "bytes of one request" },
	{ 0 },
};

static const struct cardea_field certificates[] = {
	{ "cert_pem", CARDEA_STR, .note = "DTLS certificate; made at start when absent" },
	{ "cert_key", CARDEA_STR, .note = "cert_pem when absent" },
	{ "cert_pwd", CARDEA_STR, .secret = true },
	{ "dtls_accept_selfsigned", CARDEA_BOOL, .dflt = 1,
		.idle = "the fingerprint in the description decides" },
	{ "dtls_ciphers", CARDEA_STR, .idle = "the ciphers are fixed" },
	{ "rsa_private_key", CARDEA_BOOL, .note = "make an RSA key instead of P-256" },
	{ 0 },
};

static const struct cardea_field media[] = {
	{ "udp_port", CARDEA_UINT, .min = 1, .max = PORT_MAX, .dflt = 10000,
		.note = "the media port; worker n uses udp_port + n" },
	{ "workers", CARDEA_UINT, .min = 1, .max = 64, .dflt = 1 },
	{ "peers_together", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 64,
		.note = "of one room on one worker, before others take some" },
	{ .name = "ipv6", .type = CARDEA_BOOL },
	{ .name = "ipv6_linklocal", .type = CARDEA_BOOL },
	{ "min_nack_queue", CARDEA_UINT, .max = INT32_MAX, .dflt = 200,
		.note = "ms, 1000 at most" },
	{ "rtp_port_range", CARDEA_STR,
		.note = "\"min-max\": its first port, where udp_port is not given" },
	{ "dtls_mtu", CARDEA_UINT, .min = 576, .max = 1500, .dflt = 1200 },
	{ "no_media_timer", CARDEA_UINT, .max = INT32_MAX, .dflt = 1,
		.note = "seconds of silence; 0: never told" },
	{ "slowlink_threshold", CARDEA_UINT, .max = INT32_MAX,
		.note = "lost packets a second; 0: never told" },
	{ "twcc_period", CARDEA_UINT, .min = 10, .max = 10000, .dflt = 200, .note = "ms" },
	{ "dtls_timeout", CARDEA_UINT, .max = 60000, .dflt = 1000,
		.idle = "the first retransmission is after 200 ms" },
	{ "nack_optimizations", CARDEA_BOOL, .idle = "the cache is bounded by time" },
	{ "dscp", CARDEA_UINT, .max = 63 },
	{ "dscp_tos", CARDEA_UINT, .max = 63, .note = "the old name of dscp" },
	{ "srtp_engine", CARDEA_STR, .one_of = "auto|evp|ipsec-mb|libsrtp2", .dflt_str = "auto" },
	{ "gso", CARDEA_BOOL, .dflt = 1, .note = "the packets of a burst leave as one message" },
	{ "even_out", CARDEA_BOOL, .dflt = 1,
		.note = "pad them by a byte or so to one size, which that takes" },
	{ "burst_wait", CARDEA_UINT, .max = 10000, .dflt = 500,
		.note = "us that video waits for the rest of its frame; 0: not" },
	{ 0 },
};

static const struct cardea_field nat[] = {
	{ "ice_backend", CARDEA_STR, .one_of = "mux|nice", .dflt_str = "mux",
		.note = "mux: ICE-lite, one port" },
	{ "stun_server", CARDEA_STR, .idle = FULL_ICE },
	{ "stun_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
	{ "nice_debug", CARDEA_BOOL, .idle = FULL_ICE },
	{ "full_trickle", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_nomination", CARDEA_STR, .one_of = "regular|aggressive", .dflt_str = "aggressive",
		.idle = FULL_ICE },
	{ "ice_consent_freshness", CARDEA_BOOL, .idle = ALWAYS_ON },
	{ "ice_keepalive_conncheck", CARDEA_BOOL, .idle = FULL_ICE },
	{ "hangup_on_failed", CARDEA_BOOL, .idle = ALWAYS_ON },
	{ "ice_lite", CARDEA_BOOL, .dflt = 1, .idle = "ice_backend \"mux\" is always lite" },
	{ "ice_tcp", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ignore_mdns", CARDEA_BOOL, .idle = FULL_ICE },
	{ "nat_1_1_mapping", CARDEA_STR,
		.note = "public addresses behind 1:1 NAT, or host names of them, comma separated" },
	{ "keep_private_host", CARDEA_BOOL, .note = "advertise the private addresses as well" },
	{ "turn_server", CARDEA_STR, .idle = FULL_ICE },
	{ "turn_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
	{ "turn_type", CARDEA_STR, .one_of = "udp|tcp|tls", .dflt_str = "udp", .idle = FULL_ICE },
	{ "turn_user", CARDEA_STR, .idle = FULL_ICE },
	{ "turn_pwd", CARDEA_STR, .secret = true, .idle = FULL_ICE },
	{ "turn_rest_api", CARDEA_STR, .note = "URL that gives the TURN servers of clients" },
	{ "turn_rest_api_key", CARDEA_STR, .secret = true, .note = "its key" },
	{ "turn_rest_api_method", CARDEA_STR, .one_of = "GET|POST", .dflt_str = "POST" },
	{ "turn_rest_api_timeout", CARDEA_UINT, .min = 1, .max = 60, .dflt = 10,
		.note = "seconds" },
	{ "allow_force_relay", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_enforce_list", CARDEA_STR, .note = "use only these interfaces or address prefixes" },
	{ "ice_ignore_list", CARDEA_STR, .dflt_str = "vmnet", .note = "never use these" },
	{ "ignore_unreachable_ice_server", CARDEA_BOOL, .idle = FULL_ICE },
	{ 0 },
};

static const struct cardea_field web[] = {
	{ "port", CARDEA_UINT, .max = PORT_MAX, .dflt = 8088,
		.note = "pages, API, WebSockets; 0: off" },
	{ "secure_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 8089,
		.note = "the same with TLS; 0: off" },
	{ "ip", CARDEA_STR, .names = CARDEA_NAMES_ADDRESS, .note = "address to listen on" },
	{ "root", CARDEA_STR, .names = CARDEA_NAMES_FOLDER, .note = "folder of the pages" },
	{ "cert_pem", CARDEA_STR, .note = "TLS certificate; self-signed when absent" },
	{ "cert_key", CARDEA_STR, .note = "cert_pem when absent" },
	{ "trusted_proxies", CARDEA_STR,
		.note = "addresses and networks of proxies in front, comma separated: their "
			"X-Forwarded-For says who asks" },
	{ "max_connections_per_address", CARDEA_UINT, .max = 1000000, .dflt = 10000,
		.note = "0: no bound; half of the open files when absent, and none for this "
			"machine" },
	{ "hosts", CARDEA_STR, .names = CARDEA_NAMES_HOSTS,
		.note = "names that lead here, comma separated: asked for where the port is on "
			"loopback only" },
	{ "acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect to these ports" },
	{ "acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For too" },
	{ "allow_origin", CARDEA_STR, .names = CARDEA_NAMES_ORIGINS,
		.note = "origins whose pages are welcome, comma separated; * when absent" },
	{ "enforce_cors", CARDEA_BOOL, .note = "403 for an Origin that is not among allow_origin" },
	{ 0 },
};

static const struct cardea_field ice_servers[] = {
	{ "stun", CARDEA_STRS, .note = "URIs given to clients" },
	{ "turn", CARDEA_STRS, .note = "the same, with one of these two kinds of credentials" },
	{ "turn_secret", CARDEA_STR, .secret = true, .note = "key of time-limited credentials" },
	{ "turn_ttl", CARDEA_UINT, .min = 1, .max = INT32_MAX, .dflt = 86400, .note = "seconds" },
	{ .name = "turn_user", .type = CARDEA_STR },
	{ "turn_password", CARDEA_STR, .secret = true },
	{ "requests_per_second", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 10,
		.note = "at /turn from one address for long; ten times as many at once" },
	{ 0 },
};

static const struct cardea_field modules[] = {
	{ "disable", CARDEA_STR, .note = "names not to load, comma separated" },
	{ 0 },
};

static const struct cardea_field events[] = {
	{ "broadcast", CARDEA_BOOL, .idle = NO_EVENTS },
	{ "combine_media_stats", CARDEA_BOOL, .idle = NO_EVENTS },
	{ "stats_period", CARDEA_UINT, .dflt = 1, .idle = NO_EVENTS },
	{ "disable", CARDEA_STR, .idle = NO_EVENTS },
	{ 0 },
};

static const struct cardea_field loggers[] = {
	{ "disable", CARDEA_STR, .idle = NO_LOGGERS },
	{ 0 },
};

const struct cardea_section core_options[] = {
	{ "general", general },
	{ "certificates", certificates },
	{ "media", media },
	{ "nat", nat },
	{ "web", web },
	{ "ice_servers", ice_servers },
	{ "plugins", modules },
	{ "transports", modules },
	{ "events", events },
	{ "loggers", loggers },
	{ 0 },
};

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
	s->address = text(a, "interface");
	s->session_timeout_s = number(a, "session_timeout");
	s->reclaim_s = number(a, "reclaim_session_timeout");
	s->candidates_timeout_s = number(a, "candidates_timeout");
	if (!s->candidates_timeout_s)
		s->candidates_timeout_s = CANDIDATES_TIMEOUT_S;
	s->max_sessions = number(a, "max_sessions");
	s->address_is_bounded = cardea_given(a, "max_sessions_per_address");
	s->max_sessions_per_address = s->address_is_bounded ? number(a, "max_sessions_per_address")
							    : (s->max_sessions + 1) / 2;
	s->requests_per_s = number(a, "requests_per_second");
	s->max_handles = number(a, "max_handles");
	s->max_message = (size_t)cardea_int(a, "max_message_size");
	s->opaqueid_in_api = cardea_bool(a, "opaqueid_in_api");
	s->hide_dependencies = cardea_bool(a, "hide_dependencies");
	s->exit_on_dl_error = cardea_bool(a, "exit_on_dl_error");
	s->plugins_folder = text(a, "plugins_folder");
	s->transports_folder = text(a, "transports_folder");
	s->state_dir = text(a, "state_dir");
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
		last <= PORT_MAX)
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
	if (r->udp_port + r->workers - 1 > PORT_MAX)
		cardea_conf_wrong(file, true, "media", "workers",
			"%u ports from %u on go beyond %d", r->workers, r->udp_port, PORT_MAX);
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
	a = cardea_conf_section(file, "plugins");
	out->plugins_disable = text(&a, "disable");
	a = cardea_conf_section(file, "transports");
	out->transports_disable = text(&a, "disable");
}
