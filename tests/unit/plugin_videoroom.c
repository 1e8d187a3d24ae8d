/* SPDX-License-Identifier: Apache-2.0 */
#include "control_world.h"

/* The video room on a control side whose workers are the test: what they are told, also when their
 * queues are full. */

extern CARDEA_API const struct cardea_plugin cardea_plugin;

#define LINES_MAX 8
#define PEERS_MAX 8
#define TRIES     100

static uint64_t s;

/* ---- descriptions ---- */

#define HEAD                                                                                       \
	"v=0\r\no=- 1 %u IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:%s\r\n"                   \
	"a=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=fingerprint:sha-256 "                             \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:"  \
	"DD:EE:FF\r\na=setup:%s\r\na=group:BUNDLE"

static void add_line(GString *sdp, unsigned mid, bool video, const char *dir)
{
	g_string_append_printf(sdp,
		"m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 "
		"0.0.0.0\r\na=mid:%u\r\na=%s\r\na=rtcp-mux\r\n"
		"a=rtpmap:%d %s\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
		video ? "video" : "audio", video ? 96 : 111, mid, dir, video ? 96 : 111,
		video ? "VP8/90000" : "opus/48000/2");
}

/* @param lines "av": what is sent; a capital letter: stopped for now */
static char *offer_sdp(const char *lines, const char *ufrag)
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

/* Takes all that is offered. */
static char *answer_sdp(const char *offer)
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

struct client {
	uint64_t handle;
	char *offer;   /* of the server's, not answered yet; NULL: none */
	bool is_e2ee;  /* it said so */
	GString *talk; /* "+mid" and "-mid": who talks */
	bool hung_up;
};

static struct client everybody[4], *const ann = &everybody[0], *const bob = &everybody[1],
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

/* @return the answer, by the plugin or an error of the core's; what else comes is noted */
static json_t *ask_once(
	const struct client *c, const char *body, const char *type, const char *sdp, bool e2ee)
{
	json_t *msg, *answer = NULL;
	json_t *q = json_pack("{s:s, s:s, s:I, s:I, s:o}", "janus", "message", "transaction", "m",
		"session_id", (json_int_t)s, "handle_id", (json_int_t)c->handle, "body",
		json_loads(body, 0, NULL));
	if (sdp)
		json_object_set_new(q, "jsep",
			json_pack("{s:s, s:s, s:b}", "type", type, "sdp", sdp, "e2ee", e2ee));
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

static json_t *data_of(const json_t *answer)
{
	return json_object_get(json_object_get(answer, "plugindata"), "data");
}

/* The same, again while the worker is overloaded. @return the plugin's error code, 0: none */
static int ask_jsep(
	struct client *c, const char *body, const char *type, const char *sdp, bool e2ee)
{
	for (unsigned tries = 0; tries < TRIES; tries++) {
		json_t *answer = ask_once(c, body, type, sdp, e2ee);
		int core = core_error(answer);
		int code = (int)json_integer_value(json_object_get(data_of(answer), "error_code"));
		json_decref(answer);
		if (core == 490)
			continue;
		return core ? core : code;
	}
	fail_msg("still overloaded: %s", body);
	return 490;
}

static int ask(struct client *c, const char *body)
{
	return ask_jsep(c, body, NULL, NULL, false);
}

static int publish_as(
	struct client *c, const char *body, const char *lines, const char *ufrag, bool e2ee)
{
	g_autofree char *sdp = offer_sdp(lines, ufrag);
	return ask_jsep(c, body, "offer", sdp, e2ee);
}

/* Answer what the server offers, until it offers no more. */
static void accept_offers(struct client *c)
{
	while (c->offer) {
		g_autofree char *offer = g_steal_pointer(&c->offer), *sdp = answer_sdp(offer);
		assert_int_equal(
			ask_jsep(c, "{\"request\":\"start\"}", "answer", sdp, c->is_e2ee), 0);
	}
}

static void attach_client(struct client *c)
{
	say(1,
		"{\"janus\":\"attach\",\"transaction\":\"a\",\"session_id\":%" PRIu64
		",\"plugin\":\"janus.plugin.videoroom\"}",
		s);
	c->handle = hears_id(1);
}

static void listen_on(void)
{
	json_t *msg;
	while ((msg = hear(1))) {
		note(msg);
		json_decref(msg);
	}
}

static void detach_client(struct client *c)
{
	say(1,
		"{\"janus\":\"detach\",\"transaction\":\"d\",\"session_id\":%" PRIu64
		",\"handle_id\":%" PRIu64 "}",
		s, c->handle);
	listen_on();
}

static uint64_t peer_of(const struct client *c)
{
	return handle_find(session_find(s), c->handle)->pc->peer;
}

static void connect_client(const struct client *c)
{
	report(&(struct report){ .type = REP_CONNECTED, .peer = peer_of(c) });
	listen_on();
}

static int begin_room(void **state)
{
	static const char *const sets[] = { "cardea.plugin.videoroom:sfu.path=", NULL };
	(void)state;
	begin_with(sets);
	assert_null(plugin_add(&cardea_plugin, NULL));
	s = create_session(1);
	for (unsigned i = 0; i < G_N_ELEMENTS(everybody); i++) {
		everybody[i] = (struct client){ .talk = g_string_new(NULL) };
		attach_client(&everybody[i]);
	}
	return 0;
}

static int end_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(everybody); i++) {
		g_free(everybody[i].offer);
		g_string_free(everybody[i].talk, TRUE);
	}
	end();
	return 0;
}

/* ---- the worker ---- */

/* What it knows after the commands it got, as far as the router would take them. */
struct known {
	uint64_t peer;
	bool is_closed;
	struct line {
		struct track t;
		bool is_there, muted, paused;
		unsigned watch;
		uint64_t from;
		unsigned from_mindex;
	} lines[LINES_MAX];
	uint32_t limit;
	char ufrag[ICE_UFRAG_MAX + 1];
};
static struct known known[PEERS_MAX];
static unsigned n_known;

static struct known *find_known(uint64_t peer)
{
	for (unsigned i = 0; i < n_known; i++)
		if (known[i].peer == peer)
			return &known[i];
	fail_msg("a command for a peer that was not opened");
	return NULL;
}

static void learn_track(struct known *k, const struct track *t)
{
	assert_true(t->mindex < LINES_MAX);
	struct line *l = &k->lines[t->mindex];
	/* a track that changes begins anew */
	*l = (struct line){ .t = *t, .is_there = true };
	for (unsigned i = 0; i < n_known; i++)
		for (unsigned m = 0; m < LINES_MAX; m++)
			if (known[i].lines[m].from == k->peer &&
				known[i].lines[m].from_mindex == t->mindex)
				known[i].lines[m].from = 0;
}

static void learn_route(struct known *k, const struct route *r)
{
	struct line *l = &k->lines[r->to_mindex];
	const struct known *from = find_known(r->from_peer);
	bool fits = l->is_there && l->t.dir & CARDEA_SEND && !from->is_closed &&
		    from->lines[r->from_mindex].t.dir & CARDEA_RECV;
	if (!fits)
		return;
	l->from = r->from_peer;
	l->from_mindex = r->from_mindex;
	l->paused = r->paused;
}

static void learn_close(struct known *k)
{
	assert_false(k->is_closed);
	k->is_closed = true;
	for (unsigned i = 0; i < n_known; i++)
		for (unsigned m = 0; m < LINES_MAX; m++)
			if (known[i].lines[m].from == k->peer)
				known[i].lines[m].from = 0;
}

static void learn(const struct cmd *c)
{
	if (c->type == CMD_PEER_OPEN) {
		assert_true(n_known < PEERS_MAX);
		known[n_known] = (struct known){ .peer = c->peer };
		strcpy(known[n_known++].ufrag, c->open.peer_ufrag);
		return;
	}
	struct known *k = find_known(c->peer);
	struct line *l =
		&k->lines[c->keyframe.mindex % LINES_MAX]; /* of the short ones the first member */
	assert_false(k->is_closed);
	if (c->type == CMD_PEER_ICE)
		strcpy(k->ufrag, c->open.peer_ufrag);
	else if (c->type == CMD_TRACK)
		learn_track(k, &c->track);
	else if (c->type == CMD_ROUTE)
		learn_route(k, &c->route);
	else if (c->type == CMD_UNROUTE)
		l->from = 0;
	else if (c->type == CMD_MUTE)
		l->muted = c->mute.on && l->t.dir & CARDEA_RECV;
	else if (c->type == CMD_WATCH_LEVEL)
		l->watch = l->t.dir & CARDEA_RECV ? c->watch.packets : 0;
	else if (c->type == CMD_LIMIT)
		k->limit = c->limit.bps;
	else if (c->type == CMD_PEER_CLOSE)
		learn_close(k);
}

static int number_of(uint64_t peer)
{
	for (unsigned i = 0; i < n_known; i++)
		if (known[i].peer == peer)
			return (int)i;
	return -1;
}

/* All that the worker knows, as a text; peers are numbered as they were opened. */
static void describe(GString *out)
{
	n_known = 0;
	for (unsigned i = 0; i < n_cmds; i++)
		learn(&cmds[i]);
	for (unsigned i = 0; i < n_known; i++) {
		const struct known *k = &known[i];
		g_string_append_printf(out, "%u%s %s limit=%u\n", i, k->is_closed ? " closed" : "",
			k->ufrag, k->limit);
		for (unsigned m = 0; m < LINES_MAX && !k->is_closed; m++) {
			const struct line *l = &k->lines[m];
			if (l->is_there)
				g_string_append_printf(out,
					"  %u: %s dir=%u%s watch=%u from=%d.%u%s\n", m,
					cardea_codec_name(l->t.codec), l->t.dir,
					l->muted ? " muted" : "", l->watch,
					l->from ? number_of(l->from) : -1,
					l->from ? l->from_mindex : 0,
					l->from && l->paused ? " paused" : "");
		}
	}
	g_string_append(out, "--\n");
}

/* ---- a full queue ---- */

/* Let time pass until all is told: each try is a post at least. */
static void settle(void)
{
	for (unsigned i = 0; i < n_fails + 2; i++) {
		now_us += 60000;
		turn();
		listen_on();
	}
}

#define JOIN "{\"request\":\"join\",\"room\":5,\"ptype\":\"publisher\",\"id\":%u}"

static void join(struct client *c, unsigned id)
{
	g_autofree char *body = g_strdup_printf(JOIN, id);
	assert_int_equal(ask(c, body), 0);
}

#define VIEW(feed, more)                                                                           \
	"{\"request\":\"join\",\"room\":5,\"ptype\":\"subscriber\"," more                          \
	"\"streams\":[{\"feed\":" feed "}]}"

static void create_room(const char *more)
{
	g_autofree char *body = g_strdup_printf(
		"{\"request\":\"create\",\"room\":5,\"publishers\":3,\"audiolevel_event\":true%s}",
		more);
	assert_int_equal(ask(boss, body), 0);
}

static void meet(bool is_early)
{
	create_room("");
	join(ann, 1);
	assert_int_equal(publish_as(ann, "{\"request\":\"publish\",\"bitrate\":300000}", "av",
				 "ann1", false),
		0);
	if (!is_early)
		connect_client(ann);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	accept_offers(bob);
	/* a track goes, one comes, one is muted */
	assert_int_equal(publish_as(ann, "{\"request\":\"configure\",\"audio\":false}", "aVv",
				 "ann1", false),
		0);
	accept_offers(bob);
	if (is_early)
		connect_client(ann);
	connect_client(bob);
}

static void rearrange(void)
{
	assert_int_equal(ask(boss, "{\"request\":\"moderate\",\"room\":5,\"id\":1,\"mid\":\"2\","
				   "\"mute\":true}"),
		0);
	assert_int_equal(
		ask(ann, "{\"request\":\"configure\",\"bitrate\":0,\"keyframe\":true}"), 0);
	assert_int_equal(ask(bob, "{\"request\":\"pause\"}"), 0);
	assert_int_equal(
		ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":1,\"mid\":\"2\"}]}"),
		0);
	accept_offers(bob);
	assert_int_equal(ask(bob, "{\"request\":\"start\"}"), 0);
	join(carl, 2);
	assert_int_equal(publish_as(carl, "{\"request\":\"publish\"}", "a", "carl", false), 0);
	connect_client(carl);
	assert_int_equal(ask(bob, "{\"request\":\"switch\",\"streams\":[{\"feed\":2,\"mid\":\"0\","
				  "\"sub_mid\":\"0\"}]}"),
		0);
	assert_int_equal(publish_as(ann, "{\"request\":\"configure\"}", "aVv", "ann2", false), 0);
	assert_int_equal(ask(bob, "{\"request\":\"configure\",\"restart\":true}"), 0);
	accept_offers(bob);
	settle();
}

static void part(void)
{
	assert_int_equal(ask(ann, "{\"request\":\"unpublish\"}"), 0);
	accept_offers(bob);
	assert_int_equal(publish_as(ann, "{\"request\":\"publish\"}", "av", "ann3", false), 0);
	assert_int_equal(ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":1}]}"), 0);
	accept_offers(bob);
	settle();
}

static void leave(void)
{
	detach_client(ann); /* while bob holds its streams, though nobody was told of them */
	accept_offers(bob);
	assert_int_equal(
		ask(bob,
			"{\"request\":\"configure\",\"streams\":[{\"mid\":\"0\",\"send\":false}]}"),
		0);
	assert_int_equal(ask(bob, "{\"request\":\"leave\"}"), 0);
	assert_int_equal(ask(boss, "{\"request\":\"destroy\",\"room\":5}"), 0);
	detach_client(carl);
	settle();
}

/* Play it all, with a queue that is full from the @p at -th post on, @p n times. @return what the
 * worker knew on the way */
static char *play(bool is_early, unsigned at, unsigned n, unsigned *posts)
{
	GString *out = g_string_new(NULL);
	begin_room(NULL);
	fails_at = at;
	n_fails = n;
	meet(is_early);
	rearrange();
	describe(out);
	part();
	describe(out);
	leave();
	describe(out);
	*posts = n_posts;
	for (unsigned i = 0; i < n_known; i++) {
		assert_true(known[i].is_closed);
		report(&(struct report){ .type = REP_RETIRED, .peer = known[i].peer });
	}
	assert_int_equal(peerconns_count(), 0);
	end_room(NULL);
	return g_string_free(out, FALSE);
}

static void play_all(bool is_early)
{
	static const struct {
		unsigned n, step;
	} rows[] = { { 1, 1 }, { 2, 3 }, { 9, 5 }, { 40, 7 } };
	unsigned posts, unused;
	g_autofree char *right = play(is_early, 0, 0, &posts);
	assert_in_range(posts, 40, 400);
	for (unsigned r = 0; r < G_N_ELEMENTS(rows); r++)
		for (unsigned at = 1; at <= posts; at += rows[r].step) {
			g_autofree char *got = play(is_early, at, rows[r].n, &unused);
			if (strcmp(got, right) != 0)
				print_message(
					"the post %u, %u times; right:\n%s", at, rows[r].n, right);
			assert_string_equal(got, right);
		}
}

static void comes_to_the_same_when_a_queue_was_full(void **state)
{
	(void)state;
	play_all(false);
}

static void comes_to_the_same_before_anybody_is_connected(void **state)
{
	(void)state;
	play_all(true);
}

/* ---- bitrates ---- */

static unsigned limit_after(const char *body)
{
	assert_int_equal(ask(ann, body), 0);
	return cmd_of(CMD_LIMIT)->limit.bps;
}

static void publish_ann(const char *room, const char *body, bool e2ee)
{
	create_room(room);
	join(ann, 1);
	assert_int_equal(publish_as(ann, body, "av", "ann1", e2ee), 0);
	connect_client(ann);
}

static void slow_link_tells(unsigned bps)
{
	json_t *msg;
	bool told = false;
	report(&(struct report){
		.type = REP_SLOW_LINK, .peer = peer_of(ann), .slow_link = { 1, 0, 9 } });
	while ((msg = hear(1))) {
		const json_t *now = json_object_get(data_of(msg), "current-bitrate");
		told |= now && json_integer_value(now) == (json_int_t)bps;
		json_decref(msg);
	}
	assert_true(told);
}

static void a_bitrate_of_0_lifts_the_cap_of_the_room(void **state)
{
	(void)state;
	publish_ann(",\"bitrate\":128000", "{\"request\":\"publish\"}", false);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	slow_link_tells(128000);
	assert_int_equal(limit_after("{\"request\":\"configure\",\"bitrate\":0}"), 0);
	slow_link_tells(0);
	assert_int_equal(limit_after("{\"request\":\"configure\",\"bitrate\":500000}"), 500000);
	assert_int_equal(limit_after("{\"request\":\"configure\",\"bitrate\":1}"), 64000);
	assert_int_equal(
		publish_as(ann, "{\"request\":\"configure\",\"bitrate\":0}", "av", "ann1", false),
		0);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 0);
}

static void no_publisher_lifts_what_is_a_cap_for_all(void **state)
{
	(void)state;
	publish_ann(",\"bitrate\":128000,\"bitrate_cap\":true",
		"{\"request\":\"publish\",\"bitrate\":0}", false);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	assert_int_equal(limit_after("{\"request\":\"configure\",\"bitrate\":500000}"), 128000);
	assert_int_equal(limit_after("{\"request\":\"configure\",\"bitrate\":100000}"), 100000);
	slow_link_tells(100000);
}

/* ---- what comes with an offer ---- */

/* "0+1-": which tracks of ann's are muted, by the last word on each. */
static void ann_is_muted(bool audio, bool video)
{
	bool muted[2] = { false, false };
	for (unsigned i = 0; i < n_cmds; i++)
		if (cmds[i].type == CMD_MUTE && cmds[i].peer == peer_of(ann))
			muted[cmds[i].mute.mindex] = cmds[i].mute.on;
	assert_int_equal(muted[0], audio);
	assert_int_equal(muted[1], video);
}

static void mutes_count_with_an_offer(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\",\"audio\":false}", false);
	ann_is_muted(true, false);
	const struct {
		const char *body;
		bool audio, video;
	} rows[] = {
		{ "{\"request\":\"configure\",\"video\":false,\"audio\":true}", false, true },
		{ "{\"request\":\"configure\"}", false, true }, /* as it was */
		{ "{\"request\":\"configure\",\"mid\":\"0\",\"send\":false,\"video\":true}", true,
			true },
		{ "{\"request\":\"configure\",\"streams\":[{\"mid\":\"1\",\"send\":true},"
		  "{\"mid\":\"0\",\"send\":true}]}",
			false, false },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_int_equal(publish_as(ann, rows[i].body, "av", "ann1", false), 0);
		ann_is_muted(rows[i].audio, rows[i].video);
	}
	/* of a stream that comes with the offer; and one that never comes changes nothing */
	n_cmds = 0;
	assert_int_equal(publish_as(ann,
				 "{\"request\":\"configure\",\"display\":\"x\",\"mid\":\"3\","
				 "\"send\":false}",
				 "ava", "ann1", false),
		428);
	assert_int_equal(n_cmds, 0);
	assert_int_equal(publish_as(ann,
				 "{\"request\":\"configure\",\"mid\":\"2\",\"send\":false,"
				 "\"keyframe\":true}",
				 "avv", "ann1", false),
		0);
	assert_int_equal(cmd_of(CMD_MUTE)->mute.mindex, 2);
	assert_true(cmd_of(CMD_MUTE)->mute.on);
	assert_int_equal(cmd_of(CMD_KEYFRAME)->keyframe.mindex, 2);
}

static void a_refused_offer_changes_nothing(void **state)
{
	(void)state;
	create_room(",\"require_e2ee\":true,\"bitrate\":128000");
	join(ann, 1);
	assert_int_equal(
		publish_as(ann, "{\"request\":\"publish\",\"bitrate\":200000,\"display\":\"x\"}",
			"av", "a", false),
		433);
	assert_int_equal(publish_as(ann, "{\"request\":\"publish\"}", "av", "a", true), 0);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	json_t *answer =
		ask_once(boss, "{\"request\":\"listparticipants\",\"room\":5}", NULL, NULL, false);
	const json_t *who = json_array_get(json_object_get(data_of(answer), "participants"), 0);
	assert_null(json_object_get(who, "display"));
	json_decref(answer);
}

/* ---- descriptions of subscribers ---- */

static void a_subscribers_offer_is_refused_whatever_asks_for_it(void **state)
{
	static const char *const bodies[] = { "{\"request\":\"configure\"}",
		"{\"request\":\"start\"}", "{\"request\":\"pause\"}",
		"{\"request\":\"subscribe\",\"streams\":[{\"feed\":1}]}",
		"{\"request\":\"unsubscribe\",\"streams\":[{\"feed\":1}]}",
		"{\"request\":\"switch\",\"feed\":1}",
		"{\"request\":\"update\",\"unsubscribe\":[{\"feed\":1}]}",
		"{\"request\":\"leave\"}" };
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
		assert_int_equal(publish_as(bob, bodies[i], "av", "bob", true), 431);
	assert_int_equal(n_cmds, 0);
	assert_false(bob->hung_up);
	/* nor does what it said of itself stay */
	assert_int_equal(ask(bob, "{\"request\":\"configure\",\"update\":true}"), 0);
	assert_non_null(bob->offer);
	assert_false(bob->is_e2ee);
}

/* @return a join or subscribe request for n times the streams of ann's */
static char *wants_many(const char *head, unsigned n)
{
	GString *body = g_string_new(head);
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(body, "%s{\"feed\":1}", i ? "," : "");
	g_string_append(body, "]}");
	return g_string_free(body, FALSE);
}

static void a_subscription_has_no_more_streams_than_an_offer(void **state)
{
	static const char join_head[] =
		"{\"request\":\"join\",\"room\":5,\"ptype\":\"subscriber\",\"streams\":[";
	static const char more_head[] = "{\"request\":\"subscribe\",\"streams\":[";
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	g_autofree char *flood = wants_many(join_head, 5000), *over = wants_many(join_head, 129);
	assert_int_equal(ask(bob, flood), 430);
	assert_int_equal(ask(bob, over), 430);
	g_autofree char *fits = wants_many(join_head, 127), *two = wants_many(more_head, 2),
			*one = wants_many(more_head, 1);
	assert_int_equal(ask(bob, fits), 0);
	accept_offers(bob);
	assert_int_equal(ask(bob, two), 430);
	assert_null(bob->offer);
	assert_int_equal(ask(bob, one), 0);
	assert_non_null(bob->offer);
	accept_offers(bob);
	assert_int_equal(ask(bob, one), 430);
	assert_int_equal(
		ask(bob, "{\"request\":\"update\",\"unsubscribe\":[{\"sub_mid\":\"0\"}]}"), 0);
	accept_offers(bob);
	assert_int_equal(
		ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":1,\"mid\":\"0\"}]}"),
		0);
}

static void an_answer_counts_whatever_brings_it(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	g_autofree char *offer = g_steal_pointer(&bob->offer), *sdp = answer_sdp(offer);
	assert_int_equal(count_cmds(CMD_ROUTE), 0);
	assert_int_equal(
		ask_jsep(bob,
			"{\"request\":\"configure\",\"streams\":[{\"mid\":\"0\",\"send\":false}]}",
			"answer", sdp, false),
		0);
	assert_true(count_cmds(CMD_ROUTE) >= 2);
}

/* ---- end-to-end encryption ---- */

static void feeds_that_are_encrypted_do_not_mix_with_others(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", true);
	join(carl, 2);
	assert_int_equal(publish_as(carl, "{\"request\":\"publish\"}", "av", "carl", false), 0);
	connect_client(carl);
	assert_int_equal(ask(bob, "{\"request\":\"join\",\"room\":5,\"ptype\":\"subscriber\","
				  "\"streams\":[{\"feed\":1},{\"feed\":2}]}"),
		438);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	assert_true(bob->is_e2ee);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	assert_int_equal(ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":2}]}"), 438);
	assert_int_equal(ask(bob, "{\"request\":\"update\",\"unsubscribe\":[{\"feed\":1}],"
				  "\"subscribe\":[{\"feed\":2}]}"),
		438);
	assert_int_equal(ask(bob, "{\"request\":\"switch\",\"feed\":2}"), 438);
	assert_int_equal(ask(bob, "{\"request\":\"switch\",\"streams\":"
				  "[{\"feed\":2,\"mid\":\"0\",\"sub_mid\":\"0\"}]}"),
		438);
	assert_int_equal(n_cmds, 0);
	assert_int_equal(
		ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":1,\"mid\":\"0\"}]}"),
		0);
	assert_true(bob->is_e2ee);
}

static void who_turns_to_encryption_is_let_go_of(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	assert_false(bob->is_e2ee);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	assert_int_equal(publish_as(ann, "{\"request\":\"configure\"}", "av", "ann1", true), 0);
	assert_int_equal(count_cmds(CMD_UNROUTE), 2);
	assert_int_equal(ask(bob, "{\"request\":\"subscribe\",\"streams\":[{\"feed\":1}]}"), 438);
}

/* ---- who talks ---- */

static bool list_says_talking(void)
{
	json_t *answer =
		ask_once(boss, "{\"request\":\"listparticipants\",\"room\":5}", NULL, NULL, false);
	const json_t *who = json_array_get(json_object_get(data_of(answer), "participants"), 0);
	const json_t *talking = json_object_get(who, "talking");
	assert_non_null(talking);
	bool yes = json_is_true(talking);
	json_decref(answer);
	return yes;
}

static void talks(bool talking)
{
	report(&(struct report){ .type = REP_TALKING,
		.peer = peer_of(ann),
		.talking = { 0, talking, talking ? 20 : 127 } });
	listen_on();
}

static void heard_of_ann(const char *expected)
{
	assert_string_equal(ann->talk->str, expected);
	g_string_truncate(ann->talk, 0);
}

static void lists_end_talking_when_the_worker_says_so(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	assert_false(list_says_talking());
	talks(true);
	talks(true); /* said again, perhaps because a queue was full */
	heard_of_ann("+0 ");
	assert_true(list_says_talking());
	talks(false);
	heard_of_ann("-0 ");
	assert_false(list_says_talking());
	/* a stream that is taken away talks no more, whether or not a worker says so */
	talks(true);
	heard_of_ann("+0 ");
	assert_int_equal(publish_as(ann, "{\"request\":\"configure\"}", "Av", "ann1", false), 0);
	heard_of_ann("-0 ");
	assert_false(list_says_talking());
}

static void levels_take_effect_at_once(void **state)
{
	(void)state;
	publish_ann("", "{\"request\":\"publish\"}", false);
	assert_int_equal(ask(ann, "{\"request\":\"configure\",\"audio_active_packets\":7,\"audio_"
				  "level_average\":50}"),
		0);
	assert_int_equal(cmd_of(CMD_WATCH_LEVEL)->watch.packets, 7);
	assert_int_equal(cmd_of(CMD_WATCH_LEVEL)->watch.level, 50);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_room, end_room)
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_to_the_same_when_a_queue_was_full),
		cmocka_unit_test(comes_to_the_same_before_anybody_is_connected),
		TEST(a_bitrate_of_0_lifts_the_cap_of_the_room),
		TEST(no_publisher_lifts_what_is_a_cap_for_all),
		TEST(mutes_count_with_an_offer),
		TEST(a_refused_offer_changes_nothing),
		TEST(a_subscribers_offer_is_refused_whatever_asks_for_it),
		TEST(a_subscription_has_no_more_streams_than_an_offer),
		TEST(an_answer_counts_whatever_brings_it),
		TEST(feeds_that_are_encrypted_do_not_mix_with_others),
		TEST(who_turns_to_encryption_is_let_go_of),
		TEST(lists_end_talking_when_the_worker_says_so),
		TEST(levels_take_effect_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
