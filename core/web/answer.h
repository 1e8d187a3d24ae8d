/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <cardea/transport.h>

/** @file
 * An HTTP answer before it is written: filled by mounts, pages and health, written by
 * exchange.c. */
struct answer {
	int status;
	char *headers;            /**< "Name: value\r\n" lines; NULL: none. Owned */
	char *type;               /**< NULL: none. Owned */
	struct cardea_text *body; /**< NULL: none. One reference */
};

/** Copies @p headers and @p type, takes @p body. */
void answer_set(struct answer *a, int status, const char *headers, const char *type,
	struct cardea_text *body);
void answer_clear(struct answer *a);
/** The words of RFC 9110 for a status. */
const char *answer_phrase(int status);
/** Now, as the field Date says it (RFC 9110, 5.6.7). Valid until the next call. */
const char *answer_date(void);
