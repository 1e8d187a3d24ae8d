/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "room_world.h"

extern CARDEA_API const struct cardea_plugin cardea_plugin;

uint64_t s;
const char *credential;

/* ---- descriptions ---- */

static void add_line(GString *sdp, unsigned mid, bool video, const char *dir)
{
	g_string_append_printf(sdp,
		"m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 "
		"0.0.0.0\r\na=mid:%u\r\na=%s\r\na=rtcp-mux\r\n"
		"a=rtpmap:%d %s\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n%s",
		video ? "video" : "audio", video ? 96 : 111, mid, dir, video ? 96 : 111,
		video ? "VP8/90000" : "opus/48000/2",
		video ? "a=extmap:13 urn:3gpp:video-orientation\r\n" : "");
}

char *offer_sdp(const char *lines, const char *ufrag)
{
	static unsigned version;
	GString *sdp = g_string_new(NULL);
	g_string_printf(sdp, HEAD, ++version, ufrag, "actpass");
	for (unsigned i = 0; lines[i]; i++)
		g_string_append_printf(sdp, " %u", i);
	g_string_append(sdp, "\r\n");
	for (unsigned i = 0; lines[i]; i++)
		add_line(sdp, i, g_ascii_tolower(lines[i]) == 'v',
			g_ascii_islower(lines[i]) ? "sendonly" : "inactive");
	return g_string_free(sdp, FALSE);
}

char *answer_sdp(const char *offer)
{
	g_auto(GStrv) lines = g_strsplit(offer, "\r\n", -1);
	GString *sdp = g_string_new(NULL), *media = g_string_new(NULL);
	unsigned n = 0;
	bool video = false;
	g_string_printf(sdp, HEAD, 1, "view", "active");
	for (unsigned i = 0; lines[i]; i++) {
		if (g_str_has_prefix(lines[i], "m="))
			video = g_str_has_prefix(lines[i], "m=video");
		bool sends = strcmp(lines[i], "a=sendonly") == 0;
		if (!sends && strcmp(lines[i], "a=inactive") != 0)
			continue;
		g_string_append_printf(sdp, " %u", n);
		add_line(media, n++, video, sends ? "recvonly" : "inactive");
	}
	g_string_append_printf(sdp, "\r\n%s", media->str);
	g_string_free(media, TRUE);
	return g_string_free(sdp, FALSE);
}

/* ---- clients ---- */

struct client everybody[4], *const ann = &everybody[0], *const bob = &everybody[1],
				   *const carl = &everybody[2], *const boss = &everybody[3];

static void note_talk(struct client *c, const json_t *data)
{
	const char *what = json_string_value(json_object_get(data, "videoroom"));
	const char *mid = json_string_value(json_object_get(data, "mid"));
	if (what && strstr(what, "talking"))
		g_string_append_printf(c->talk, "%c%s ", what[0] == 't' ? '+' : '-', mid);
}

static void note(const json_t *msg)
{
	uint64_t sender = (uint64_t)json_integer_value(json_object_get(msg, "sender"));
	const json_t *jsep = json_object_get(msg, "jsep");
	const char *type = json_string_value(json_object_get(jsep, "type"));
	for (unsigned i = 0; i < G_N_ELEMENTS(everybody); i++) {
		struct client *c = &everybody[i];
		if (c->handle != sender)
			continue;
		if (type && strcmp(type, "offer") == 0) {
			g_free(c->offer);
			c->offer = g_strdup(json_string_value(json_object_get(jsep, "sdp")));
			c->is_e2ee = json_is_true(json_object_get(jsep, "e2ee"));
		}
		c->hung_up |=
			!g_strcmp0(json_string_value(json_object_get(msg, "janus")), "hangup");
		note_talk(c, json_object_get(json_object_get(msg, "plugindata"), "data"));
	}
}

static bool is_answer(const json_t *msg)
{
	const char *janus = json_string_value(json_object_get(msg, "janus"));
	return json_object_get(msg, "transaction") && strcmp(janus, "ack") != 0;
}

json_t *ask_once(
	const struct client *c, const char *body, const char *type, const char *sdp, bool e2ee)
{
	g_autofree char *quoted = quote(g_strdup(body));
	json_t *msg, *answer = NULL;
	json_t *q = json_pack("{s:s, s:s, s:I, s:I, s:o}", "janus", "message", "transaction", "m",
		"session_id", (json_int_t)s, "handle_id", (json_int_t)c->handle, "body",
		json_loads(quoted, 0, NULL));
	if (sdp)
		json_object_set_new(q, "jsep",
			json_pack("{s:s, s:s, s:b}", "type", type, "sdp", sdp, "e2ee", e2ee));
	if (credential)
		json_object_set_new(q, "token", json_string(credential));
	char *text = json_dumps(q, JSON_COMPACT);
	say(1, "%s", text);
	free(text);
	json_decref(q);
	while ((msg = hear(1))) {
		note(msg);
		if (!answer && is_answer(msg))
			answer = json_incref(msg);
		json_decref(msg);
	}
	assert_non_null(answer);
	return answer;
}

static int core_error(const json_t *answer)
{
	return (int)json_integer_value(json_object_get(json_object_get(answer, "error"), "code"));
}

json_t *plugin_data(const json_t *answer)
{
	return json_object_get(json_object_get(answer, "plugindata"), "data");
}

int ask_jsep(struct client *c, const char *body, const char *type, const char *sdp, bool e2ee)
{
	for (unsigned tries = 0; tries < TRIES; tries++) {
		json_t *answer = ask_once(c, body, type, sdp, e2ee);
		int core = core_error(answer);
		int code =
			(int)json_integer_value(json_object_get(plugin_data(answer), "error_code"));
		json_decref(answer);
		if (core == 490)
			continue;
		return core ? core : code;
	}
	fail_msg("still overloaded: %s", body);
	return 490;
}

int ask(struct client *c, const char *body)
{
	return ask_jsep(c, body, NULL, NULL, false);
}

int publish_as(struct client *c, const char *body, const char *lines, const char *ufrag, bool e2ee)
{
	g_autofree char *sdp = offer_sdp(lines, ufrag);
	return ask_jsep(c, body, "offer", sdp, e2ee);
}

void accept_offers(struct client *c)
{
	while (c->offer) {
		g_autofree char *offer = g_steal_pointer(&c->offer), *sdp = answer_sdp(offer);
		assert_int_equal(ask_jsep(c, "{'request':'start'}", "answer", sdp, c->is_e2ee), 0);
	}
}

void attach_client(struct client *c)
{
	say(1,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'janus.plugin.videoroom'}",
		s);
	c->handle = hears_id(1);
}

void listen_on(void)
{
	json_t *msg;
	while ((msg = hear(1))) {
		note(msg);
		json_decref(msg);
	}
}

void detach_client(struct client *c)
{
	say(1,
		"{'janus':'detach','transaction':'d','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, c->handle);
	listen_on();
}

uint64_t peer_of(const struct client *c)
{
	return handle_find(session_find(s), c->handle)->pc->peer;
}

void connect_client(const struct client *c)
{
	report(&(struct report){ .type = REP_CONNECTED, .peer = peer_of(c) });
	listen_on();
}

int begin_room_with(const char *const *sets, void **state)
{
	(void)state;
	begin_with(sets);
	assert_null(plugin_add(&cardea_plugin, NULL, NULL));
	s = create_session(1);
	for (unsigned i = 0; i < G_N_ELEMENTS(everybody); i++) {
		everybody[i] = (struct client){ .talk = g_string_new(NULL) };
		attach_client(&everybody[i]);
	}
	return 0;
}

int begin_room(void **state)
{
	static const char *const sets[] = { "cardea.plugin.videoroom:sfu.path=", NULL };
	return begin_room_with(sets, state);
}

int end_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(everybody); i++) {
		g_free(everybody[i].offer);
		g_string_free(everybody[i].talk, TRUE);
	}
	end();
	return 0;
}

/* ---- rooms ---- */

void join(struct client *c, unsigned id)
{
	g_autofree char *body = g_strdup_printf(JOIN, id);
	assert_int_equal(ask(c, body), 0);
}

void create_room(const char *more)
{
	g_autofree char *body = g_strdup_printf(
		"{'request':'create','room':5,'publishers':3,'audiolevel_event':true%s}", more);
	assert_int_equal(ask(boss, body), 0);
}
