/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../rtc/conn_reason.h"

/** @file
 * The reasons why nothing flows, in words: a row each, with a code for programs, a sentence for
 * people and what to do about it. The codes of control stand behind those of the router and of the
 * workers. explain.c finds them out; docs/troubleshooting.md is made of these rows. Pure
 * functions. */
enum reason_code {
	REASON_OFFER_UNANSWERED = WHY_RTC_END, /**< by the plugin */
	REASON_NO_CANDIDATES,                  /**< and no check came either */
	REASON_CLOSED,
	REASON_LOST,
	REASON_WORKER_SILENT,
	REASON_END,
};

/** What a reason is about. */
enum reason_of {
	REASON_OF_CONNECTION,
	REASON_OF_SENDING, /**< an m-line, as the server sends it */
	REASON_OF_RECEIVING,
	REASON_OF_BOTH, /**< directions of an m-line */
};

/** Its sentences have the names of values in braces: {kind} {since} {asked} {layer} {packets}
 *  {ssrc} {reason} {before} {port} {addresses}. The visitor's stays the same for as long as the
 *  reason does: it has {what} {device} {whose} {port} alone. */
struct reason {
	const char *code; /**< a word that stays as it is */
	enum reason_of of;
	const char *text;    /**< for an operator, who sees clients and servers */
	const char *todo;    /**< and what to do */
	const char *visitor; /**< for whoever sits before the picture */
	bool is_meant;       /**< somebody wants it so, or it is no harm: all is well */
};

/** What is filled in. */
struct reason_values {
	const struct why *why;
	const char *kind;   /**< "audio", "video" */
	bool sends;         /**< the server: it is somebody else's */
	const char *reason; /**< why it was closed */
	const char *before; /**< what was wrong before that, in words; NULL: nothing */
	unsigned worker;    /**< whose candidates were offered */
	int64_t now_us;
};

/** NULL: there is no such reason, or all is well. */
const struct reason *reason_of(unsigned code);
/** One of its sentences, filled in; owned by the caller (g_free()). */
char *reason_text(const char *sentence, const struct reason_values *v);
