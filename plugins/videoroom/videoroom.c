/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The hooks of the video room, and its configuration. Each hook goes to the publisher or subscriber
 * that the handle is; requests go to the table in requests.c. A room's media is nothing but routes
 * from publishers' tracks to subscribers'. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bitrate.h"
#include "data_relay.h"
#include "layers.h"
#include "member.h"
#include "publish.h"
#include "publisher_json.h"
#include "publisher_leave.h"
#include "record.h"
#include "record_place.h"
#include "requests.h"
#include "room_expiry.h"
#include "room_options.h"
#include "rooms.h"
#include "schema.h"
#include "sfu.h"
#include "subscriber_leave.h"
#include "subscriber_offer.h"
#include "subscription_json.h"
#include "talking.h"
#include "update_queue.h"

extern CARDEA_API const struct cardea_plugin cardea_plugin;

/* ---- hooks ---- */

static int attach(struct cardea_handle *h)
{
	cardea_set_user_data(h, g_new0(struct member, 1));
	return 0;
}

static void detach(struct cardea_handle *h)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_free(m->publisher);
	else if (m->role == ROLE_SUBSCRIBER)
		subscriber_free(m->subscriber);
	sfu_detached(h);
	g_free(m);
}

static void message(struct cardea_handle *h, struct cardea_message *msg)
{
	const struct member *m = cardea_user_data(h);
	cardea_serve(h, msg, requests, &dialect);
	if (m->role == ROLE_SUBSCRIBER)
		subscriber_offer_if_due(m->subscriber);
}

static void connected(struct cardea_handle *h)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_connected(m->publisher);
}

static void hangup(struct cardea_handle *h, const char *reason)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_hangup(m->publisher);
	else if (m->role == ROLE_SUBSCRIBER)
		subscriber_hangup(m->subscriber);
	sfu_hangup(h, reason);
}

static void layer(struct cardea_handle *h, unsigned mindex, const struct cardea_layer *now)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_SUBSCRIBER)
		layers_changed(m->subscriber, mindex, now);
}

static bool data(struct cardea_handle *h, const struct cardea_data *what)
{
	const struct member *m = cardea_user_data(h);
	if (m->publisher)
		data_relay(m->publisher, what);
	return true;
}

static void talking(struct cardea_handle *h, unsigned mindex, bool talks, double avg_dbov)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		talking_changed(m->publisher, mindex, talks, avg_dbov);
}

static void slow_link(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost)
{
	struct member *m = cardea_user_data(h);
	(void)mindex;
	(void)lost;
	/* A publisher is told that the server misses packets, a subscriber that it does. */
	if (m->role == ROLE_PUBLISHER && !uplink)
		cardea_event(h, NULL,
			json_pack("{s:s, s:I}", "videoroom", "slow_link", "current-bitrate",
				(json_int_t)bitrate_cap_of(m->publisher)),
			NULL);
	else if (m->role == ROLE_SUBSCRIBER && uplink)
		cardea_event(h, NULL, json_pack("{s:s}", "videoroom", "slow_link"), NULL);
}

static json_t *query(struct cardea_handle *h)
{
	const struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER) {
		json_t *j = publisher_json(m->publisher, true);
		json_object_set_new(j, "type", json_string("publisher"));
		if (m->publisher->room)
			json_object_set(j, "room", m->publisher->room->id.json);
		return j;
	}
	if (m->role == ROLE_SUBSCRIBER)
		return json_pack("{s:s, s:O, s:o}", "type", "subscriber", "room",
			m->subscriber->room_id.json, "streams", subscription_json(m->subscriber));
	return json_pack("{s:s}", "type", "none");
}

static json_t *admin(const json_t *request)
{
	return cardea_serve_admin(request, requests, &dialect);
}

/* ---- configuration ---- */

/* The reason is worded for clients, and names the field. */
static const char *wrong_option(const char *reason)
{
	static const char *const names[] = { "audiocodec", "videocodec" };
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strstr(reason, names[i]))
			return names[i];
	return NULL;
}

static void check_signed_tokens(
	const struct cardea_conf *conf, const char *section, const struct cardea_args *args)
{
	if (cardea_bool(args, "signed_tokens") && !cardea_has_signed_tokens())
		cardea_conf_wrong(conf, false, section, "signed_tokens",
			"it has no effect, and asks nobody for a token: "
			"cardea.jcfg has no general.token_auth with token_auth_secret");
}

static void check_rec_dir(
	const struct cardea_conf *conf, const char *section, const struct cardea_args *args)
{
	struct cardea_error e;
	const char *dir = cardea_str(args, "rec_dir");
	if (!record_place_ok(dir, true, &e))
		cardea_conf_wrong(conf, false, section, "rec_dir", "%s", e.reason);
	else if (dir && *dir == '/')
		cardea_record_folder(dir);
}

/* Rooms of that section are made when somebody joins. */
static void check_rooms_to_come(const struct cardea_conf *conf)
{
	struct cardea_args args = cardea_conf_section(conf, "sfu");
	struct cardea_error e;
	if (!room_options_name_codecs(&args, &e))
		cardea_conf_wrong(conf, true, "sfu", wrong_option(e.reason), "%s", e.reason);
	check_signed_tokens(conf, "sfu", &args);
	check_rec_dir(conf, "sfu", &args);
}

static void configured_room(
	const struct cardea_conf *conf, const char *name, const struct cardea_args *args)
{
	struct cardea_error e;
	const char *text = name + strlen("room-");
	char *end;
	errno = 0;
	json_int_t number = strtoll(text, &end, 10);
	if (!string_ids && (*end || number <= 0 || errno)) {
		cardea_conf_wrong(conf, true, name, NULL,
			errno == ERANGE ? "its number is too large"
					: "its name is no number, and string_ids is off");
		return;
	}
	json_t *id = string_ids ? json_string(text) : json_integer(number);
	struct room *r = room_create(NULL, id, args, &e);
	if (r)
		r->is_permanent = true;
	else
		cardea_conf_wrong(conf, true, name, wrong_option(e.reason), "%s", e.reason);
	check_signed_tokens(conf, name, args);
	check_rec_dir(conf, name, args);
	json_decref(id);
}

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general"), args;
	unsigned i = 0;
	const char *name;
	string_ids = cardea_bool(&general, "string_ids");
	admin_key = cardea_str(&general, "admin_key");
	dialect.codes.string_ids = string_ids;
	rooms_start();
	while ((name = cardea_conf_next(conf, "room-*", &i, &args)))
		configured_room(conf, name, &args);
	check_rooms_to_come(conf);
	max_rooms = (unsigned)cardea_int(&general, "max_rooms");
	room_expiry_start((unsigned)cardea_int(&general, "empty_room_timeout"));
	return sfu_start(&cardea_plugin, conf);
}

static void stop(void)
{
	room_expiry_stop();
	update_queue_stop();
	rooms_stop();
	record_forget_all();
}

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "videoroom",
	.title = "Cardea VideoRoom plugin",
	.description =
		"Rooms in which everybody may publish and subscribe: a selective forwarding unit.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.stop = stop,
	.attach = attach,
	.detach = detach,
	.message = message,
	.connected = connected,
	.hangup = hangup,
	.layer = layer,
	.talking = talking,
	.data = data,
	.slow_link = slow_link,
	.direct_message = sfu_message,
	.query = query,
	.admin = admin,
	.requests = requests,
	.errors = errors,
};
