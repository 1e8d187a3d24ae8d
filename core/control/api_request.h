/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * A request of either API while it is handled: its fields, the checks that all requests share, and
 * its answer. dispatch.c and admin.c find who handles it; the handlers answer through here. Control
 * thread. */
struct session;
struct cardea_handle;

#define NAME_BYTES   128  /**< of the name of a request or module, at most */
#define CHOSEN_BYTES 1024 /**< of what clients choose and get back, at most */

/** A request while it is handled. */
struct request {
	struct cardea_origin from;
	const json_t *tree;
	const char *name;        /**< as given; matched in any case */
	const char *transaction; /**< NULL until it was found to be a string */
	uint64_t session_id;     /**< 0: none given */
	struct session *session; /**< NULL until looked up */
	struct cardea_handle *handle;
	uint64_t handle_id; /**< 0: none given, or no integer */
	bool has_handle;    /**< a handle_id was given, be it valid or not */
};

/** What all requests have, and their secrets. */
extern const struct cardea_field request_fields[], secret_fields[];

/** The transaction of a request, NULL: none that could be sent back. Any thread. */
const char *request_transaction(const json_t *tree);
/** Answer with an error. */
void request_fail(const struct request *r, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Answer with `success` and what @p more (taken, NULL: nothing) has; the answer names the session.
 */
void request_succeed(const struct request *r, json_t *more);
/** Check the fields that all requests have and find out which session and handle are meant.
 *  @return false when the request was refused */
bool request_read(struct request *r);
/** Look session and handle up, as far as they are given. @return false when the request was refused
 */
bool request_find(struct request *r);
/** Check the request against a table. @return false when it was refused */
bool request_check(const struct request *r, const struct cardea_field *fields);
