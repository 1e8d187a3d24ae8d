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

struct reason {
	const char *code; /**< a word that stays as it is */
	/** With the names of values in braces: {kind} {since} {asked} {layer} {packets} {ssrc}
	 *  {reason} {port} {addresses} */
	const char *text;
	const char *todo;
	bool is_meant; /**< somebody wants it so, or it is no harm: all is well */
};

/** What is filled in. */
struct reason_values {
	const struct why *why;
	const char *kind;   /**< "audio", "video" */
	const char *reason; /**< why it was closed */
	unsigned worker;    /**< whose candidates were offered */
	int64_t now_us;
};

/** NULL: there is no such reason, or all is well. */
const struct reason *reason_of(unsigned code);
/** Its sentence, filled in; owned by the caller (g_free()). */
char *reason_text(const struct reason *r, const struct reason_values *v);
