/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "event.h"
#include "handle.h"
#include "media_event.h"
#include "peerconn.h"
#include "reply.h"

/* Add the m-line's name; clients that gave none get its index. */
static void set_mid(json_t *msg, const struct peerconn *pc, unsigned mindex)
{
	char index[12];
	const char *mid = pc->neg.tracks[mindex].mid;
	snprintf(index, sizeof index, "%u", mindex);
	json_object_set_new(msg, "mid", json_string(mid[0] ? mid : index));
}

static const char *kind_word(const struct peerconn *pc, unsigned mindex)
{
	return pc->neg.tracks[mindex].kind == CARDEA_VIDEO ? "video" : "audio";
}

/* Subtypes of what event handlers are told. */
enum { RECEIVING = 1, SLOW_LINK };

static void tell_receiving(
	const struct peerconn *pc, unsigned mindex, int substream, bool on, unsigned seconds)
{
	if (!event_wanted(CARDEA_EVENT_MEDIA))
		return;
	json_t *body = json_pack("{s:s}", "media", kind_word(pc, mindex));
	set_mid(body, pc, mindex);
	if (substream >= 0)
		json_object_set_new(body, "substream", json_integer(substream));
	json_object_set_new(body, "receiving", json_boolean(on));
	if (!on && seconds > 1)
		json_object_set_new(body, "seconds", json_integer(seconds));
	handle_tell(pc->handle, CARDEA_EVENT_MEDIA, RECEIVING, body);
}

void media_event_receiving(
	struct peerconn *pc, unsigned mindex, int substream, bool on, unsigned seconds)
{
	json_t *msg = handle_event(pc->handle, "media", NULL);
	set_mid(msg, pc, mindex);
	json_object_set_new(msg, "type", json_string(kind_word(pc, mindex)));
	if (substream >= 0)
		json_object_set_new(msg, "substream", json_integer(substream));
	json_object_set_new(msg, "receiving", json_boolean(on));
	if (!on && seconds > 1)
		json_object_set_new(msg, "seconds", json_integer(seconds));
	tell_receiving(pc, mindex, substream, on, seconds);
	event_send(pc->handle->session, msg);
}

void media_event_stopped(struct peerconn *pc, unsigned mindex)
{
	for (int substream = -1; substream < CARDEA_LAYERS; substream++)
		if (pc->receiving[mindex] & 1u << (substream + 1))
			media_event_receiving(pc, mindex, substream, false, 0);
	pc->receiving[mindex] = 0;
}

json_t *media_event_slow_link(
	const struct peerconn *pc, unsigned mindex, bool uplink, unsigned lost)
{
	if (event_wanted(CARDEA_EVENT_MEDIA)) {
		json_t *body = json_object();
		set_mid(body, pc, mindex);
		json_object_set_new(body, "media", json_string(kind_word(pc, mindex)));
		json_object_set_new(body, "slow_link", json_string(uplink ? "uplink" : "downlink"));
		json_object_set_new(body, "lost_lastsec", json_integer(lost));
		handle_tell(pc->handle, CARDEA_EVENT_MEDIA, SLOW_LINK, body);
	}
	json_t *msg = handle_event(pc->handle, "slowlink", NULL);
	set_mid(msg, pc, mindex);
	json_object_set_new(msg, "media", json_string(kind_word(pc, mindex)));
	json_object_set_new(msg, "uplink", json_boolean(uplink));
	json_object_set_new(msg, "lost", json_integer(lost));
	return msg;
}
