/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/time.h>
#include "record.h"
#include "schema.h"

static const char *folder;

void echo_record_folder(const char *dir)
{
	folder = dir;
	cardea_record_folder(dir);
}

/* What the client has not asked for itself it is told. */
static void told(const struct cardea_record_event *e)
{
	if (e->handle && (e->type == CARDEA_RECORD_LIMITED || e->type == CARDEA_RECORD_FAILED))
		cardea_event(e->handle, NULL,
			json_pack("{s:s, s:s, s:s, s:s}", "echotest", "event", "event", "recording",
				"status", "ended", "reason", e->reason),
			NULL);
}

bool echo_record_start(
	struct cardea_handle *h, struct echo_record *r, const char *name, struct cardea_error *e)
{
	char made_up[64];
	struct timeval now;
	if (r->id)
		return true;
	gettimeofday(&now, NULL);
	snprintf(made_up, sizeof made_up, "echotest-%" PRIu64 "-%lld", cardea_handle_id(h),
		(long long)now.tv_sec * 1000000 + now.tv_usec);
	r->id = cardea_record_start(h,
		&(struct cardea_record){ .size = sizeof(struct cardea_record),
			.dir = folder,
			.name = name ? name : made_up,
			.audio = r->audio,
			.video = r->video,
			.data = r->data,
			.fn = told },
		e);
	if (!r->id)
		e->code = ECHO_NOT_RECORDED;
	return r->id != 0;
}

void echo_record_stop(struct echo_record *r)
{
	cardea_record_stop(r->id);
	r->id = 0;
}
