/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The head of an HTTP request: method, target and fields (RFC 9110, 9112). Texts are as they came,
 * without blanks at either end; names of fields are not told apart by case. */
#define HEAD_MAX    (32u << 10) /**< bytes of names and values, and of the target */
#define HEAD_TARGET (8u << 10)  /**< … of that alone */
#define HEAD_FIELDS 100

struct head {
	const char *method; /**< "GET" …; static */
	bool is_1_0;
	char *text; /**< target, then names and values, each ended by NUL */
	size_t len, room;
	struct head_field {
		uint32_t name, value; /**< where they begin in text */
	} fields[HEAD_FIELDS];
	unsigned n;
};

void head_free(struct head *h); /**< NULL is fine. */
/** "/path?query" */
static inline const char *head_target(const struct head *h)
{
	return h->text;
}
/** @return the value of the first field of that name, "" when absent */
const char *head_get(const struct head *h, const char *name);
/** All fields of a name, one after the other. @param at 0 at first @return NULL: no more */
const char *head_each(const struct head *h, const char *name, unsigned *at);
/** Is @p token among the comma-separated values of a field, in whatever case? */
bool head_lists(const struct head *h, const char *name, const char *token);
/** Make "http://host/path", which is how proxies are asked (RFC 9112, 3.2.2), a "/path". @return
 *  false when that host is not the one of the field Host */
bool head_make_relative(struct head *h);
/** The path of the target, percent-decoded. @return false when it is none, has a NUL or does not
 *  fit */
bool head_path(const struct head *h, char *out, size_t size);
/** What is behind the "?", as it came; "" when absent. */
const char *head_query(const struct head *h);
