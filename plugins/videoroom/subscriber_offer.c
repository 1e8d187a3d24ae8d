/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"
#include "subscriber_offer.h"
#include "subscription.h"
#include "subscription_json.h"

#define FEEDBACK (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB)

static struct cardea_desc *describe(const struct subscriber *s)
{
	struct cardea_desc *offer = cardea_offer_new();
	g_snprintf(offer->name, sizeof offer->name, "VideoRoom %s", s->room_id.text);
	offer->e2ee = s->e2ee;
	for (unsigned i = 0; i < s->streams->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		const struct stream *source = sub_stream_source(st);
		uint32_t exts =
			source ? source->exts & ~(1u << CARDEA_EXT_RID | 1u << CARDEA_EXT_RRID) : 0;
		bool cc = exts & 1u << CARDEA_EXT_TWCC, named = s->use_msid && source;
		char mid[12];
		g_snprintf(mid, sizeof mid, "%u", i);
		cardea_offer_add(
			offer, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
				       .kind = st->kind,
				       .dir = source || st->kind == CARDEA_DATA ? CARDEA_SEND
										: CARDEA_INACTIVE,
				       .codec = st->codec,
				       .fmtp = source && *source->fmtp ? source->fmtp : NULL,
				       .exts = exts | 1u << CARDEA_EXT_MID,
				       .feedback = (st->kind == CARDEA_VIDEO ? FEEDBACK : 0) |
						   (cc ? CARDEA_FB_TWCC : 0),
				       .stream = named ? publisher_stream_name(st->feed,
								 cardea_is_direct(s->handle))
						       : NULL,
				       .track = named ? mid : NULL,
				       .red = source && source->red });
	}
	return offer;
}

bool subscriber_send_offer(struct subscriber *s, const char *transaction, json_t *data)
{
	struct cardea_desc *offer = describe(s);
	offer->restart = s->restart_due && s->has_pc;
	if (!description_send(s->handle, transaction, data, offer))
		return false;
	s->restart_due = s->update_due = false;
	s->has_pc = true;
	s->offer_due = false;
	return true;
}

bool subscriber_offer_or_wait(struct subscriber *s, const char *transaction, json_t *data)
{
	if (s->has_pc && cardea_offer_pending(s->handle)) {
		s->update_due = true;
		json_decref(data);
		return false;
	}
	json_object_set_new(data, "streams", subscription_json(s));
	subscriber_send_offer(s, transaction, data);
	return true;
}

/* Tell the client what it gets now, and offer it. */
static void push_offer(struct subscriber *s)
{
	if (s->has_pc && !s->left)
		subscriber_offer_or_wait(s, NULL, subscription_event(s, "updated"));
}

void subscriber_refresh(struct subscriber *s)
{
	for (unsigned i = 0; i < s->streams->len; i++) {
		struct sub_stream *st = s->streams->pdata[i];
		if (st->route_due)
			sub_stream_route(s, i);
		st->route_due = false;
	}
	if (s->offer_due)
		push_offer(s);
	s->offer_due = false;
}

void subscriber_offer_if_due(struct subscriber *s)
{
	if (s->update_due && !cardea_offer_pending(s->handle))
		push_offer(s);
}
