/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/log.h"
#include "admin_table.h"
#include "error.h"

/** @file
 * Admin requests about the log. */

static const struct cardea_field level_fields[] = { { "level", CARDEA_UINT, .required = true },
	{ 0 } };

static void on_level(struct request *r, const struct cardea_args *a)
{
	int64_t level = cardea_int(a, "level");
	if (level > CARDEA_LOG_DEBUG) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element type (level should be between 0 and 7)");
		return;
	}
	log_set_level((int)level);
	request_succeed(r, json_pack("{s:I}", "level", (json_int_t)level));
}

const struct admin_request admin_of_log[] = {
	{ "set_log_level", ADMIN_SERVER, level_fields, on_level },
	{ 0 },
};
