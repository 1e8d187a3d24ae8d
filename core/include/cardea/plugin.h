/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <cardea/log.h>
#include <cardea/media.h>

/** @file
 * The plugin SDK. A plugin is a shared object that exports `const struct cardea_plugin
 * cardea_plugin`. It decides who hears whom and declares routes; the core moves the packets. Every
 * hook and every function here runs on the control thread, one at a time: a plugin needs no lock
 * and must not block. */
#define CARDEA_PLUGIN_ABI 5

struct cardea_handle;  /**< a client's use of the plugin, with at most one PeerConnection */
struct cardea_message; /**< one request on a handle */
struct cardea_conf;    /**< one configuration file */

/* ---- configuration ---- */

/** A section of a file: its name, or a prefix ending in '*' ("room-*"). A NULL name ends the
 *  table. */
struct cardea_section {
	const char *name;
	const struct cardea_field *fields;
	const char *note; /**< what it is for: introduces it in the file; NULL: nothing */
};
/** A section by name, with the defaults of its table; an absent one gives all defaults.
 *  @return args valid as long as the configuration: for the life of the plugin. */
CARDEA_API struct cardea_args cardea_conf_section(const struct cardea_conf *c, const char *name);
/** Walk the sections that match a "prefix*" row, in file order: start with *i = 0. @return its name
 *  or NULL. */
CARDEA_API const char *cardea_conf_next(
	const struct cardea_conf *c, const char *pattern, unsigned *i, struct cardea_args *args);
/** Say, from a start hook, that an option is wrong in a way that its table cannot tell. It is shown
 *  with file and line, at a start and by --check; an error keeps the server from starting.
 *  @param option NULL: the section as a whole */
CARDEA_API void cardea_conf_wrong(const struct cardea_conf *c, bool is_error, const char *section,
	const char *option, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** "FILE:LINE: 'option' in section 'section'". @return borrowed, as long as the configuration */
CARDEA_API const char *cardea_conf_where(
	const struct cardea_conf *c, const char *section, const char *option);

/* ---- the plugin ---- */

/** One text message on a direct endpoint. Borrowed until the hook returns. */
struct cardea_direct_message {
	size_t size;
	const char *text; /**< NUL-terminated behind @p len */
	size_t len;
	const json_t *json; /**< the message as JSON; NULL: it is none … */
	const char *why;    /**< … because of this */
};

/** A message on a data channel. Borrowed for the call. */
struct cardea_data {
	size_t size;
	const char *label;    /**< of the channel; NULL when sent: "JanusDataChannel" */
	const char *protocol; /**< of the channel, mostly "" */
	/** as received, to answer on the very same channel; 0 when sent: the one of this label,
	 *  which is opened, reliable and ordered, when there is none */
	unsigned channel;
	bool is_binary;
	const void *bytes; /**< when received NUL-terminated behind @p len */
	size_t len;        /**< 256 KiB at most */
};

/** A layer report; -1: unknown or not applicable. */
struct cardea_layer {
	size_t size;
	int substream, temporal;   /**< simulcast, now being sent */
	int spatial, svc_temporal; /**< SVC on one SSRC */
};

struct cardea_request; /* below */
struct cardea_plugin {
	size_t size;  /**< sizeof(struct cardea_plugin) */
	uint32_t abi; /**< CARDEA_PLUGIN_ABI */
	/** "echotest": the file is <name>.so, the packages cardea.plugin.<name> and
	 *  janus.plugin.<name> */
	const char *name;
	const char *title, *description, *author, *version_string;
	int version;
	const struct cardea_section *options; /**< of cardea.plugin.<name>.jcfg; NULL: none */

	/** Also called by --check, which calls `stop` next: take nothing that a running server
	 *  holds.
	 *  @return NULL, or one sentence on why the plugin cannot run (it is then left out). */
	const char *(*start)(const struct cardea_conf *conf);
	void (*stop)(void); /**< after the last detach */
	/** @return 0, or a plugin number that refuses the attachment (API error 461). */
	int (*attach)(struct cardea_handle *h);
	/** Last word on h; its PeerConnection is gone already. Where a client whose session may
	 *  be claimed has ended its connection on purpose, `attach` follows at once for the same
	 *  handle, which then begins anew. */
	void (*detach)(struct cardea_handle *h);
	/** Answer with exactly one of cardea_reply(), cardea_ack() (then cardea_event()),
	 *  cardea_refuse(). */
	void (*message)(struct cardea_handle *h, struct cardea_message *m);
	/* All below may be NULL. */
	void (*connected)(struct cardea_handle *h); /**< ICE and DTLS are up: after `webrtcup` */
	/** The PeerConnection is gone, whatever the reason; before the client's `hangup` event.
	 *  After a cardea_close() it is called when the present hook has returned. A client's
	 *  `hangup` request calls it also where there is no PeerConnection. */
	void (*hangup)(struct cardea_handle *h, const char *reason);
	/** An incoming track starts (true) or stops to bring packets. substream -1 unless
	 *  simulcast. */
	void (*receiving)(struct cardea_handle *h, unsigned mindex, int substream, bool on);
	/** The layer that an outgoing track carries has changed. A few times a second at most, the
	 *  last of them always. */
	void (*layer)(struct cardea_handle *h, unsigned mindex, const struct cardea_layer *now);
	/** Average audio level crossed the threshold asked for with cardea_watch_level(): five
	 *  times a second at most. Also false, with 127, when a talking track is muted, stops, or
	 *  brings no packet for a second. */
	void (*talking)(struct cardea_handle *h, unsigned mindex, bool talks, double avg_dbov);
	/** Packets were lost in the last second; uplink: those the server sent. */
	void (*slow_link)(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost);
	/** What the peer itself estimates that it can take from the server has changed (REMB): bits
	 *  per second (INT64_MAX at most), for the whole PeerConnection. At most once a second,
	 *  while media flows. Chromium never sends it where transport-wide feedback was agreed on,
	 *  for then estimating is the sender's part. A new PeerConnection begins without any. */
	void (*estimate)(struct cardea_handle *h, uint64_t bps);
	/** A message has come on a data channel.
	 *  @return false: not now, because cardea_data_send() to this very handle has refused. It
	 *  is offered again when there is
	 *          room; until then SCTP holds the peer back. */
	bool (*data)(struct cardea_handle *h, const struct cardea_data *what);
	/** Data can be sent: the association is up, or there is room again after a refusal. */
	void (*data_ready)(struct cardea_handle *h);
	/** The client of a direct handle has sent a message. */
	void (*direct_message)(struct cardea_handle *h, const struct cardea_direct_message *what);
	/** The client of a direct handle is there: it has answered cardea_probe(). */
	void (*alive)(struct cardea_handle *h);
	/** plugin_specific of handle_info; new reference */
	json_t *(*query)(struct cardea_handle *h);
	/** message_plugin of the Admin API; NULL: not supported. @return new reference or NULL for
	 *  {}. */
	json_t *(*admin)(const json_t *request);
	/** What docs/api.md is made of, with `cardea --describe`; NULL: its requests are not
	 *  described. A request whose name is "" is one without a `request` in its body. */
	const struct cardea_request *requests;
	const struct cardea_code *errors; /**< the codes of its answers; NULL: it has none */
};

/** Fill @p out from the system's random source: for ids and whatever else nobody may guess. Any
 *  thread; cannot fail. */
CARDEA_API void cardea_random(void *out, size_t len);

/* ---- messages: they and what they lend live until the message hook returns ---- */

/** borrowed; an object */
CARDEA_API const json_t *cardea_body(const struct cardea_message *m);
CARDEA_API const char *cardea_transaction(const struct cardea_message *m); /**< borrowed */
/** The peer's description that came with the message, parsed; NULL when none did. Borrowed. */
CARDEA_API const struct cardea_desc *cardea_remote(const struct cardea_message *m);
/** Answer now: `success` with @p data (taken). NULL, which json_pack() gives for what is no UTF-8,
 *  is answered by API error 462; cardea_json_text() takes any text. */
CARDEA_API void cardea_reply(struct cardea_message *m, json_t *data);
/** The same, where in the place of the null that @p data ends with ({"list": null}) stands what is
 *  printed already: the JSON @p inner of @p len bytes (borrowed). For what is long and mostly the
 *  same each time. */
CARDEA_API void cardea_reply_around(
	struct cardea_message *m, json_t *data, const char *inner, size_t len);
/** Answer `ack`; an event with the message's transaction follows. */
CARDEA_API void cardea_ack(struct cardea_message *m);
/** Refuse for good: API error 462 with this text. For mistakes of a request use an event or reply
 *  with error_code. */
CARDEA_API void cardea_refuse(struct cardea_message *m, const char *reason);

/** Send an event to the handle's client.
 *  @param transaction of the request it answers, NULL: unsolicited
 *  @param data taken; NULL: likewise
 *  @param desc taken; NULL: none. An answer or offer sets up or changes the PeerConnection: on
 *  return its tracks can be
 *         routed. On failure the client is told by an error instead, and false is returned. */
CARDEA_API bool cardea_event(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc);
/** The same unsolicited event to several, printed once; those that are direct are passed over.
 *  @param data taken */
CARDEA_API void cardea_event_all(struct cardea_handle *const *to, unsigned n, json_t *data);

/* ---- requests as tables ---- */

struct cardea_call; /* below */
/** One request of a plugin, found by name in any case. A NULL name ends the table. */
struct cardea_request {
	const char *name;
	const struct cardea_field *fields;
	/** Act, and fill call->data (new reference) and perhaps call->desc; or return
	 *  cardea_fail(call->error, …). */
	bool (*fn)(struct cardea_call *call);
	bool async; /**< answered with ack and event instead of success */
	/** May the handle ask for this at all, whatever the fields say? Judged before they are.
	 *  Return cardea_fail() if not. NULL: yes. */
	bool (*may)(struct cardea_call *call);
	const char *note; /**< what it does, for the reference documentation */
};
/** A request on its way through a handler. */
struct cardea_call {
	struct cardea_handle *handle;     /**< NULL when it came through the Admin API */
	struct cardea_args args;          /**< checked against the request's table */
	const struct cardea_desc *remote; /**< NULL: none */
	const char *transaction;          /**< NULL through the Admin API */
	/** out: the answer; NULL: nothing is sent (the handler has sent its event) */
	json_t *data;
	struct cardea_desc *desc; /**< out: goes along with an asynchronous answer */
	struct cardea_error *error;
	const char *request; /**< its name in the table */
	/** out, by malloc(): for cardea_reply_around(); NULL: none. Not through the Admin API */
	char *inner;
};
/** How a plugin words its answers. */
struct cardea_dialect {
	/** "videoroom": errors are {marker: "event", error_code, error} */
	const char *marker;
	struct cardea_codes codes;
	int unknown_request; /**< code for "Unknown request 'x'" */
	int missing_request; /**< code when `request` is absent or not a string */
};
/** Look the message's `request` up, check its fields, run it and answer: the whole of a plugin's
 *  message hook. */
CARDEA_API void cardea_serve(struct cardea_handle *h, struct cardea_message *m,
	const struct cardea_request *requests, const struct cardea_dialect *dialect);
/** The same for the Admin API: synchronous requests only. @return the answer, new reference. */
CARDEA_API json_t *cardea_serve_admin(const json_t *request, const struct cardea_request *requests,
	const struct cardea_dialect *dialect);
/** {marker: "event", error_code, error}; new reference. */
CARDEA_API json_t *cardea_error_json(
	const struct cardea_dialect *dialect, const struct cardea_error *e);

/* ---- handles ---- */

/** the plugin's own pointer, NULL at attach */
CARDEA_API void *cardea_user_data(const struct cardea_handle *h);
CARDEA_API void cardea_set_user_data(struct cardea_handle *h, void *data);
CARDEA_API uint64_t cardea_handle_id(const struct cardea_handle *h);
/** borrowed; may be NULL */
CARDEA_API const char *cardea_opaque_id(const struct cardea_handle *h);
/** Is the PeerConnection up (ICE and DTLS done)? */
CARDEA_API bool cardea_is_up(const struct cardea_handle *h);
/** Is an offer of ours waiting for the client's answer? */
CARDEA_API bool cardea_offer_pending(const struct cardea_handle *h);
/** Close the PeerConnection; the client gets `hangup` with "Close PC". Without one: nothing. */
CARDEA_API void cardea_close(struct cardea_handle *h);
/** End the handle itself; the client gets `detached`. Takes effect when the present hook
 *  returns. */
CARDEA_API void cardea_end(struct cardea_handle *h);
/** Peers with the same key are kept together on one worker as long as they are few. Before the
 *  first description. 0: anywhere. */
CARDEA_API void cardea_place(struct cardea_handle *h, uint64_t key);
/** Whose it is: the same number for all that one address has made (of IPv6 one /64), so that it can
 *  have its share of what there is. 0: this machine's, where gateways are, or of an address that is
 *  not known: anybody's. */
CARDEA_API uint64_t cardea_whose(const struct cardea_handle *h);
/** Are tokens on in the core, signed or stored ones? */
CARDEA_API bool cardea_has_tokens(void);
/** … and signed ones at that, which can name a room? */
CARDEA_API bool cardea_has_signed_tokens(void);
/** Does a signed token allow @p descriptor ("room=1234") in the realm of this plugin (its package,
 *  either spelling)? Stored tokens know no descriptors: those that may use the plugin allow all of
 *  them.
 *  @return false also when it is NULL, invalid, expired or not known; true when tokens are off in
 *  the core. */
CARDEA_API bool cardea_token_allows(const char *token, const char *realm, const char *descriptor);

/* ---- direct endpoints: a protocol of the plugin's own on a bare WebSocket ---- */

/** Where they are served. Unset members are 0. */
struct cardea_direct {
	size_t size; /**< sizeof(struct cardea_direct) */
	/** "/mesh", on the ports of `web`; NULL: not there. Static text */
	const char *path;
	unsigned port, secure_port; /**< ports of its own, where any path will do; 0: none */
	/** address or interface to bind these to; NULL: all. Must outlive the server */
	const char *ip;
	/** a second that a client may send for long, five times as many at once; of large ones
	 *  fewer. What is more is answered by {"type":"error","code":429,"reason":…} and not passed
	 *  on; who goes on all the same is closed (1008). 0: 100 */
	unsigned messages;
	/** silence before a ping, and before the connection is given up; 0: never */
	unsigned ping_after_s, ping_timeout_s;
	/** the options that name the ports, of cardea_conf_where(); NULL: not known */
	const char *port_from, *secure_port_from;
};
/** Bind a WebSocket endpoint to this plugin, from its start hook. A connection is a session with
 *  one handle: `attach` is called when it opens, `direct_message` for each of its messages,
 *  `detach` when it is gone. Where the API asks for a secret or a token, they come with the
 *  address: "/mesh?token=…".
 *  @return NULL, or why not */
CARDEA_API const char *cardea_direct(
	const struct cardea_plugin *self, const struct cardea_direct *where);
/** Is it a direct connection's? cardea_event() has no effect there. */
CARDEA_API bool cardea_is_direct(const struct cardea_handle *h);
/** Another handle of the same connection, for another PeerConnection: `attach` is called for it,
 *  `direct_message` is not. It ends by cardea_end() or with the connection. @return NULL with @p e
 *  filled */
CARDEA_API struct cardea_handle *cardea_extra_handle(
	struct cardea_handle *direct, struct cardea_error *e);
/** Take in the client's description {"type", "sdp"} for a direct handle: an offer waits for
 *  cardea_describe(), an answer is in force at once. Only inside `direct_message`. @return
 *  borrowed until that returns; NULL with @p e filled, its code of the API: 469 an answer that
 *  nobody waits for, 490 the server is overloaded, others for what the description lacks */
CARDEA_API const struct cardea_desc *cardea_take_jsep(
	struct cardea_handle *direct, const json_t *jsep, struct cardea_error *e);
/** Set up or change the PeerConnection of a direct handle by an answer or offer of the plugin's, as
 *  cardea_event() does.
 *  @param desc taken  @return {"type", "sdp"} to be sent to the client, new reference; NULL with @p
 *  e filled, likewise */
CARDEA_API json_t *cardea_describe(
	struct cardea_handle *direct, struct cardea_desc *desc, struct cardea_error *e);
/** A candidate of the client's for the PeerConnection: an object; anything else: there are no more.
 *  @return false with @p e filled */
CARDEA_API bool cardea_trickle(
	struct cardea_handle *direct, const json_t *candidate, struct cardea_error *e);
/** Send a message to the client of a direct handle, as it is. @param message taken */
CARDEA_API void cardea_direct_send(struct cardea_handle *h, json_t *message);
/** The same to several, printed once; those that are not direct are passed over. */
CARDEA_API void cardea_direct_send_all(
	struct cardea_handle *const *to, unsigned n, json_t *message);
/** The `type` of a message, for protocols whose every message is a JSON object with one. @param
 *  max bytes
 *  @return borrowed, or NULL with @p e filled: 413 it is longer, 400 it is no JSON or has no
 *  type */
CARDEA_API const char *cardea_direct_type(
	const struct cardea_direct_message *what, size_t max, struct cardea_error *e);
#define CARDEA_DIRECT_ID 128 /**< bytes of an id at most */
/** Read a member that names something: a text, not empty, or a number, which is as good as its
 *  digits.
 *  @return false with @p e filled (400) */
CARDEA_API bool cardea_direct_id(const json_t *message, const char *name,
	char out[CARDEA_DIRECT_ID + 1], struct cardea_error *e);
/** Read a member that may be absent (NULL) and else is a text of at most @p max bytes. @param out
 *  borrowed from @p message
 *  @return false with @p e filled (400) */
CARDEA_API bool cardea_direct_text(const json_t *message, const char *name, size_t max,
	const char **out, struct cardea_error *e);
enum cardea_presence {
	CARDEA_ABSENT,  /**< its session waits for a client to claim it */
	CARDEA_PRESENT, /**< a client of the API */
	CARDEA_ASKED,   /**< direct: `alive` follows, or `detach` */
};
/** Is the client there? A direct one is asked by a ping, and ended when nothing has come from it in
 *  @p timeout_ms since it was asked first. */
CARDEA_API enum cardea_presence cardea_probe(struct cardea_handle *h, unsigned timeout_ms);
/** cardea_end(), with a close code of RFC 6455 for the connection of a direct handle: 1008 for
 *  abuse. */
CARDEA_API void cardea_end_with(struct cardea_handle *h, unsigned code);

/* ---- data channels, where a data m-line was accepted or offered ---- */

/** Can data be sent: is the SCTP association up? */
CARDEA_API bool cardea_has_data(const struct cardea_handle *h);
/** Send a message. @return false: there is no association, it is too large, more than a megabyte is
 *  on its way already, or earlier ones have shown that there is no channel for its label and none
 *  can be opened, of some five hundred (`data_ready` says when there is room). A message
 *  longer than the peer takes is dropped. */
CARDEA_API bool cardea_data_send(struct cardea_handle *h, const struct cardea_data *what);
/** The same to several, copied once. @return how many have taken it */
CARDEA_API unsigned cardea_data_send_all(
	struct cardea_handle *const *to, unsigned n, const struct cardea_data *what);
/** Bytes given to cardea_data_send() that have not found room in the association yet, with some for
 *  each message. */
CARDEA_API size_t cardea_data_queued(const struct cardea_handle *h);

/* ---- files over HTTP ---- */

#define CARDEA_FILE_URL 160 /**< bytes of an address, with its end */
/** Offer a file on the ports of `web`, under an address that nobody can guess: who knows it may
 *  read the file, whole or in parts (Range, RFC 9110), until it is withdrawn.
 *  @param path of a file; it is looked for when it is asked for, and need not be there yet
 *  @param url set to the address, "/files/…", which ends in the file's name */
CARDEA_API void cardea_file_offer(const char *path, char url[CARDEA_FILE_URL]);
CARDEA_API void cardea_file_withdraw(const char *url); /**< Not offered: fine. */

/* ---- ICE servers ---- */

/** The STUN and TURN servers that a client is to be told of, with fresh credentials for it: an
 *  array for the `iceServers` of RTCPeerConnection, empty where none are configured. Never waits:
 *  while a TURN REST backend has yet to answer, there is STUN alone.
 *  @param user second part of the username, as it shows in the TURN server's log: what is not of
 *  A-Z a-z 0-9 . _ @ -
 *         becomes '_', and 64 bytes are used; NULL or "": a random one
 *  @return new reference */
CARDEA_API json_t *cardea_ice_servers(const char *user);

/* ---- media ---- */

/** A track: one m-line of a handle's PeerConnection, incoming (to us) or outgoing as the call
 *  says. */
struct cardea_track {
	struct cardea_handle *handle;
	unsigned mindex;
};
/** What a route should carry. Unset members are 0 and mean the default. */
struct cardea_want {
	size_t size;                            /**< sizeof(struct cardea_want) */
	unsigned max_layer;                     /**< simulcast layer at most, 1…3; 0: no cap */
	unsigned max_temporal;                  /**< temporal layer at most, 1…3; 0: no cap */
	unsigned max_spatial, max_svc_temporal; /**< the same for SVC on one SSRC */
	/** silence of a layer before the next lower one is taken; 0: 250 ms */
	int64_t fallback_us;
	bool paused;              /**< keep the route, send nothing */
	int min_delay, max_delay; /**< playout-delay in 10 ms units plus 1; 0: as received */
};
/** Let the outgoing track carry the incoming one. Declarative: an outgoing track has one source,
 *  naming another switches seamlessly at its next keyframe, naming the same again changes only what
 *  is wanted. Ends with either PeerConnection.
 *  @return false when either handle has no PeerConnection, or no such m-line in that direction. */
CARDEA_API bool cardea_route(
	struct cardea_track receiver, struct cardea_track sender, const struct cardea_want *want);
CARDEA_API void cardea_unroute(struct cardea_track sender);
/** Ask the peer for a keyframe on an incoming video track (coalesced). */
CARDEA_API void cardea_keyframe(struct cardea_track receiver);
/** Drop what an incoming track brings (muted by the room), or let it pass again. */
CARDEA_API void cardea_mute(struct cardea_track receiver, bool muted);
/** Cap what the peer sends by REMB, bits per second for the whole PeerConnection; 0: no cap. */
CARDEA_API void cardea_limit(struct cardea_handle *h, uint32_t bps);
/** Watch the audio level of an incoming track: average over @p packets and 200 ms at least (those
 *  that DTX leaves out count as silent), talking while below @p level (0 loud…127). 0 packets:
 *  off. */
CARDEA_API void cardea_watch_level(struct cardea_track receiver, unsigned packets, unsigned level);
/** Call @p fn(arg) every @p interval_ms on the control thread until the handle or plugin ends it
 *  with 0.
 *  @return an id for cardea_timer_stop(). */
CARDEA_API uint64_t cardea_timer(unsigned interval_ms, void (*fn)(void *arg), void *arg);
CARDEA_API void cardea_timer_stop(uint64_t timer);

/* ---- recordings: files of what a handle's peer sends (docs/recording.md) ---- */

enum cardea_record_format {
	CARDEA_RECORD_CONFIGURED, /**< recording_format in cardea.jcfg */
	CARDEA_RECORD_MEDIA,      /**< a file that plays: NAME.webm, .mp4, .mkv */
	CARDEA_RECORD_MJR,        /**< packets: NAME-audio.mjr, NAME-video.mjr, NAME-data.mjr */
	CARDEA_RECORD_BOTH,
};
/** The format that a word names ("media", "mjr", "both", in any case); NULL or another:
 *  CARDEA_RECORD_CONFIGURED. */
CARDEA_API enum cardea_record_format cardea_record_format(const char *word);

enum cardea_record_event_type {
	/** the first frame of a file is in: `path` (as it will be), `began_us` */
	CARDEA_RECORD_STARTED = 1,
	CARDEA_RECORD_FILE,    /**< a file is whole: `path`, `began_us`, `duration_us`, `bytes` */
	CARDEA_RECORD_SHED,    /**< the disk is too slow: `shed` packets more are missing */
	CARDEA_RECORD_LIMITED, /**< a limit ends it: `reason`; STOPPED follows */
	CARDEA_RECORD_FAILED,  /**< it cannot go on: `reason`; STOPPED follows */
	CARDEA_RECORD_STOPPED, /**< all its files are whole; its id means nothing any more */
};
/** What has become of a recording. Borrowed for the call. */
struct cardea_record_event {
	size_t size;
	enum cardea_record_event_type type;
	uint64_t recording;
	/** NULL: its PeerConnection, or the one that was recorded, is gone */
	struct cardea_handle *handle;
	void *arg;           /**< as given at its start */
	const char *path;    /**< of a file; NULL: of none */
	const char *reason;  /**< a sentence; NULL: none */
	int64_t began_us;    /**< Unix time of the file's first frame */
	int64_t duration_us; /**< of the file; with STOPPED: of all */
	uint64_t bytes;      /**< likewise */
	uint64_t shed;       /**< packets */
	/** 1 << enum cardea_kind: with STARTED what the file may have, with FILE what it has */
	unsigned kinds;
};

/** What to record. Unset members are 0. */
struct cardea_record {
	size_t size; /**< sizeof(struct cardea_record) */
	/** folder that nothing may leave; NULL or "": the one that is configured (`folder` in
	 *  section recordings) */
	const char *dir;
	/** path without ending, within @p dir: folders in it are made; one that begins with / has
	 *  to lead into @p dir */
	const char *name;
	const char *title; /**< stands in the file; NULL: none */
	enum cardea_record_format format;
	/** m-lines that the peer sends; -1: none. At least one of them is given */
	int audio, video, data;
	/** MJR files have their m-line in the name: NAME-video-1.mjr */
	bool is_numbered;
	/** a stream beside those that another recording of this name has: its media file, too, is
	 *  called by its kind and m-line */
	bool is_apart;
	/** called on the control thread, also when the handle is gone, but not after the plugin's
	 *  `stop`. NULL: nobody listens */
	void (*fn)(const struct cardea_record_event *e);
	void *arg;
	/** descriptions of the m-lines above, for the heads of MJR files; NULL: none */
	const char *audio_text, *video_text, *data_text;
};

/** Record what comes from now on: text of the name, folder and what is there already are checked
 *  now, the rest is told by @p fn. Ends by itself with the PeerConnection. Media that is encrypted
 *  end to end is recorded as MJR only.
 *  @param e code 0: the plugin has its own
 *  @return an id, or 0 with @p e filled */
CARDEA_API uint64_t cardea_record_start(
	struct cardea_handle *h, const struct cardea_record *what, struct cardea_error *e);
/** Would a recording of this name and format be refused, whatever its PeerConnection is? Before
 *  there is one. @return false with @p e filled, as cardea_record_start() does it */
CARDEA_API bool cardea_record_check(const struct cardea_record *what, struct cardea_error *e);
/** Record other m-lines, as in struct cardea_record: after a renegotiation. */
CARDEA_API void cardea_record_tracks(uint64_t recording, int audio, int video, int data);
/** What the m-lines are called that cardea_record_tracks() names next, likewise; NULL: nothing. */
CARDEA_API void cardea_record_describe(
	uint64_t recording, const char *audio_text, const char *video_text);
/** Leave out what comes; the files have no gap there. */
CARDEA_API void cardea_record_pause(uint64_t recording);
CARDEA_API void cardea_record_resume(uint64_t recording);
/** End it: FILE and STOPPED follow. Ids that mean nothing (any more) are fine, here as above. */
CARDEA_API void cardea_record_stop(uint64_t recording);
/** Write a text, in the place of the one before, so that a reader finds one of the two whole. Its
 *  order with recordings is kept.
 *  @param dir, name as in struct cardea_record, but @p name with its ending
 *  @param text borrowed, of @p len bytes
 *  @return false with @p e filled (code 0) */
CARDEA_API bool cardea_record_text(
	const char *dir, const char *name, const char *text, size_t len, struct cardea_error *e);
/** The same of JSON, indented. @param json borrowed */
CARDEA_API bool cardea_record_index(
	const char *dir, const char *name, const json_t *json, struct cardea_error *e);
/** Remove a file, and what is unfinished of it. It stays away: a text that was given before, and is
 *  not written yet, does not come back.
 *  @param dir, name as with cardea_record_text()
 *  @param gone called when nothing can bring it back any more, unless the plugin ends before;
 *  NULL: nobody waits
 *  @return false with @p e filled (code 0): it is there, or cannot be looked at */
CARDEA_API bool cardea_record_remove(const char *dir, const char *name, void (*gone)(void *arg),
	void *arg, struct cardea_error *e);
/** There may be recordings in a folder: from a start hook, or when a room begins to use it. What
 *  a crash has left there is finished, and what is too old (`retention_…`) removed. */
CARDEA_API void cardea_record_folder(const char *dir);
/** The folder that is configured for recordings, for the life of the server; NULL: there is none.
 */
CARDEA_API const char *cardea_recordings_folder(void);

/* ---- playbacks: tracks that come out of files (docs/recording.md) ---- */

/** A track of what is played. What the player knows no way to send is not there. */
struct cardea_play_track {
	enum cardea_kind kind; /**< CARDEA_DATA: messages come as events, and it has no route */
	enum cardea_codec_id codec;
	const char *fmtp; /**< for an offer; NULL: nothing is said of it */
	bool red;         /**< some or all of it is redundant audio: offer that */
};
enum cardea_play_event_type {
	CARDEA_PLAY_READY = 1, /**< `tracks`, `us` its length (0: not known), `reason` what is left
				  out (NULL: nothing) */
	CARDEA_PLAY_POSITION,  /**< `us`: once a second while it plays, and when it is paused */
	CARDEA_PLAY_LANDED,    /**< `us`: the keyframe that it was sought to */
	CARDEA_PLAY_DATA,      /**< `data`: a message is due */
	CARDEA_PLAY_END,       /**< all was sent. It can be sought back, and then goes on */
	CARDEA_PLAY_FAILED,    /**< `reason`: it could not be opened, or is damaged from here on */
};
/** What has become of a playback. Borrowed for the call. */
struct cardea_play_event {
	size_t size;
	enum cardea_play_event_type type;
	uint64_t play;
	void *arg; /**< as given when it was opened */
	const struct cardea_play_track *tracks;
	unsigned n_tracks;
	int64_t us;         /**< microseconds of the recording */
	const char *reason; /**< a sentence; NULL: none */
	const struct cardea_data *data;
};
/** What to play. Unset members are 0. */
struct cardea_play {
	size_t size;     /**< sizeof(struct cardea_play) */
	const char *dir; /**< as in struct cardea_record */
	/** within @p dir, with their endings: one file of a container (.webm, .mp4, .mkv …), or
	 *  MJR files, one a track, four at most; read one beside the other */
	const char *const *files;
	unsigned n_files;
	/** called on the control thread; not after cardea_play_close(), nor after the plugin's
	 *  `stop`. NULL: nobody listens */
	void (*fn)(const struct cardea_play_event *e);
	void *arg;
	/** cardea_whose() of who wants it: an address has a quarter of all playbacks, and what it
	 *  opens comes one after the other. 0: nobody's, of whom none are counted */
	uint64_t whose;
};
/** Open files to be played. Their names are checked now; READY or FAILED follows.
 *  @param e code 0: the plugin has its own
 *  @return an id, or 0 with @p e filled: also where a thousand are being played */
CARDEA_API uint64_t cardea_play_open(const struct cardea_play *what, struct cardea_error *e);
/** Let an outgoing track carry a track of a playback that is READY, as cardea_route() does with
 *  that of a peer: several may carry the same, at the cost of a broadcast. Whoever comes when it
 *  plays already is shown the picture since the last keyframe in quick motion first. Ends with the
 *  playback.
 *  @param track index in `tracks`
 *  @return false: no such playback or track, no such m-line, or the worker is overloaded */
CARDEA_API bool cardea_play_route(
	uint64_t play, unsigned track, struct cardea_track sender, const struct cardea_want *want);
/** Begin. Once; before READY nothing happens. Ids that mean nothing (any more) are fine, here as
 *  below. */
CARDEA_API void cardea_play_start(uint64_t play);
/** Stand still, or go on. */
CARDEA_API void cardea_play_pause(uint64_t play, bool on);
/** Go to the last keyframe not after @p us; LANDED follows. Paused: that picture is shown. */
CARDEA_API void cardea_play_seek(uint64_t play, int64_t us);
/** Play 0.25 … 4 times as fast. At other speeds than 1 there is no sound. */
CARDEA_API void cardea_play_rate(uint64_t play, double rate);
/** End it, and its routes. Its id means nothing any more. */
CARDEA_API void cardea_play_close(uint64_t play);
