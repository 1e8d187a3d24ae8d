/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "head.h"

/** @file
 * The requests that come over a connection (RFC 9112), read by llhttp, one at a time: whoever reads
 * decides after each head what becomes of the body, and after each request when the next one is
 * read. */
struct http;

/** bytes of a refused body that are read over, so that the answer arrives */
#define HTTP_SKIPPED (64u << 20)

enum http_step {
	READ_MORE,  /**< all bytes are read, and it is not whole yet */
	READ_HEAD,  /**< the head is complete: see http_head(), http_take() */
	READ_WHOLE, /**< and so is the body: see http_body() */
	READ_BAD,   /**< what follows cannot be understood: see http_status() */
};
struct http *http_create(void);
void http_free(struct http *p); /**< NULL is fine. */
/** Read on, and move *data behind what was read. */
enum http_step http_read(struct http *p, const char **data, size_t *len);

/** Has a request begun that is not whole? */
bool http_is_within(const struct http *p);
/** After READ_HEAD, until the next request begins or http_forget(). */
const struct head *http_head(const struct http *p);
/** Is a body to come? */
bool http_has_body(const struct http *p);
/** … of so many bytes? 0: that is not known, it comes in chunks */
uint64_t http_length(const struct http *p);
/** The body may have @p limit bytes; what is beyond is read over, and http_is_over() says so. 0:
 *  none is taken */
void http_take(struct http *p, size_t limit);
bool http_is_over(const struct http *p);
/** After READ_WHOLE: the body, ended by NUL, "" when there is none. */
const char *http_body(const struct http *p, size_t *len);
/** May another request follow? */
bool http_keeps_alive(const struct http *p);
/** Why READ_BAD: 400, 413, 414, 431, 501 or 505. */
int http_status(const struct http *p);
/** Version of the parser, llhttp. Any thread. */
const char *http_library(void);
/** Head and body are not needed any more. */
void http_forget(struct http *p);
