/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Push to talk: of all who are in a room one has the floor, and is heard by the others. Who asks
 * for it gets it when it is free; it is free again when its holder says so or leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/plugin.h>

extern CARDEA_API const struct cardea_plugin cardea_plugin;

#define NAME_MAX_BYTES 64

struct room;
struct member {
	struct cardea_handle *handle;
	struct member *next; /* in its room */
	struct room *room;   /* NULL: in none */
	char name[NAME_MAX_BYTES + 1];
	unsigned mindex; /* its audio */
};
/* A room is there as long as somebody is in it. */
struct room {
	struct room *next;
	char name[NAME_MAX_BYTES + 1];
	struct member *members;
	struct member *holder; /* who has the floor; NULL: nobody */
	unsigned n_members;
};
static struct room *rooms;
static unsigned max_members;

/* ---- the floor ---- */

static void tell(const struct room *r)
{
	struct cardea_handle **to = calloc(r->n_members, sizeof *to);
	unsigned n = 0;

	if (!to)
		return;
	for (const struct member *m = r->members; m; m = m->next)
		to[n++] = m->handle;
	cardea_event_all(to, n,
		json_pack("{s:s, s:s, s:s?}", "walkie", "floor", "room", r->name, "talking",
			r->holder ? r->holder->name : NULL));
	free(to);
}

/* What a member hears: the holder of the floor. Without a PeerConnection: nothing, and no harm. */
static void listen_to(const struct member *m, const struct member *holder)
{
	struct cardea_track ear = { m->handle, m->mindex };

	if (holder && holder != m)
		cardea_route((struct cardea_track){ holder->handle, holder->mindex }, ear,
			&(struct cardea_want){ .size = sizeof(struct cardea_want) });
	else
		cardea_unroute(ear);
}

static void give_floor(struct room *r, struct member *to)
{
	r->holder = to;
	for (const struct member *m = r->members; m; m = m->next)
		listen_to(m, to);
	tell(r);
}

/* ---- rooms ---- */

static struct room *room_of(const char *name)
{
	struct room *r = rooms;

	while (r && strcmp(r->name, name) != 0)
		r = r->next;
	if (!r && (r = calloc(1, sizeof *r))) {
		snprintf(r->name, sizeof r->name, "%s", name);
		r->next = rooms;
		rooms = r;
	}
	return r;
}

static void room_end(struct room *r)
{
	struct room **at = &rooms;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	free(r);
}

static void leave(struct member *m)
{
	struct room *r = m->room;
	struct member **at = r ? &r->members : NULL;

	if (!r)
		return;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	m->room = NULL;
	listen_to(m, NULL);
	r->n_members--;
	if (!r->members)
		room_end(r);
	else if (r->holder == m)
		give_floor(r, NULL);
}

/* ---- requests ---- */

enum {
	E_UNKNOWN_REQUEST = 1,
	E_MISSING,
	E_INVALID,
	E_NO_AUDIO,
	E_JOINED,
	E_NOT_JOINED,
	E_FULL,
	E_BUSY
};

static const struct cardea_dialect dialect = {
	.marker = "walkie",
	.codes = { .missing = E_MISSING, .invalid = E_INVALID },
	.unknown_request = E_UNKNOWN_REQUEST,
	.missing_request = E_MISSING,
};

/* The first m-line with sound that can be routed; -1: there is none. */
static int audio_of(const struct cardea_desc *offer)
{
	for (unsigned i = 0; i < offer->n_media; i++)
		if (offer->media[i].kind == CARDEA_AUDIO && !offer->media[i].rejected &&
			cardea_pick(&offer->media[i], CARDEA_OPUS, NULL) >= 0)
			return (int)i;
	return -1;
}

/* All of a room speak Opus: what one sends any other can hear. The rest of an offer is rejected. */
static struct cardea_desc *answer(const struct cardea_desc *offer, unsigned mindex)
{
	struct cardea_desc *a = cardea_answer_new(offer);

	cardea_accept(a, offer, mindex,
		&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
			.dir = CARDEA_SENDRECV,
			.codec = cardea_pick(&offer->media[mindex], CARDEA_OPUS, NULL),
			.exts = CARDEA_EXTS_USED,
			.feedback = CARDEA_FB_TWCC });
	return a;
}

static const struct cardea_field join_fields[] = {
	{ "room", CARDEA_STR, .required = true, .max = NAME_MAX_BYTES, .note = "its name" },
	{ "name", CARDEA_STR, .required = true, .max = NAME_MAX_BYTES, .note = "of who joins" },
	{ 0 },
};

static bool on_join(struct cardea_call *c)
{
	struct member *m = cardea_user_data(c->handle);
	int mindex = c->remote && c->remote->type == CARDEA_OFFER ? audio_of(c->remote) : -1;

	if (mindex < 0)
		return cardea_fail(c->error, E_NO_AUDIO, "There is no offer of Opus");
	if (m->room)
		return cardea_fail(c->error, E_JOINED, "Already in room '%s'", m->room->name);
	struct room *r = room_of(cardea_str(&c->args, "room"));
	if (!r || r->n_members >= max_members)
		return cardea_fail(c->error, E_FULL, "The room is full");
	snprintf(m->name, sizeof m->name, "%s", cardea_str(&c->args, "name"));
	m->mindex = (unsigned)mindex;
	m->room = r;
	m->next = r->members;
	r->members = m;
	r->n_members++;
	c->desc = answer(c->remote, m->mindex);
	c->data = json_pack("{s:s, s:s, s:i, s:s?}", "walkie", "joined", "room", r->name, "members",
		(int)r->n_members, "talking", r->holder ? r->holder->name : NULL);
	return true;
}

static bool is_member(struct cardea_call *c)
{
	const struct member *m = cardea_user_data(c->handle);

	return m->room || cardea_fail(c->error, E_NOT_JOINED, "Join a room first");
}

static bool on_talk(struct cardea_call *c)
{
	struct member *m = cardea_user_data(c->handle);
	const struct member *holder = m->room->holder;

	if (holder && holder != m)
		return cardea_fail(c->error, E_BUSY, "%s has the floor", holder->name);
	if (!holder)
		give_floor(m->room, m);
	c->data = json_pack("{s:s}", "walkie", "granted");
	return true;
}

static bool on_release(struct cardea_call *c)
{
	struct member *m = cardea_user_data(c->handle);

	if (m->room->holder == m)
		give_floor(m->room, NULL);
	c->data = json_pack("{s:s}", "walkie", "released");
	return true;
}

static bool on_leave(struct cardea_call *c)
{
	leave(cardea_user_data(c->handle));
	cardea_close(c->handle);
	c->data = json_pack("{s:s}", "walkie", "left");
	return true;
}

static const struct cardea_request requests[] = {
	{ "join", join_fields, on_join, .async = true,
		.note = "Come into a room, with an offer of Opus." },
	{ "talk", NULL, on_talk, .may = is_member, .note = "Ask for the floor." },
	{ "release", NULL, on_release, .may = is_member, .note = "Give up the floor." },
	{ "leave", NULL, on_leave, .may = is_member, .note = "Leave the room." },
	{ 0 },
};
static const struct cardea_code errors[] = {
	{ E_UNKNOWN_REQUEST, "there is no such request" },
	{ E_MISSING, "a required field is missing" },
	{ E_INVALID, "a field has the wrong type or value" },
	{ E_NO_AUDIO, "there is no offer, or no Opus in it" },
	{ E_JOINED, "the client is in a room already" },
	{ E_NOT_JOINED, "the client is in no room" },
	{ E_FULL, "the room has as many members as it may have" },
	{ E_BUSY, "somebody else has the floor" },
	{ 0 },
};

/* ---- hooks ---- */

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");

	max_members = (unsigned)cardea_int(&general, "members");
	return NULL;
}

static int attach(struct cardea_handle *h)
{
	struct member *m = calloc(1, sizeof *m);

	if (m)
		m->handle = h;
	cardea_set_user_data(h, m);
	return m ? 0 : 1;
}

static void detach(struct cardea_handle *h)
{
	leave(cardea_user_data(h));
	free(cardea_user_data(h));
}

/* Once the answer to a join has been sent there is a track, which can carry who talks already. */
static void message(struct cardea_handle *h, struct cardea_message *msg)
{
	const struct member *m = cardea_user_data(h);
	const struct room *before = m->room;

	cardea_serve(h, msg, requests, &dialect);
	if (m->room && !before)
		listen_to(m, m->room->holder);
}

static void hangup(struct cardea_handle *h, const char *reason)
{
	(void)reason;
	leave(cardea_user_data(h));
}

static const struct cardea_field general_fields[] = {
	{ "members", CARDEA_INT, .min = 2, .max = 1000, .dflt = 100, .note = "of a room at most" },
	{ 0 },
};
static const struct cardea_section options[] = { { "general", general_fields, NULL }, { 0 } };

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "walkie",
	.title = "Walkie-talkie",
	.description = "Rooms in which one talks at a time.",
	.author = "You",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.requests = requests,
	.errors = errors,
	.start = start,
	.attach = attach,
	.detach = detach,
	.message = message,
	.hangup = hangup,
};
