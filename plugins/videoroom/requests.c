/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "member_requests.h"
#include "participant_requests.h"
#include "record_requests.h"
#include "requests.h"
#include "role_check.h"
#include "room_requests.h"
#include "schema.h"

struct cardea_dialect dialect = {
	.marker = "videoroom",
	.codes = { .missing = E_MISSING, .invalid = E_INVALID },
	.unknown_request = E_INVALID_REQUEST,
	.missing_request = E_MISSING,
};

const struct cardea_request requests[] = {
	{ "create", create_fields, on_create, .note = "Make a room." },
	{ "edit", edit_fields, on_edit,
		.note = "Change a room: those in it are told. What is absent stays as it is." },
	{ "destroy", destroy_fields, on_destroy, .note = "Remove a room; those in it leave it." },
	{ "exists", room_only_fields, on_exists, .note = "Tell whether there is such a room." },
	{ "list", list_fields, on_list,
		.note = "List the rooms that are not private; with admin_key all." },
	{ "allowed", allowed_fields, on_allowed,
		.note = "Change or lift the list of tokens that joining as a publisher takes." },
	{ "listparticipants", listparticipants_fields, on_listparticipants,
		.note = "List who is in a room. Of a room with a pin, a token or a secret it takes "
			"one of these." },
	{ "kick", kick_fields, on_kick, .note = "Remove a participant from a room." },
	{ "moderate", moderate_fields, on_moderate,
		.note = "Mute an m-line of a participant for all, or lift that." },
	{ "enable_recording", enable_recording_fields, on_enable_recording,
		.note = "Begin or end the recording of a room: of all who publish, now or later. "
			"Those in it are told." },
	{ "join", join_fields, on_join, true, must_be_new,
		.note = "Join a room: as a publisher, which sees and is seen, or as a subscriber, "
			"which takes streams of publishers and is sent an offer." },
	{ "joinandconfigure", joinandconfigure_fields, on_joinandconfigure, true, must_be_new,
		.note = "Join as a publisher and configure, or with an offer publish, at once. "
			"What is absent stays as it is." },
	{ "configure", configure_fields, on_configure, true, must_be_in,
		.note = "Change what is published or subscribed to: what is absent stays as it is. "
			"A "
			"publisher's offer publishes, or changes what is published." },
	{ "publish", configure_fields, on_publish, true, must_publish,
		.note = "The same as configure with an offer, of who does not publish yet." },
	{ "unpublish", no_fields, on_unpublish, true, must_publish,
		.note = "Stop to publish; the PeerConnection is closed." },
	{ "start", no_fields, on_start, true, must_subscribe,
		.note = "Subscriber: the answer to an offer comes with it; or go on after pause." },
	{ "pause", no_fields, on_pause, true, must_subscribe,
		.note = "Subscriber: hold all media back." },
	{ "subscribe", subscribe_fields, on_subscribe, true, must_subscribe,
		.note = "Subscriber: add streams." },
	{ "unsubscribe", unsubscribe_fields, on_unsubscribe, true, must_subscribe,
		.note = "Subscriber: take streams away." },
	{ "update", update_fields, on_update, true, must_subscribe,
		.note = "Subscriber: add and take away streams in one negotiation." },
	{ "switch", switch_request_fields, on_switch, true, must_subscribe,
		.note = "Subscriber: let m-lines carry other streams of the same kind and codec, "
			"without negotiation." },
	{ "leave", no_fields, on_leave, true, must_be_in,
		.note = "Leave the room. A publisher is told of as gone, and may not join again "
			"with "
			"this handle." },
	{ 0 },
};

const struct cardea_code errors[] = {
	{ E_INVALID_REQUEST, "there is no such request, or not for this role" },
	{ E_JOIN_FIRST, "the handle has not joined a room" },
	{ E_ALREADY_JOINED, "the handle has joined already, or has left: make another" },
	{ E_NO_SUCH_ROOM, "there is no such room" },
	{ E_ROOM_EXISTS, "there is a room of this id" },
	{ E_NO_SUCH_FEED, "there is no such participant, or it has no such stream" },
	{ E_MISSING, "a required field is missing" },
	{ E_INVALID, "a field has the wrong type or value" },
	{ E_INVALID_SDP_TYPE, "an offer has come where an answer is due, or the reverse" },
	{ E_PUBLISHERS_FULL, "there are as many publishers, participants or streams as "
			     "there may be" },
	{ E_UNAUTHORIZED, "the secret, pin, token, admin_key or private_id is missing or wrong" },
	{ E_ALREADY_PUBLISHED, "it publishes already" },
	{ E_NOT_PUBLISHED, "it does not publish" },
	{ E_ID_EXISTS, "there is a participant of this id" },
	{ E_INVALID_SDP, "the description cannot be used here, or there is nothing to offer" },
	{ E_INVALID_FEED, "streams with and without end-to-end encryption do not go together" },
	{ E_UNKNOWN, "there are too many rooms, or something else, which the reason says" },
	{ 0 },
};
