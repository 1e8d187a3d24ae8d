/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Answers of the transport, from the core or its own, to the web host, which says what pages may
 * read them. */

void answer_set_style(int json_style);
int answer_style(void);

/** An empty answer. @p r: the request when at hand, to echo what its preflight asks for; @p
 *  location NULL: none */
void answer_empty(
	uint64_t id, int status, const struct cardea_web_request *r, const char *location);
/** A JSON text, with status 200; takes the reference. Any thread. */
void answer_text(uint64_t id, struct cardea_text *text);
/** 503: come again in so many seconds. Any thread. */
void answer_busy(uint64_t id, int code, const char *reason, unsigned retry_s);
/** An error of the API, told by the transport itself. */
void answer_error(uint64_t id, int status, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
