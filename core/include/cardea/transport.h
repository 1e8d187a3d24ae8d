/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <cardea/log.h>
#include <cardea/conf.h>

/** @file
 * The transport SDK. A transport is a shared object that exports `const struct cardea_transport
 * cardea_transport`. It turns bytes into parsed requests and texts into bytes; it knows nothing of
 * sessions but their owner. It is served by the web host, below, or has a thread of its own:
 * <cardea/loop.h>. */
#define CARDEA_TRANSPORT_ABI 3

/** Immutable text, printed once and shared by all its receivers; counted by atomics, so it may
 *  cross threads. */
struct cardea_text {
	_Atomic unsigned refs;
	size_t len;
	char data[]; /**< UTF-8, NUL-terminated */
};
/** One reference more. Any thread. @return @p t */
CARDEA_API struct cardea_text *cardea_text_ref(struct cardea_text *t);
CARDEA_API void cardea_text_drop(struct cardea_text *t); /**< NULL is fine. Any thread. */

/** Whom limits count for: an IPv4 address as ::ffff:a.b.c.d, of an IPv6 address its network of 64
 *  bits (::1 is whole). All zero: not known, or not a matter of addresses; then nothing is
 *  counted. */
struct cardea_address {
	uint8_t bytes[16];
};
/** From text; all zero when it is no address. Any thread. */
CARDEA_API struct cardea_address cardea_address(const char *ip);

/** Where a request came from and where its answer goes. Values only. */
struct cardea_origin {
	const struct cardea_transport *transport;
	/** the transport's name for a connection: never reused while the server runs, never 0 */
	uint64_t client;
	/** the transport's name for the exchange; 0 where answers need no match */
	uint64_t request;
	bool admin; /**< came in on an admin endpoint */
	/** the client's, behind a trusted proxy the forwarded one */
	struct cardea_address address;
	/** of the request's text: a large one counts for several of those that may wait */
	size_t bytes;
};

/** What a transport is: its names, its options, and its hooks. Static. */
struct cardea_transport {
	size_t size;  /**< sizeof(struct cardea_transport) */
	uint32_t abi; /**< CARDEA_TRANSPORT_ABI */
	/** "websockets": file <name>.so, packages cardea.transport.<name> and
	 *  janus.transport.<name> */
	const char *name;
	const char *title, *description, *author, *version_string;
	int version;
	const struct cardea_section *options; /**< of cardea.transport.<name>.jcfg */
	/** All its clients have one name, and are told apart by their addresses: allowances count
	 *  for these. */
	bool by_address;
	/** Control thread, before anything is served; also by --check, which calls `stop` next.
	 *  @return NULL, or why it cannot run. */
	const char *(*start)(const struct cardea_conf *conf);
	void (*stop)(void);
	/** Style of its texts: 0 compact, 1 plain, 2 indented. Control thread. */
	int (*style)(void);
	/** Give a text (one reference) to a client. @p request is the origin's of the request it
	 *  answers, 0 for an event of @p session_id. An unknown client: drop it. Called on control,
	 *  or on the thread that hands over a request which is refused at once; must not block. */
	void (*send)(
		uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text);
	/** The client has become (true) or ceased to be (false) the owner of a session. Control
	 *  thread. May be NULL. */
	void (*owns)(uint64_t client, uint64_t session_id, bool owner);
	/** Answer to cardea_transport_poll(): 200 go on, 403 bad credentials, 404 no such session
	 *  of this client. Control thread. May be NULL where the transport never polls. */
	void (*polled)(uint64_t client, uint64_t request, uint64_t session_id, int status);
	/** A client that had as many requests waiting as one may have, which
	 *  cardea_transport_incoming() told, has few: hand over more. Control thread. NULL: such
	 *  clients cannot be made to wait. */
	void (*resume)(uint64_t client);
	/** Too many requests wait, or the client asks too often: answer this one in the transport's
	 *  own way, with @p retry_s seconds to wait before the next. Any thread. NULL: send() gets
	 *  an error that says @p reason. */
	void (*refuse)(
		uint64_t client, uint64_t request, int code, const char *reason, unsigned retry_s);
	/** query_transport of the Admin API; may be NULL. Control thread. @return new reference. */
	json_t *(*query)(const json_t *request);
};

/** The whole of a query hook: `configure` and `connections`. Control thread.
 *  @param set_style is called when `configure` names a style
 *  @param connections the answer to `connections`, new reference
 *  @return the answer, new reference */
CARDEA_API json_t *cardea_serve_query(
	const json_t *request, void (*set_style)(int style), json_t *(*connections)(void));

/** Hand a parsed request over. Any thread; takes @p tree (any JSON value: the core words the
 *  error). What is beyond the allowance of a client (general.requests_per_second), or finds too
 *  many waiting, is answered with an error at once.
 *  @return false: this client has so many waiting that it is to be read no more before resume()
 *  says so; what it has sent
 *          by then may still be handed over. Only where there is a resume hook */
CARDEA_API bool cardea_transport_incoming(const struct cardea_origin *from, json_t *tree);
/** Several, in order. Any thread. @return as cardea_transport_incoming(): of all of them */
CARDEA_API bool cardea_transport_batch(
	const struct cardea_origin *from, json_t **trees, unsigned n);
/** Text that is no JSON: the core answers with error 454 (admin: the same) and the reason given.
 *  Any thread.
 *  @return as cardea_transport_incoming() */
CARDEA_API bool cardea_transport_garbage(const struct cardea_origin *from, const char *why);
/** The connection is gone. Any thread; the last word on this client.
 *  @param said_goodbye the client has ended it on purpose, and not the network. Its sessions can be
 *  claimed all the same
 *         where there is time for that (reclaim_session_timeout), but what it was doing ends now:
 *         its handles are as if just
 *         attached */
CARDEA_API void cardea_transport_gone(
	const struct cardea_transport *t, uint64_t client, bool said_goodbye);
/** A long poll wants events of a session: the core checks the credentials (NULL: none given),
 *  restarts the session's activity timer and answers through polled(). Any thread. */
CARDEA_API void cardea_transport_poll(const struct cardea_origin *from, uint64_t session_id,
	const char *secret, const char *token);
/** Does any event handler want to hear of transports? Ask before data is made. Any thread. */
CARDEA_API bool cardea_transport_events_are_on(void);
/** Tell event handlers something of a client, unless general.events of the transport's file is
 *  false. In order with what is handed over. Any thread. What comes while 10,000 of these wait is
 *  dropped and counted.
 *  @param id the client's name, or the exchange's where all clients have one
 *  @param data taken; such as {"event": "connected", "admin_api": false, "ip": "192.0.2.9"} */
CARDEA_API void cardea_transport_notify(
	const struct cardea_transport *t, uint64_t id, json_t *data);
/** Limits of `general`: bytes of one message. Any thread. */
CARDEA_API size_t cardea_max_message(void);

/* ---- the web host: a thread of its own that transports mount on ---- */

/** Where a mount is served, and who may come. Unset members are 0. All texts must outlive the
 *  server: configuration does. */
struct cardea_web_place {
	size_t size; /**< sizeof(struct cardea_web_place) */
	bool shared; /**< on the listeners of `web` in cardea.jcfg, plain and TLS */
	/** ports of its own, 0: none. A port that is open already is joined */
	unsigned port, secure_port;
	/** address or name of an interface to bind these to; NULL: all, or the joined one's */
	const char *ip, *secure_ip;
	/** "127.,192.168.0.": prefixes of addresses that are served; NULL: all */
	const char *acl;
	bool acl_forwarded; /**< the addresses in X-Forwarded-For must match too */
	/** an Admin API: without a secret it answers programs of this machine only */
	bool admin;
	/** origins ("https://a.example, https://b.example"), or "*": the host says in
	 *  Access-Control-Allow-Origin which may read the answers. NULL: as web.allow_origin */
	const char *allow_origin;
	bool enforce_origin; /**< refuse another Origin, or Referer, with 403 */
	/** for secure_port; NULL: those of `web` */
	const char *cert_pem, *cert_key, *cert_pwd, *ciphers;
	/** sockets: ping after so many seconds of silence; 0: never */
	unsigned ping_after_s;
	unsigned ping_timeout_s; /**< … and drop the connection when no pong came for so long */
	/** the options that name the ports, of cardea_conf_where(), for the words where one cannot
	 *  be had; NULL: not known */
	const char *port_from, *secure_port_from;
};

/** Who has opened a WebSocket, and how it was asked for. Borrowed for the call; texts are never
 *  NULL. */
struct cardea_web_peer {
	size_t size;
	/** ip: of the client, also behind a proxy of web.trusted_proxies */
	const char *ip, *path;
	const char *query; /**< "a=b&c=d", as received: see cardea_web_query() */
};
/** What a WebSocket mount is told, on the web thread. @p arg is the mount's. */
struct cardea_web_socket {
	size_t size;
	/** @param conn its name in all calls: never reused, never 0 */
	void (*opened)(void *arg, uint64_t conn, const struct cardea_web_peer *who);
	/** One whole message, text or binary, NUL-terminated behind @p len; borrowed. At most
	 *  cardea_max_message(). */
	void (*message)(void *arg, uint64_t conn, const char *data, size_t len);
	/** Once, as soon as it is known; nothing of this connection comes after it.
	 *  @param code by which the client has closed (RFC 6455, section 7.4): 1005, it closed
	 *  without one; 1006, it did not close,
	 *         but was lost, dropped, or closed by the server */
	void (*closed)(void *arg, uint64_t conn, unsigned code);
	/** Something has come since cardea_web_probe(). May be NULL. */
	void (*alive)(void *arg, uint64_t conn);
};
/** Mount a WebSocket endpoint. Control thread, from a start hook: before anything is served.
 *  @param name a subprotocol ("janus-protocol"), served at any path; or, for clients that name
 *  none, a path ("/mesh"), or
 *         "/": any path that nothing else is mounted at
 *  @param place,hooks copied; @p arg is handed back
 *  @return NULL, or why not */
CARDEA_API const char *cardea_web_mount_socket(const char *name,
	const struct cardea_web_place *place, const struct cardea_web_socket *hooks, void *arg);
/** Send a text message; takes one reference. Order is kept. A client that has gone: nothing. A
 *  client that lets more than 8 MiB wait is dropped. Any thread. */
CARDEA_API void cardea_web_send(uint64_t conn, struct cardea_text *text);
/** Read no more from a socket, or on. What has been read in one piece with the present message may
 *  still come: some kilobytes. Any thread; off: web thread. */
CARDEA_API void cardea_web_read(uint64_t conn, bool on);
/** The client's address, as it was when the socket was opened. Web thread; a socket that has gone
 *  has none. */
CARDEA_API struct cardea_address cardea_web_address(uint64_t conn);
/** Close with a status code of RFC 6455, after what waits has been sent. Any thread. */
CARDEA_API void cardea_web_close(uint64_t conn, unsigned code);
/** Ask by a ping whether the client is still there: `alive` is called as soon as anything comes, or
 *  the connection is dropped after @p timeout_ms. Asked again before that, it gets no more time.
 *  Any thread. */
CARDEA_API void cardea_web_probe(uint64_t conn, unsigned timeout_ms);

/** An HTTP request, borrowed for the call. Texts are never NULL, but empty when absent. */
struct cardea_web_request {
	size_t size;
	uint64_t id;        /**< names the exchange: never reused, never 0 */
	const char *method; /**< "GET", "POST", … */
	const char *path;   /**< behind the mount's prefix, decoded: "" or "/…" */
	const char *query;  /**< "a=b&c=d", as received: see cardea_web_query() */
	/** of the client, also behind a proxy of web.trusted_proxies */
	const char *ip;
	const char *origin, *referer, *authorization, *content_type;
	const char *ask_method, *ask_headers; /**< Access-Control-Request-Method, -Headers */
	bool secure;
	const char *body; /**< NUL-terminated behind @p body_len */
	size_t body_len;
	/** not 0: there is no body, because it was empty (400) or too long (413); answer with this
	 *  status. The connection is closed afterwards */
	int refused;
};
/** What a path mount is told, on the web thread. @p arg is the mount's. */
struct cardea_web_pages {
	size_t size;
	/** A request is complete. Answer now or later with cardea_web_answer(). */
	void (*request)(void *arg, const struct cardea_web_request *r);
	/** An unanswered request has waited for ten seconds, or as long as cardea_web_hold() set:
	 *  answer it. */
	void (*late)(void *arg, uint64_t id);
	/** The exchange is over, once for each request. @p delivered: the answer has been handed to
	 *  the network while the client was still there. May be NULL. */
	void (*ended)(void *arg, uint64_t id, bool delivered);
};
/** Mount all that is at or below the path @p prefix ("/janus"). Thread, arguments, return as
 *  cardea_web_mount_socket(). */
CARDEA_API const char *cardea_web_mount_path(const char *prefix,
	const struct cardea_web_place *place, const struct cardea_web_pages *hooks, void *arg);
/** Answer a request. Any thread.
 *  @param headers "Name: value\r\n" lines, NULL: none; copied. Content-Length is added
 *  @param type Content-Type, NULL: none
 *  @param body one reference is taken; NULL: empty */
CARDEA_API void cardea_web_answer(
	uint64_t id, int status, const char *headers, const char *type, struct cardea_text *body);
/** Let a request wait @p ms milliseconds from now for its answer. Web thread.
 *  @return false when its client has gone or it has been answered */
CARDEA_API bool cardea_web_hold(uint64_t id, unsigned ms);
/** Reset the connection without an answer. Web thread. */
CARDEA_API void cardea_web_drop(uint64_t id);
/** Value of a query parameter, decoded. @return false when absent; too long is cut. Any thread. */
CARDEA_API bool cardea_web_query(const char *query, const char *name, char *out, size_t size);

/** Run @p fn on the web thread with a copy of a record, in the order of the calls; one wake-up
 *  serves a batch. Any thread.
 *  @return false when too much waits or the server ends: then @p fn is not called */
CARDEA_API bool cardea_web_post(
	void (*fn)(const void *rec, size_t len), const void *rec, size_t len);
/** What cardea_text_drop() will free: a copy of @p len bytes, with one reference. Any thread. */
CARDEA_API struct cardea_text *cardea_web_text(const char *data, size_t len);
/** Parse one JSON value with the server's bounds, and move @p *text and @p *len behind it. Any
 *  thread.
 *  @param why 160 bytes: the parser's words on failure
 *  @return new reference or NULL */
CARDEA_API json_t *cardea_web_json(const char **text, size_t *len, char *why);
