/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Admin requests about the log. admin.c finds them in the table at the end; they call the log. */

#include "../base/log.h"
#include "admin_table.h"
#include "error.h"

static const struct cardea_field level_fields[] = {
	{ "level", CARDEA_UINT, .required = true,
		.note = "0 (nothing) to 7 (everything), as general.debug_level" },
	{ 0 },
};

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

static const struct cardea_field timestamps_fields[] = {
	{ "timestamps", CARDEA_BOOL, .required = true, .note = "whether to write them" },
	{ 0 },
};

static void on_timestamps(struct request *r, const struct cardea_args *a)
{
	log_set_timestamps(cardea_bool(a, "timestamps"));
	request_succeed(r, json_pack("{s:b}", "log_timestamps", log_timestamps()));
}

static const struct cardea_field colors_fields[] = {
	{ "colors", CARDEA_BOOL, .required = true, .note = "whether to color them" },
	{ 0 },
};

static void on_colors(struct request *r, const struct cardea_args *a)
{
	log_set_colors(cardea_bool(a, "colors"));
	request_succeed(r, json_pack("{s:b}", "log_colors", log_colors()));
}

static const struct cardea_field line_fields[] = {
	{ "line", CARDEA_STR, .required = true, .note = "what to write" },
	{ "level", CARDEA_UINT, .dflt = CARDEA_LOG_INFO, .note = "level of the line" },
	{ 0 },
};

#define CUSTOM_LINE_MAX 4096 /* the log cuts it there */

static void on_line(struct request *r, const struct cardea_args *a)
{
	int64_t level = cardea_int(a, "level");
	char line[CUSTOM_LINE_MAX];
	if (level < CARDEA_LOG_FATAL)
		level = CARDEA_LOG_INFO;
	else if (level > CARDEA_LOG_DEBUG)
		level = CARDEA_LOG_DEBUG;
	cardea_log((enum cardea_log_level)level, "admin", 0, "custom line", "line=%s",
		cardea_log_quote(line, sizeof line, cardea_str(a, "line")));
	request_succeed(r, NULL);
}

const struct admin_request admin_of_log[] = {
	{ "set_log_level", ADMIN_SERVER, level_fields, on_level, "Set the level of the log." },
	{ "set_log_timestamps", ADMIN_SERVER, timestamps_fields, on_timestamps,
		"Write the time before each line of the log, or not." },
	{ "set_log_colors", ADMIN_SERVER, colors_fields, on_colors,
		"Color the lines of the log, or not." },
	{ "custom_logline", ADMIN_SERVER, line_fields, on_line, "Write a line to the log." },
	{ 0 },
};
