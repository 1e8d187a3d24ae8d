/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "api_request.h"

/** @file
 * The requests of the Admin API as tables, a file for each noun. admin.c walks them; admin_*.c
 * fill them. Control thread. */

/** What a request is about: chosen by the ids that it names. */
enum admin_level { ADMIN_SERVER, ADMIN_SESSION, ADMIN_HANDLE };

struct admin_request {
	const char *name; /**< matched in any case; NULL ends the table */
	enum admin_level level;
	const struct cardea_field *fields; /**< checked before; NULL: none */
	/** Answer, now or later. */
	void (*fn)(struct request *r, const struct cardea_args *a);
	const char *note;   /**< what it does, for the reference documentation */
	bool checks_itself; /**< fn checks the fields: something else is answered before */
};

/** The nouns, each with a table admin_of_<noun> in admin_<noun>.c. A request is looked up in this
 *  order. */
#define ADMIN_NOUNS(X) \
	X(server) X(sessions) X(capture) X(events) X(explain) X(log) X(media) X(net) X(tokens)

#define ADMIN_TABLE(noun) extern const struct admin_request admin_of_##noun[];
ADMIN_NOUNS(ADMIN_TABLE)
#undef ADMIN_TABLE

extern const struct admin_request *const admin_tables[]; /**< all of them, up to NULL */
