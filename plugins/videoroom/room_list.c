/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "room_list.h"

json_t *room_list_entry(const struct room *r)
{
	json_t *j = json_pack("{s:O, s:s, s:b, s:b, s:i, s:I, s:i, s:b, s:b, s:b, s:b, s:s, s:s}",
		"room", r->id.json, "description", r->description, "pin_required", r->pin != NULL,
		"is_private", r->is_private, "max_publishers", (int)r->max_publishers, "bitrate",
		(json_int_t)r->bitrate, "fir_freq", (int)r->fir_freq, "require_pvtid",
		r->require_pvtid, "require_e2ee", r->require_e2ee, "dummy_publisher", 0,
		"notify_joining", r->notify_joining, "audiocodec", r->audiocodec, "videocodec",
		r->videocodec);
	const struct {
		const char *name;
		bool on;
	} if_true[] = {
		{ "bitrate_cap", r->bitrate_cap },
		{ "opus_fec", r->opus_fec },
		{ "opus_dtx", r->opus_dtx },
		{ "opusred", r->opusred == RED_ALL },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(if_true); i++)
		if (if_true[i].on)
			json_object_set_new(j, if_true[i].name, json_true());
	json_object_update_new(
		j, json_pack("{s:b, s:s*, s:s*, s:b, s:i, s:b, s:b, s:b, s:b, s:b}", "record",
			   r->record, "rec_dir", r->rec_dir, "recording_format",
			   r->recording_format, "lock_record", r->lock_record, "num_participants",
			   (int)g_hash_table_size(r->publishers), "audiolevel_ext",
			   r->audiolevel_ext, "audiolevel_event", r->audiolevel_event,
			   "videoorient_ext", r->videoorient_ext, "playoutdelay_ext",
			   r->playoutdelay_ext, "transport_wide_cc_ext", r->transport_wide_cc_ext));
	if (r->audiolevel_event) {
		json_object_set_new(
			j, "audio_active_packets", json_integer(r->audio_active_packets));
		json_object_set_new(j, "audio_level_average", json_integer(r->audio_level_average));
	}
	return j;
}

/* Only the number of participants changes from one list to the next. No text of a client's can have
 * the quotes as they are. */
void room_list_changed(struct room *r)
{
	static const char number[] = "\"num_participants\":";
	json_t *entry = room_list_entry(r);
	char *text = json_dumps(entry, JSON_COMPACT), *at = strstr(text, number) + strlen(number);
	const char *behind = at + strspn(at, "0123456789");
	g_free(r->list.text);
	r->list.split = (size_t)(at - text);
	r->list.len = r->list.split + strlen(behind);
	r->list.text = g_malloc(r->list.len);
	memcpy(r->list.text, text, r->list.split);
	memcpy(r->list.text + r->list.split, behind, r->list.len - r->list.split);
	free(text);
	json_decref(entry);
}

void room_list_text(const struct room *r, GString *out)
{
	char number[12];
	g_snprintf(number, sizeof number, "%u", g_hash_table_size(r->publishers));
	g_string_append_len(out, r->list.text, (gssize)r->list.split);
	g_string_append(out, number);
	g_string_append_len(
		out, r->list.text + r->list.split, (gssize)(r->list.len - r->list.split));
}
