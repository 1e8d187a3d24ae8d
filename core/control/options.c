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
#define MANAGER    "leave it to the service manager"

static const struct cardea_field general[] = {
	{ "server_name", CARDEA_STR, .dflt_str = "Cardea", .note = "shown by `info`" },

	{ "api_secret", CARDEA_STR, .secret = true,
		.group = "Who may use it. Without any of these everyone who can reach it may.",
		.note = "clients send it as \"apisecret\" in every request" },
	{ "token_auth", CARDEA_BOOL, .note = "clients send a token in every request" },
	{ "token_auth_secret", CARDEA_STR, .secret = true,
		.note = "key of signed tokens (docs/admin.md says how to sign them); without it "
			"tokens are those that the Admin API has stored" },
	{ "token_store", CARDEA_BOOL,
		.note = "stored tokens survive a restart: tokens.json in state_dir" },
	{ "max_tokens", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 10000,
		.note = "stored ones" },
	{ "admin_secret", CARDEA_STR, .secret = true,
		.note = "for the Admin API; without it that answers programs of this machine "
			"only" },

	{ "session_timeout", CARDEA_UINT, .max = INT32_MAX, .dflt = 60,
		.group = "How long a session lives.",
		.note = "seconds without a request; 0: for ever" },
	{ "reclaim_session_timeout", CARDEA_UINT, .max = INT32_MAX,
		.note = "seconds after its connection was lost, so that a change of network drops "
			"no call; 0: it ends with its connection. A client that closes its "
			"connection leaves all rooms at once in any case" },

	{ "max_sessions", CARDEA_UINT, .min = 1, .max = 1000000, .dflt = 10000, .group = "Limits.",
		.note = "at a time" },
	{ "protected_folders", CARDEA_STRS,
		.note = "no recording or capture is written there, nor in what is below" },
	{ "max_sessions_per_address", CARDEA_UINT, .max = 1000000, .dflt = 5000,
		.note = "of an address (of IPv6, a network of 64 bits); 0: no bound. Absent, it is "
			"half of max_sessions, and does not hold for gateways on this machine. "
			"Behind a proxy that web.trusted_proxies does not name all clients have "
			"one address, the proxy's" },
	{ "requests_per_second", CARDEA_UINT, .max = 10000000, .dflt = 50000,
		.note = "of one client (a WebSocket, or an address over HTTP) for long, ten times "
			"as many at once; 0: no bound" },
	{ "max_handles", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 100,
		.note = "of one session" },
	{ "max_message_size", CARDEA_UINT, .min = 1024, .max = 64 * MIB, .dflt = MIB,
		.note = "bytes of one request" },

	{ "debug_level", CARDEA_UINT, .max = 7, .dflt = 4, .group = "The log.",
		.note = "0: nothing, 2: errors, 3: warnings, 4: the life of a call, 7: "
			"everything" },
	{ "debug_timestamps", CARDEA_BOOL, .note = "the time before each line" },
	{ "debug_colors", CARDEA_BOOL, .dflt = 1, .note = "on a terminal" },
	{ "log_to_stdout", CARDEA_BOOL, .dflt = 1, .note = "write it to standard output" },
	{ "log_to_file", CARDEA_STR, .note = "write it to this file, too" },
	{ "log_rotate_sig", CARDEA_STR, .one_of = "SIGHUP|SIGUSR1|SIGUSR2",
		.note = "signal that opens that file again; all of the three do, whichever is "
			"named here" },
	{ "log_prefix", CARDEA_STR, .note = "before each line" },

	{ "opaqueid_in_api", CARDEA_BOOL, .group = "Answers.",
		.note = "add the opaque_id of a handle to answers and events about it" },
	{ "hide_dependencies", CARDEA_BOOL, .note = "no versions of libraries in `info`" },

	{ "state_dir", CARDEA_STR,
		.group = "Where things are. Absent: where they were installed, or beside the "
			 "program when it is run from its build folder.",
		.note = "what survives a restart: the self-signed web certificate, tokens" },
	{ "recordings_tmp_ext", CARDEA_STR, .max = 15, .dflt_str = "part",
		.note = "ending of recordings that are not whole yet" },
	{ "plugins_folder", CARDEA_STR, .names = CARDEA_NAMES_FOLDER,
		.note = "where the plugins are" },
	{ "transports_folder", CARDEA_STR, .names = CARDEA_NAMES_FOLDER,
		.note = "where the transports are" },
	{ "interface", CARDEA_STR,
		.note = "address in the o= and c= lines, or the interface that has it (eth0), "
			"unless nat.nat_1_1_mapping names another; the detected one when absent" },

	{ "watchdog", CARDEA_UINT, .max = 86400, .dflt = 60, .group = "When it cannot go on.",
		.note = "seconds. A thread that hangs is named in the log after a second or two; "
			"after so many the process ends (SIGABRT, with a core dump where the "
			"system makes them) for its supervisor to start it anew. 0: it hangs for "
			"ever" },
	{ "exit_on_dl_error", CARDEA_BOOL, .note = "do not start when a module does not load" },
	{ "check_openfiles_limit", CARDEA_UINT,
		.note = "do not start where fewer open files are allowed" },

	{ "candidates_timeout", CARDEA_UINT, .max = INT32_MAX, .dflt = CANDIDATES_TIMEOUT_S,
		.idle = "candidates that come early are not needed: clients' checks name their "
			"address" },
	{ "configs_folder", CARDEA_STR, .idle = "say it with --config" },
	{ "events_folder", CARDEA_STR, .idle = NO_EVENTS },
	{ "loggers_folder", CARDEA_STR, .idle = NO_LOGGERS },
	{ "debug_locks", CARDEA_BOOL, .idle = "there are no locks" },
	{ "daemonize", CARDEA_BOOL, .idle = MANAGER },
	{ "pid_file", CARDEA_STR, .idle = MANAGER },
	{ "event_loops", CARDEA_UINT, .idle = "see media.workers" },
	{ "allow_loop_indication", CARDEA_BOOL, .idle = "see media.workers" },
	{ "task_pool_size", CARDEA_UINT, .idle = "requests run on one thread" },
	{ "no_webrtc_encryption", CARDEA_BOOL, .idle = "media is always encrypted" },
	{ 0 },
};

static const struct cardea_field web[] = {
	{ "port", CARDEA_UINT, .max = PORT_MAX, .dflt = 8088, .note = "without TLS; 0: off" },
	{ "secure_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 8089, .note = "with TLS; 0: off" },
	{ "ip", CARDEA_STR, .names = CARDEA_NAMES_ADDRESS,
		.note = "address or interface to listen on; all when absent" },
	{ "root", CARDEA_STR, .names = CARDEA_NAMES_FOLDER, .note = "folder of the pages" },
	{ "cert_pem", CARDEA_STR,
		.note = "TLS certificate; self-signed, made at the first start, when absent. Read "
			"again once a day and at SIGHUP" },
	{ "cert_key", CARDEA_STR, .note = "its key; in cert_pem, too, when absent" },
	{ "trusted_proxies", CARDEA_STR,
		.note = "addresses and networks of proxies in front, comma separated: their "
			"X-Forwarded-For says who asks; none when absent" },
	{ "max_connections_per_address", CARDEA_UINT, .max = 1000000, .dflt = 10000,
		.note = "0: no bound; half of the open files when absent, and none for this "
			"machine" },
	{ "hosts", CARDEA_STR, .names = CARDEA_NAMES_HOSTS,
		.note = "host names that lead here, comma separated: asked for where ip is a "
			"loopback address; none but loopback's when absent" },
	{ "acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect to these ports; all when "
			"absent" },
	{ "acl_forwarded", CARDEA_BOOL,
		.note = "test X-Forwarded-For of proxies that are not trusted, too" },
	{ "allow_origin", CARDEA_STR, .names = CARDEA_NAMES_ORIGINS,
		.note = "origins whose pages are welcome, comma separated; all when absent" },
	{ "enforce_cors", CARDEA_BOOL, .note = "403 for an Origin that is not among allow_origin" },
	{ 0 },
};

static const struct cardea_field media[] = {
	{ "udp_port", CARDEA_UINT, .min = 1, .max = PORT_MAX, .dflt = 10000,
		.note = "the one port to open in a firewall; worker n uses udp_port + n" },
	{ "workers", CARDEA_UINT, .min = 1, .max = 64, .dflt = 1,
		.note = "threads that move media: one moves some 300,000 packets a second" },
	{ "peers_together", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 64,
		.note = "peers of one room on one worker, before others take some" },
	{ "rtp_port_range", CARDEA_STR,
		.note = "\"min-max\": only its first port is used, where udp_port is not given" },
	{ "ipv6", CARDEA_BOOL, .note = "offer IPv6 addresses as well" },
	{ "ipv6_linklocal", CARDEA_BOOL, .note = "… link-local ones, too" },
	{ "min_nack_queue", CARDEA_UINT, .max = INT32_MAX, .dflt = 200,
		.note = "ms that packets are kept for retransmission; more than 1000 is taken as "
			"1000" },
	{ "no_media_timer", CARDEA_UINT, .max = INT32_MAX, .dflt = 1,
		.note = "seconds of silence before clients are told (longer for slow video); 0: "
			"never" },
	{ "slowlink_threshold", CARDEA_UINT, .max = INT32_MAX,
		.note = "lost packets a second before clients are told; 0: never" },
	{ "twcc_period", CARDEA_UINT, .min = 10, .max = 10000, .dflt = 200,
		.note = "ms between two transport-wide feedback messages" },
	{ "dtls_mtu", CARDEA_UINT, .min = 576, .max = 1500, .dflt = 1200,
		.note = "bytes of a datagram of the handshake" },
	{ "dscp", CARDEA_UINT, .max = 63, .note = "of all that is sent; 0: none" },
	{ "dscp_tos", CARDEA_UINT, .max = 63, .note = "the old name of dscp" },

	{ "srtp_engine", CARDEA_STR, .one_of = "auto|evp|ipsec-mb|libsrtp2", .dflt_str = "auto",
		.group = "What makes it fast, each with its switch.",
		.note = "auto: the fastest that is there" },
	{ "gso", CARDEA_BOOL, .dflt = 1,
		.note = "the packets of a burst leave as one message of the kernel's" },
	{ "even_out", CARDEA_BOOL, .dflt = 1,
		.note = "pad them by a byte or so to one size, which that takes" },
	{ "burst_wait", CARDEA_UINT, .max = 10000, .dflt = 500,
		.note = "µs that video waits for the rest of its frame, sound never does; 0: "
			"not" },

	{ "dtls_timeout", CARDEA_UINT, .max = 60000, .dflt = 1000,
		.idle = "the first retransmission is after 200 ms" },
	{ "nack_optimizations", CARDEA_BOOL, .idle = "the cache is bounded by time" },
	{ 0 },
};

static const struct cardea_field nat[] = {
	{ "nat_1_1_mapping", CARDEA_STR,
		.note = "public address behind 1:1 NAT, as in most clouds, or a host name, which "
			"is looked up at the start; several with commas" },
	{ "keep_private_host", CARDEA_BOOL, .note = "offer the private address as well" },
	{ "ice_enforce_list", CARDEA_STR,
		.note = "only these interfaces or address prefixes, comma separated; name loopback "
			"to have it" },
	{ "ice_ignore_list", CARDEA_STR, .dflt_str = "vmnet", .note = "never these" },
	{ "ice_backend", CARDEA_STR, .one_of = "mux|nice", .dflt_str = "mux",
		.note = "mux: ICE-lite on one port" },

	{ "turn_rest_api", CARDEA_STR,
		.group = "A TURN REST backend that names the TURN servers of clients and makes "
			 "their credentials, in place of ice_servers.turn.",
		.note = "its URL" },
	{ "turn_rest_api_key", CARDEA_STR, .secret = true, .note = "its key" },
	{ "turn_rest_api_method", CARDEA_STR, .one_of = "GET|POST", .dflt_str = "POST",
		.note = "how it is asked" },
	{ "turn_rest_api_timeout", CARDEA_UINT, .min = 1, .max = 60, .dflt = 10,
		.note = "seconds to answer" },

	{ "stun_server", CARDEA_STR, .idle = FULL_ICE },
	{ "stun_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
	{ "full_trickle", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_nomination", CARDEA_STR, .one_of = "regular|aggressive", .dflt_str = "aggressive",
		.idle = FULL_ICE },
	{ "ice_keepalive_conncheck", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_tcp", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ignore_mdns", CARDEA_BOOL, .idle = FULL_ICE },
	{ "nice_debug", CARDEA_BOOL, .idle = FULL_ICE },
	{ "turn_server", CARDEA_STR, .idle = FULL_ICE },
	{ "turn_port", CARDEA_UINT, .max = PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
	{ "turn_type", CARDEA_STR, .one_of = "udp|tcp|tls", .dflt_str = "udp", .idle = FULL_ICE },
	{ "turn_user", CARDEA_STR, .idle = FULL_ICE },
	{ "turn_pwd", CARDEA_STR, .secret = true, .idle = FULL_ICE },
	{ "allow_force_relay", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ignore_unreachable_ice_server", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_lite", CARDEA_BOOL, .dflt = 1, .idle = "ice_backend \"mux\" is always lite" },
	{ "ice_consent_freshness", CARDEA_BOOL, .dflt = 1, .idle = ALWAYS_ON },
	{ "hangup_on_failed", CARDEA_BOOL, .dflt = 1, .idle = ALWAYS_ON },
	{ 0 },
};

static const struct cardea_field ice_servers[] = {
	{ "stun", CARDEA_STRS, .note = "URIs of STUN servers" },
	{ "turn", CARDEA_STRS,
		.note = "URIs of TURN servers, with one of these two kinds of credentials" },
	{ "turn_secret", CARDEA_STR, .secret = true,
		.note = "credentials are made from it, for each client and a limited time" },
	{ "turn_ttl", CARDEA_UINT, .min = 1, .max = INT32_MAX, .dflt = 86400,
		.note = "seconds that they are good for" },
	{ "turn_user", CARDEA_STR, .note = "or fixed ones, for all" },
	{ "turn_password", CARDEA_STR, .secret = true, .note = "its password" },
	{ "requests_per_second", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 10,
		.note = "at /turn, from one address for long; ten times as many at once" },
	{ 0 },
};

static const struct cardea_field certificates[] = {
	{ "cert_pem", CARDEA_STR, .note = "the certificate" },
	{ "cert_key", CARDEA_STR, .note = "its key; in cert_pem, too, when absent" },
	{ "cert_pwd", CARDEA_STR, .secret = true, .note = "password of the key" },
	{ "rsa_private_key", CARDEA_BOOL, .note = "make an RSA key instead of P-256" },
	{ "dtls_accept_selfsigned", CARDEA_BOOL, .dflt = 1,
		.idle = "the fingerprint in the description decides" },
	{ "dtls_ciphers", CARDEA_STR, .idle = "the ciphers are fixed" },
	{ 0 },
};

static const struct cardea_field plugins[] = {
	{ "disable", CARDEA_STR, .note = "names, comma separated: \"echotest,videoroom\"" },
	{ 0 },
};

static const struct cardea_field transports[] = {
	{ "disable", CARDEA_STR, .note = "names, comma separated: \"http,websockets\"" },
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
	{ "general", general, "The server as a whole." },
	{ "web", web, "Pages, API, WebSockets: one port without and one with TLS." },
	{ "media", media, "Sound, video and data of WebRTC: UDP." },
	{ "nat", nat, "Addresses that clients are told." },
	{ "ice_servers", ice_servers,
		"STUN and TURN servers for clients: GET /turn gives them with fresh credentials, "
		"to our pages too, and so does mesh. A client needs them to reach other clients "
		"(mesh), or where it cannot reach the media port itself. These options go with "
		"turnserver.conf, which lies beside this file; see docs/deploy.md. The secret must "
		"be the same in both." },
	{ "certificates", certificates,
		"The certificate of media (DTLS): made at each start when absent, read at the "
		"start only." },
	{ "recordings", record_options,
		"What rooms and plugins record. Who may, and into which folder, they say." },
	{ "plugins", plugins, "Plugins not to load." },
	{ "transports", transports, "Transports not to load." },
	{ "events", events, "There are no event handlers yet." },
	{ "loggers", loggers, "There are no loggers." },
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
	s->protected_folders = cardea_json(a, "protected_folders");
	s->opaqueid_in_api = cardea_bool(a, "opaqueid_in_api");
	s->hide_dependencies = cardea_bool(a, "hide_dependencies");
	s->exit_on_dl_error = cardea_bool(a, "exit_on_dl_error");
	s->plugins_folder = text(a, "plugins_folder");
	s->transports_folder = text(a, "transports_folder");
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
	a = cardea_conf_section(file, "recordings");
	record_options_read(&out->record, &a);
	a = cardea_conf_section(file, "plugins");
	out->plugins_disable = text(&a, "disable");
	a = cardea_conf_section(file, "transports");
	out->transports_disable = text(&a, "disable");
}

char **options_protected_folders(void)
{
	size_t n = json_array_size(settings.protected_folders);
	char **all = g_new0(char *, n + 1);
	for (size_t i = 0; i < n; i++)
		all[i] = g_strdup(json_string_value(json_array_get(settings.protected_folders, i)));
	return all;
}
