/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/conf.h>
#include <cardea/event.h>
#include <cardea/json.h>
#include <cardea/log.h>

/** @file
 * The SDK of event handlers. A handler is a shared object that exports `const struct
 * cardea_eventhandler cardea_eventhandler`. It gets what happens in the server as JSON texts, in
 * order, on a thread of its own, where it may block: while it does, up to 10,000 events or 16 MiB
 * wait, and what comes then is dropped and counted (cardea_events_dropped_total). Calls never wait
 * for it. docs/events.md has the events. */
#define CARDEA_EVENTHANDLER_ABI 1

/** One event, borrowed for the call of `deliver`. */
struct cardea_told {
	enum cardea_event_type type;
	const char *text; /**< a JSON object, UTF-8, in the handler's style, NUL-terminated */
	size_t len;       /**< bytes, without the NUL */
};

/** What a handler exports. Unset members are 0. */
struct cardea_eventhandler {
	size_t size;  /**< sizeof(struct cardea_eventhandler) */
	uint32_t abi; /**< CARDEA_EVENTHANDLER_ABI */
	/** "jsonlines": the file is <name>.so, the packages cardea.eventhandler.<name> and
	 *  janus.eventhandler.<name> */
	const char *name;
	const char *title, *description, *author, *version_string;
	int version;
	/** of cardea.eventhandler.<name>.jcfg. `enabled` of its section `general` is read by the
	 *  core: handlers are off unless it is true. */
	const struct cardea_section *options;
	/** Control thread, before anything is told; also by --check, which calls `stop` next: take
	 *  nothing that a running server holds. @return NULL, or why it cannot run. */
	const char *(*start)(const struct cardea_conf *conf);
	/** Control thread, when `deliver` is called no more. Not called where `deliver` has not
	 *  come back five seconds after the server was asked to end. */
	void (*stop)(void);
	/** Which types it wants, bits of enum cardea_event_type. Control thread, after `start` and
	 *  after each `query`, which may change it. NULL: all. */
	unsigned (*mask)(void);
	/** Style of its texts: 0 compact, 1 plain, 2 indented. Asked as `mask` is. NULL:
	 *  compact. */
	int (*style)(void);
	/** Take 1 to 100 events, in order. On the handler's thread; may block. Once it returns they
	 *  count as delivered and are never told again. */
	void (*deliver)(const struct cardea_told *events, unsigned n);
	/** query_eventhandler of the Admin API; may be NULL. Control thread, while `deliver` may be
	 *  running. @return new reference. */
	json_t *(*query)(const json_t *request);
};

/** The mask that a list of names stands for: "all", "none", or "sessions, handles, webrtc", in any
 *  case. Any thread. @return false: it has another word, and @p mask is as before */
CARDEA_API bool cardea_event_mask(const char *names, unsigned *mask);
/** The whole of a query hook that knows `tweak`. Control thread.
 *  @param fields of the request beside `request`; ended by a NULL name
 *  @param tweak applies what is given (cardea_given()), all or nothing; false with @p e filled by
 *  cardea_fail(e, CARDEA_TWEAK_INVALID, …)
 *  @return the answer, new reference */
CARDEA_API json_t *cardea_serve_tweak(const json_t *request, const struct cardea_field *fields,
	bool (*tweak)(const struct cardea_args *a, struct cardea_error *e));
/** Code of a tweak whose value is refused. */
enum { CARDEA_TWEAK_INVALID = 413 };
