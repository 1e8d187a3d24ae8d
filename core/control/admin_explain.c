/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_table.h"
#include "explain_request.h"

/** @file
 * Admin requests: why there is no picture. */

static void on_explain(struct request *r, const struct cardea_args *a)
{
	(void)a;
	explain_request_admin(r);
}

static const struct cardea_field all_fields[] = {
	{ "after", CARDEA_STR, .max = 64,
		.note = "without ids, `next` of an answer: the handles behind it" },
	{ 0 },
};

static void on_explain_all(struct request *r, const struct cardea_args *a)
{
	explain_request_all(r, cardea_str(a, "after"));
}

const struct admin_request admin_of_explain[] = {
	{ "explain", ADMIN_HANDLE, NULL, on_explain,
		"Say why nothing moves on the m-lines of a handle's PeerConnection." },
	{ "explain", ADMIN_SERVER, all_fields, on_explain_all,
		"List all handles whose PeerConnection is not well, and why: 500 at most. Where "
		"there are more, the answer has `next`." },
	{ 0 },
};
