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
	bool checks_itself; /**< fn checks the fields: something else is said before */
};

extern const struct admin_request *const admin_tables[]; /**< all of them, up to NULL */
extern const struct admin_request admin_of_capture[], admin_of_explain[], admin_of_log[],
	admin_of_media[], admin_of_net[], admin_of_server[], admin_of_sessions[], admin_of_tokens[];
