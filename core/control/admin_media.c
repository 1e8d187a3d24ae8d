/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Admin requests about media: in force at once, until the next start. admin.c finds them in the
 * table at the end; tune.c tells the workers. */

#include <glib.h>
#include "../base/clock.h"
#include "admin_table.h"
#include "options.h"
#include "tune.h"

#define NACK_QUEUE_MAX_MS 1000

/* @return what the options can hold */
static unsigned bounded(int64_t value)
{
	return value > G_MAXINT ? G_MAXINT : (unsigned)value;
}

static const struct cardea_field nack_fields[] = {
	{ "min_nack_queue", CARDEA_UINT, .required = true,
		.note = "ms; more than 1000 is taken as 1000" },
	{ 0 },
};

static void on_nack_queue(struct request *r, const struct cardea_args *a)
{
	int64_t ms = MIN(cardea_int(a, "min_nack_queue"), NACK_QUEUE_MAX_MS);
	settings.rtc.router.nack_history_us = ms * US_PER_MS;
	tune_workers();
	request_succeed(r, json_pack("{s:I}", "min_nack_queue", (json_int_t)ms));
}

static const struct cardea_field media_fields[] = {
	{ "no_media_timer", CARDEA_UINT, .required = true,
		.note = "seconds; 0: they are never told" },
	{ 0 },
};

static void on_no_media(struct request *r, const struct cardea_args *a)
{
	unsigned seconds = bounded(cardea_int(a, "no_media_timer"));
	settings.rtc.router.no_media_s = seconds;
	tune_workers();
	request_succeed(r, json_pack("{s:I}", "no_media_timer", (json_int_t)seconds));
}

static const struct cardea_field slowlink_fields[] = {
	{ "slowlink_threshold", CARDEA_UINT, .required = true,
		.note = "packets; 0: they are never told" },
	{ 0 },
};

static void on_slowlink(struct request *r, const struct cardea_args *a)
{
	unsigned packets = bounded(cardea_int(a, "slowlink_threshold"));
	settings.rtc.router.slowlink_threshold = packets;
	tune_workers();
	request_succeed(r, json_pack("{s:I}", "slowlink_threshold", (json_int_t)packets));
}

/* Packets are kept for a time, be they acknowledged by a keyframe or not: taken, without effect. */
static const struct cardea_field optimizations_fields[] = {
	{ "nack_optimizations", CARDEA_BOOL, .required = true, .note = "no effect" },
	{ 0 },
};

static void on_optimizations(struct request *r, const struct cardea_args *a)
{
	settings.idle.nack_optimizations = cardea_bool(a, "nack_optimizations");
	request_succeed(
		r, json_pack("{s:b}", "nack-optimizations", settings.idle.nack_optimizations));
}

const struct admin_request admin_of_media[] = {
	{ "set_min_nack_queue", ADMIN_SERVER, nack_fields, on_nack_queue,
		"Set how long packets are kept for retransmission." },
	{ "set_nack_optimizations", ADMIN_SERVER, optimizations_fields, on_optimizations,
		"Accepted and shown by get_status, no effect." },
	{ "set_no_media_timer", ADMIN_SERVER, media_fields, on_no_media,
		"Set after how much silence of a track clients are told." },
	{ "set_slowlink_threshold", ADMIN_SERVER, slowlink_fields, on_slowlink,
		"Set how many lost packets a second clients are told of." },
	{ 0 },
};
