/* SPDX-License-Identifier: Apache-2.0 */
/* What the workers of a video room know in the end, also when their queues were full on the way. */
#include "room_world.h"

#define LINES_MAX 8
#define PEERS_MAX 8

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

static void meet(bool is_early)
{
	create_room("");
	join(ann, 1);
	assert_int_equal(
		publish_as(ann, "{'request':'publish','bitrate':300000}", "av", "ann1", false), 0);
	if (!is_early)
		connect_client(ann);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	accept_offers(bob);
	/* a track goes, one comes, one is muted */
	assert_int_equal(
		publish_as(ann, "{'request':'configure','audio':false}", "aVv", "ann1", false), 0);
	accept_offers(bob);
	if (is_early)
		connect_client(ann);
	connect_client(bob);
}

static void rearrange(void)
{
	assert_int_equal(ask(boss, "{'request':'moderate','room':5,'id':1,'mid':'2',"
				   "'mute':true}"),
		0);
	assert_int_equal(ask(ann, "{'request':'configure','bitrate':0,'keyframe':true}"), 0);
	assert_int_equal(ask(bob, "{'request':'pause'}"), 0);
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':1,'mid':'2'}]}"), 0);
	accept_offers(bob);
	assert_int_equal(ask(bob, "{'request':'start'}"), 0);
	join(carl, 2);
	assert_int_equal(publish_as(carl, "{'request':'publish'}", "a", "carl", false), 0);
	connect_client(carl);
	assert_int_equal(ask(bob, "{'request':'switch','streams':[{'feed':2,'mid':'0',"
				  "'sub_mid':'0'}]}"),
		0);
	assert_int_equal(publish_as(ann, "{'request':'configure'}", "aVv", "ann2", false), 0);
	assert_int_equal(ask(bob, "{'request':'configure','restart':true}"), 0);
	accept_offers(bob);
	settle();
}

static void part(void)
{
	assert_int_equal(ask(ann, "{'request':'unpublish'}"), 0);
	accept_offers(bob);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann3", false), 0);
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':1}]}"), 0);
	accept_offers(bob);
	settle();
}

static void leave(void)
{
	detach_client(ann); /* while bob holds its streams, though nobody was told of them */
	accept_offers(bob);
	assert_int_equal(
		ask(bob, "{'request':'configure','streams':[{'mid':'0','send':false}]}"), 0);
	assert_int_equal(ask(bob, "{'request':'leave'}"), 0);
	assert_int_equal(ask(boss, "{'request':'destroy','room':5}"), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_to_the_same_when_a_queue_was_full),
		cmocka_unit_test(comes_to_the_same_before_anybody_is_connected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
