/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The smallest plugin that moves media, built out of tree: what a client sends comes back to it.
 * Copy it and change it. plugins/echotest is the same idea complete. */
#include <stdlib.h>
#include <cardea/plugin.h>

/* The server looks for this symbol. */
extern CARDEA_API const struct cardea_plugin cardea_plugin;

/* What we keep for a handle. All hooks run on one thread, one after another: nothing to lock. */
struct echo {
	unsigned n_lines; /* m-lines of its PeerConnection */
	bool paused;
};

static uint32_t bitrate; /* that a client may send, bits per second */

/* ---- the one request: {"request": "echo", …}, with or without an offer ---- */

enum { E_UNKNOWN_REQUEST = 1, E_MISSING, E_INVALID, E_NO_OFFER };

static const struct cardea_dialect dialect = {
	.marker = "echo", /* errors are {"echo": "event", "error_code": …, "error": …} */
	.codes = { .missing = E_MISSING, .invalid = E_INVALID },
	.unknown_request = E_UNKNOWN_REQUEST,
	.missing_request = E_MISSING,
};

/* The server checks a request against this before it calls on_echo(), and words the error. */
static const struct cardea_field echo_fields[] = {
	{ "paused", CARDEA_BOOL, .note = "send nothing back" },
	{ 0 },
};

/* Accept each m-line with the first codec that can be routed; what is not accepted is rejected. */
static struct cardea_desc *answer(const struct cardea_desc *offer)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		int codec = cardea_pick_first(m);
		if (!m->rejected && codec >= 0)
			cardea_accept(a, offer, i,
				&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
					.dir = m->dir,
					.codec = codec,
					.exts = CARDEA_EXTS_USED,
					.feedback = CARDEA_FB_NACK | CARDEA_FB_PLI |
						    CARDEA_FB_REMB | CARDEA_FB_TWCC });
	}
	return a;
}

static bool on_echo(struct cardea_call *c)
{
	struct echo *e = cardea_user_data(c->handle);
	if (c->remote && c->remote->type != CARDEA_OFFER)
		return cardea_fail(c->error, E_NO_OFFER, "This plugin takes offers only");
	e->paused = cardea_bool(&c->args, "paused");
	if (c->remote) {
		e->n_lines = c->remote->n_media;
		c->desc = answer(c->remote);
	}
	c->data = json_pack("{s:s, s:s}", "echo", "event", "result", "ok");
	return true;
}

static const struct cardea_request requests[] = {
	{ "echo", echo_fields, on_echo, .async = true,
		.note = "With an offer: answer it. Without: change what comes back." },
	{ 0 },
};

/* The same codes in words, for `cardea --describe`. */
static const struct cardea_code errors[] = {
	{ E_UNKNOWN_REQUEST, "there is no such request" },
	{ E_MISSING, "a required field is missing" },
	{ E_INVALID, "a field has the wrong type or value" },
	{ E_NO_OFFER, "the description is no offer" },
	{ 0 },
};

/* ---- hooks ---- */

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");
	bitrate = (uint32_t)cardea_int(&general, "bitrate");
	return NULL; /* or a sentence on why the plugin cannot run */
}

static int attach(struct cardea_handle *h)
{
	cardea_set_user_data(h, calloc(1, sizeof(struct echo)));
	return cardea_user_data(h) ? 0 : 1; /* 1: refused */
}

static void detach(struct cardea_handle *h)
{
	free(cardea_user_data(h));
}

/* Once the answer has been sent there are tracks, and each is routed to itself. */
static void message(struct cardea_handle *h, struct cardea_message *m)
{
	const struct echo *e = cardea_user_data(h);
	cardea_serve(h, m, requests, &dialect);
	cardea_limit(h, bitrate);
	for (unsigned i = 0; i < e->n_lines; i++) {
		struct cardea_track t = { h, i };
		cardea_route(t, t,
			&(struct cardea_want){
				.size = sizeof(struct cardea_want), .paused = e->paused });
	}
}

/* The one event that answers no request. */
static void connected(struct cardea_handle *h)
{
	cardea_event(h, NULL, json_pack("{s:s, s:b}", "echo", "event", "connected", 1), NULL);
}

static const struct cardea_field general_fields[] = {
	{ "bitrate", CARDEA_UINT, .max = 100000000, .dflt = 2000000,
		.note = "what a client may send, bits per second; 0: as it likes" },
	{ 0 },
};
static const struct cardea_section options[] = {
	{ "general", general_fields, "The plugin as a whole." },
	{ 0 },
};

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "echo", /* echo.so, and cardea.plugin.echo to clients */
	.title = "Echo",
	.description = "Sends back to a client what it sends.",
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
	.connected = connected,
};
