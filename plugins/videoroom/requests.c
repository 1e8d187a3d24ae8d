/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "member_requests.h"
#include "participant_requests.h"
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
	{ "create", create_fields, on_create },
	{ "edit", edit_fields, on_edit },
	{ "destroy", destroy_fields, on_destroy },
	{ "exists", room_only_fields, on_exists },
	{ "list", list_fields, on_list },
	{ "allowed", allowed_fields, on_allowed },
	{ "listparticipants", listparticipants_fields, on_listparticipants },
	{ "kick", kick_fields, on_kick },
	{ "moderate", moderate_fields, on_moderate },
	{ "join", join_fields, on_join, true, must_be_new },
	{ "joinandconfigure", joinandconfigure_fields, on_joinandconfigure, true, must_be_new },
	{ "configure", configure_fields, on_configure, true, must_be_in },
	{ "publish", configure_fields, on_publish, true, must_publish },
	{ "unpublish", no_fields, on_unpublish, true, must_publish },
	{ "start", no_fields, on_start, true, must_subscribe },
	{ "pause", no_fields, on_pause, true, must_subscribe },
	{ "subscribe", subscribe_fields, on_subscribe, true, must_subscribe },
	{ "unsubscribe", unsubscribe_fields, on_unsubscribe, true, must_subscribe },
	{ "update", update_fields, on_update, true, must_subscribe },
	{ "switch", switch_request_fields, on_switch, true, must_subscribe },
	{ "leave", no_fields, on_leave, true, must_be_in },
	{ 0 },
};
