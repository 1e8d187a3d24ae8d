/* SPDX-License-Identifier: Apache-2.0 */
#include "option_fields.h"
#include "record_options.h"

#define MIB (1024 * 1024)

/* Why options of other servers have no effect here: not worth refusing an existing file for, worth
 * a warning. */
#define FULL_ICE   "only full ICE could honour it, and ice_backend \"mux\" is ICE-lite"
#define ALWAYS_ON  "it is always on"
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
	{ "events_folder", CARDEA_STR, .names = CARDEA_NAMES_FOLDER,
		.note = "where the event handlers are" },
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

	{ "candidates_timeout", CARDEA_UINT, .max = INT32_MAX, .dflt = OPTION_CANDIDATES_S,
		.idle = "candidates that come early are not needed: clients' checks name their "
			"address" },
	{ "configs_folder", CARDEA_STR, .idle = "say it with --config" },
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
	{ "port", CARDEA_UINT, .max = OPTION_PORT_MAX, .dflt = 8088,
		.note = "without TLS; 0: off" },
	{ "secure_port", CARDEA_UINT, .max = OPTION_PORT_MAX, .dflt = 8089,
		.note = "with TLS; 0: off" },
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
	{ "udp_port", CARDEA_UINT, .min = 1, .max = OPTION_PORT_MAX, .dflt = 10000,
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
	{ "stun_port", CARDEA_UINT, .max = OPTION_PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
	{ "full_trickle", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_nomination", CARDEA_STR, .one_of = "regular|aggressive", .dflt_str = "aggressive",
		.idle = FULL_ICE },
	{ "ice_keepalive_conncheck", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ice_tcp", CARDEA_BOOL, .idle = FULL_ICE },
	{ "ignore_mdns", CARDEA_BOOL, .idle = FULL_ICE },
	{ "nice_debug", CARDEA_BOOL, .idle = FULL_ICE },
	{ "turn_server", CARDEA_STR, .idle = FULL_ICE },
	{ "turn_port", CARDEA_UINT, .max = OPTION_PORT_MAX, .dflt = 3478, .idle = FULL_ICE },
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
	{ "broadcast", CARDEA_BOOL,
		.note = "load the event handlers that are enabled in files of their own; without "
			"it nothing is told, and nothing is made to be told" },
	{ "stats_period", CARDEA_UINT, .max = 3600, .dflt = 1,
		.note = "seconds between two events with the statistics of a PeerConnection; 0: "
			"none" },
	{ "combine_media_stats", CARDEA_BOOL,
		.note = "one event with all m-lines of a PeerConnection, in place of one for "
			"each" },
	{ "disable", CARDEA_STR, .note = "names, comma separated: \"jsonlines\"" },
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
	{ "events", events, "What happens in the server, told to event handlers: docs/events.md." },
	{ "loggers", loggers, "There are no loggers." },
	{ 0 },
};
