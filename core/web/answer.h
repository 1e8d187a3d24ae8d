/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/transport.h>

/** @file
 * An HTTP answer before it is written: filled by mounts, pages and health, written by
 * exchange.c. */
struct answer {
	int status;
	char *headers;            /**< "Name: value\r\n" lines; NULL: none. Owned */
	char *type;               /**< NULL: none. Owned */
	struct cardea_text *body; /**< NULL: none. One reference */
	bool has_file;            /**< its body is a part of a file, and not `body` */
	int fd;                   /**< of the file. Owned */
	int64_t file_at, file_len;
};

/** Copies @p headers and @p type, takes @p body. */
void answer_set(struct answer *a, int status, const char *headers, const char *type,
	struct cardea_text *body);
/** The same with a part of a file, read when it is sent. Takes @p fd. */
void answer_set_file(struct answer *a, int status, const char *headers, const char *type, int fd,
	int64_t at, int64_t len);
int64_t answer_len(const struct answer *a); /**< of its body, bytes */
/** Copy @p len bytes of the body, from @p at on. @return false: the file cannot be read, or is
 *  shorter now */
bool answer_read(const struct answer *a, int64_t at, unsigned char *out, size_t len);
void answer_clear(struct answer *a);
/** The words of RFC 9110 for a status. */
const char *answer_phrase(int status);
/** Now, as the field Date says it (RFC 9110, 5.6.7). Valid until the next call. */
const char *answer_date(void);
