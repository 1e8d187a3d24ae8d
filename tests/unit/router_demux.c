/* SPDX-License-Identifier: Apache-2.0 */
/* Which m-line a packet belongs to (core/router/in/demux.c). router_world.h has the peers. */
#include "router_world.h"

/* Two cameras of one peer, m-lines 1 and 2, of one payload type: which is which is told by their
 * mids, whose extension ids are each m-line's own. Peer 1 gets both. */
enum { FIRST = VIDEO, SECOND };
static struct track cameras[3];

static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	open_peer(1, false, true);
	for (unsigned m = FIRST; m <= SECOND; m++) {
		struct track out = track_out(VIDEO, 1);
		struct route route = { .to_slot = 1 };
		cameras[m] = track_in(VIDEO);
		memset(cameras[m].ext, 0, sizeof cameras[m].ext);
		cameras[m].ext[CARDEA_EXT_MID] = (uint8_t)(4 + m);
		cameras[m].mindex = out.mindex = route.from_mindex = route.to_mindex = (uint16_t)m;
		strcpy(cameras[m].mid, m == FIRST ? "v" : "w");
		out.out_ssrc = 1000 + m;
		assert_int_equal(router_track(r, 0, &cameras[m]), OK);
		assert_int_equal(router_track(r, 1, &out), OK);
		assert_int_equal(router_route(r, &route), OK);
	}
	forget_all();
	return 0;
}

struct element {
	uint8_t id;
	const char *text;
};

static void give_as(uint8_t pt, uint32_t ssrc, uint16_t seq, const uint8_t *payload, size_t len,
	const struct element *elements)
{
	struct rtp_out h = {
		.pt = pt, .marker = true, .seq = seq, .ts = seq * 3600u, .ssrc = ssrc
	};
	struct pkt *k = pkt_take(packets);
	for (; elements->id; elements++) {
		h.ext[h.n_ext].id = elements->id;
		h.ext[h.n_ext].len = (uint8_t)strlen(elements->text);
		h.ext[h.n_ext++].data = (const uint8_t *)elements->text;
	}
	k->len = (uint16_t)rtp_write(k->data, sizeof k->data, &h);
	memcpy(k->data + k->len, payload, len);
	k->len = (uint16_t)(k->len + len);
	k->at_us = now_us;
	assert_int_equal(rtp_parse(k), OK);
	router_rtp(r, 0, k, now_us);
	pkt_drop(k);
	flush();
}

static void give_with(uint32_t ssrc, unsigned n, bool key, const struct element *elements)
{
	struct in in = video_in(n, key);
	give_as(96, ssrc, in.seq, in.payload, in.len, elements);
}

/* Packet @p n again, by RTX. */
static void repair(uint32_t ssrc, unsigned n, const struct element *elements)
{
	struct in in = video_in(n, false);
	memmove(in.payload + 2, in.payload, in.len);
	wr16(in.payload, in.seq);
	give_as(97, ssrc, in.seq, in.payload, in.len + 2, elements);
}

static void show(uint32_t ssrc, unsigned n, const struct element *elements)
{
	give_with(ssrc, n, true, elements);
}

static void go_on(uint32_t ssrc, unsigned n)
{
	give_with(ssrc, n, false, (struct element[]){ { 0 } });
}

/* Where the last one went, 0: nowhere. */
static uint32_t went(void)
{
	uint32_t ssrc = n_outs ? outs[n_outs - 1].k.ssrc : 0;
	n_outs = 0;
	return ssrc;
}

static void each_m_line_has_ids_of_its_own(void **state)
{
	(void)state;
	show(0x22, 1, (struct element[]){ { 6, "w" }, { 0 } }); /* the second comes first */
	assert_int_equal(went(), 1000 + SECOND);
	show(0x11, 1, (struct element[]){ { 5, "v" }, { 0 } });
	assert_int_equal(went(), 1000 + FIRST);
	show(0x22, 2, (struct element[]){ { 0 } }); /* they are known by now */
	assert_int_equal(went(), 1000 + SECOND);
}

static void one_id_may_mean_two_things(void **state)
{
	(void)state;
	cameras[FIRST].ext[CARDEA_EXT_ORIENTATION] = 6; /* the second's mid */
	cameras[SECOND].ext[CARDEA_EXT_ORIENTATION] = 5;
	router_track(r, 0, &cameras[FIRST]);
	router_track(r, 0, &cameras[SECOND]);
	show(0x22, 1, (struct element[]){ { 5, "\1" }, { 6, "w" }, { 0 } });
	assert_int_equal(went(), 1000 + SECOND);
	show(0x11, 1, (struct element[]){ { 5, "v" }, { 6, "\1" }, { 0 } });
	assert_int_equal(went(), 1000 + FIRST);
}

static void who_names_another_m_line_is_not_taken_by_type(void **state)
{
	(void)state;
	show(0x33, 1, (struct element[]){ { 5, "x" }, { 6, "y" }, { 0 } });
	assert_int_equal(went(), 0);
	show(0x33, 2, (struct element[]){ { 5, "x" }, { 0 } }); /* to the second it says nothing */
	assert_int_equal(went(), 1000 + SECOND);
	show(0x44, 1, (struct element[]){ { 0 } });
	assert_int_equal(went(), 1000 + FIRST);
}

static void layers_are_found_by_the_ids_of_their_m_line(void **state)
{
	struct track_stats st[4];
	(void)state;
	for (unsigned m = FIRST; m <= SECOND; m++) {
		cameras[m].ext[CARDEA_EXT_RID] = m == FIRST ? 8 : 9;
		cameras[m].n_layers = 2;
		strcpy(cameras[m].rids[0], "l");
		strcpy(cameras[m].rids[1], "h");
		router_track(r, 0, &cameras[m]);
	}
	show(0x111, 1, (struct element[]){ { 5, "v" }, { 8, "h" }, { 9, "l" }, { 0 } });
	show(0x222, 1, (struct element[]){ { 6, "w" }, { 9, "h" }, { 8, "l" }, { 0 } });
	assert_int_equal(router_stats(r, 0, st, 4), 3);
	assert_int_equal(st[FIRST].ssrc_in[1], 0x111);
	assert_int_equal(st[SECOND].ssrc_in[1], 0x222);
	assert_int_equal(st[FIRST].ssrc_in[0] + st[SECOND].ssrc_in[0], 0);
}

/* ---- transport-wide numbers ---- */

static unsigned covered(void)
{
	heard_covered = 0;
	pass_us(250000);
	return heard_covered;
}

static void transport_wide_numbers_too(void **state)
{
	(void)state;
	cameras[FIRST].ext[CARDEA_EXT_TWCC] = 7;
	cameras[SECOND].ext[CARDEA_EXT_TWCC] = 8;
	cameras[SECOND].ext[CARDEA_EXT_ORIENTATION] = 7;
	router_track(r, 0, &cameras[FIRST]);
	router_track(r, 0, &cameras[SECOND]);
	show(0x11, 1, (struct element[]){ { 5, "v" }, { 7, "\1\1" }, { 0 } });
	show(0x22, 1, (struct element[]){ { 6, "w" }, { 7, "\5\5" }, { 8, "\1\2" }, { 0 } });
	show(0x11, 2, (struct element[]){ { 7, "\1\3" }, { 0 } });
	assert_int_equal(covered(), 3);
	/* what is nobody's has arrived as well: a probe for the bandwidth, say */
	show(0x99, 1, (struct element[]){ { 5, "x" }, { 6, "x" }, { 7, "\1\4" }, { 0 } });
	assert_int_equal(covered(), 1);
}

/* ---- an SSRC that moves ---- */

#define MID(text) ((struct element[]){ { 5, text }, { 0 } })

static struct track_stats stats[4];

static void read_stats(void)
{
	assert_int_equal(router_stats(r, 0, stats, 4), 3);
}

/* As most have it: one id for all m-lines. The first has 0x11, repaired by 0x91. */
static void begin_move(void)
{
	cameras[SECOND].ext[CARDEA_EXT_MID] = 5;
	router_track(r, 0, &cameras[SECOND]);
	show(0x11, 10, MID("v"));
	repair(0x91, 10, MID("v"));
	assert_int_equal(went(), 1000 + FIRST);
	read_stats();
	assert_int_equal(stats[FIRST].rtx_ssrc_in[0], 0x91);
}

static void a_mid_moves_a_known_ssrc(void **state)
{
	(void)state;
	begin_move();
	show(0x11, 11, MID("w"));
	assert_int_equal(went(), 1000 + SECOND);
	go_on(0x11, 12);
	assert_int_equal(went(), 1000 + SECOND);
	forget_all();
	give_with(0x11, 13, false, MID("v"));
	assert_int_equal(went(), 0);
	pass_us(1000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1); /* nobody there knows what came before */
	show(0x11, 14, MID("v"));
	assert_int_equal(went(), 1000 + FIRST);
}

static void a_late_mid_does_not(void **state)
{
	(void)state;
	begin_move();
	show(0x11, 13, MID("w"));
	assert_int_equal(went(), 1000 + SECOND);
	show(0x11, 12, MID("v"));
	assert_int_equal(went(), 0);
	go_on(0x11, 14);
	assert_int_equal(went(), 1000 + SECOND);
}

static void what_repairs_it_goes_with_it(void **state)
{
	(void)state;
	begin_move();
	show(0x11, 11, MID("w"));
	go_on(0x11, 13);
	n_outs = 0;
	repair(0x91, 12, (struct element[]){ { 0 } });
	assert_int_equal(went(), 1000 + SECOND);
	repair(0x91, 12, MID("v")); /* or where it says itself */
	read_stats();
	assert_int_equal(stats[FIRST].rtx_ssrc_in[0], 0x91);
	assert_int_equal(stats[SECOND].rtx_ssrc_in[0], 0);
	assert_int_equal(stats[SECOND].ssrc_in[0], 0x11);
}

static void but_not_where_nothing_is_repaired(void **state)
{
	(void)state;
	begin_move();
	cameras[SECOND].rtx_pt = 0;
	router_track(r, 0, &cameras[SECOND]);
	show(0x11, 11, MID("w"));
	assert_int_equal(went(), 1000 + SECOND);
	read_stats();
	assert_int_equal(stats[FIRST].rtx_ssrc_in[0] + stats[SECOND].rtx_ssrc_in[0], 0);
}

/* Each takes the place of the other. */
static void two_may_change_places(void **state)
{
	(void)state;
	begin_move();
	show(0x22, 10, MID("w"));
	show(0x11, 11, MID("w"));
	assert_int_equal(went(), 1000 + SECOND);
	show(0x22, 11, MID("v"));
	assert_int_equal(went(), 1000 + FIRST);
	go_on(0x11, 12);
	assert_int_equal(went(), 1000 + SECOND);
}

static void it_stays_where_its_mid_is_nobodys(void **state)
{
	static const char *const mids[] = { "x", "vv", "", "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvv", "a" };
	struct track sound = track_in(AUDIO);
	(void)state;
	begin_move();
	sound.pt = 96; /* of another kind */
	sound.ext[CARDEA_EXT_MID] = 5;
	router_track(r, 0, &sound);
	for (unsigned i = 0; i < sizeof mids / sizeof mids[0]; i++) {
		show(0x11, 11 + i, MID(mids[i]));
		assert_int_equal(went(), 1000 + FIRST);
	}
}

static void one_mid_may_begin_another(void **state)
{
	(void)state;
	begin_move();
	strcpy(cameras[SECOND].mid, "vw");
	router_track(r, 0, &cameras[SECOND]);
	show(0x11, 11, MID("vw"));
	assert_int_equal(went(), 1000 + SECOND);
	show(0x11, 12, MID("v"));
	assert_int_equal(went(), 1000 + FIRST);
}

static void a_layer_must_be_told(void **state)
{
	(void)state;
	begin_move();
	cameras[SECOND].ext[CARDEA_EXT_RID] = 9;
	cameras[SECOND].n_layers = 2;
	strcpy(cameras[SECOND].rids[0], "l");
	strcpy(cameras[SECOND].rids[1], "h");
	router_track(r, 0, &cameras[SECOND]);
	show(0x11, 11, MID("w"));
	assert_int_equal(went(), 1000 + FIRST);
	show(0x11, 12, (struct element[]){ { 5, "w" }, { 9, "h" }, { 0 } });
	read_stats();
	assert_int_equal(stats[SECOND].ssrc_in[1], 0x11);
	assert_int_equal(stats[SECOND].rtx_ssrc_in[1], 0x91);
	assert_int_equal(stats[FIRST].ssrc_in[0] + stats[FIRST].rtx_ssrc_in[0], 0);
}

static void the_ssrc_of_a_stopped_m_line_moves_too(void **state)
{
	(void)state;
	begin_move();
	cameras[FIRST].dir = 0;
	cameras[FIRST].ext[CARDEA_EXT_MID] = 0;
	router_track(r, 0, &cameras[FIRST]);
	go_on(0x11, 11);
	assert_int_equal(went(), 0);
	show(0x11, 40000, MID("w")); /* it has gone on unheard */
	assert_int_equal(went(), 1000 + SECOND);
}

static unsigned moves(unsigned from, unsigned times)
{
	uint32_t at = 0;
	unsigned n = 0;
	for (unsigned i = 0; i < times; i++) {
		show(0x11, from + i, MID(i & 1 ? "w" : "v"));
		uint32_t now = went();
		n += at && now != at;
		at = now;
	}
	return n;
}

static void who_moves_all_the_time_is_held(void **state)
{
	(void)state;
	begin_move();
	assert_in_range(moves(11, 2000), 60, 64);
	pass_us(1000000);
	assert_in_range(moves(2011, 100), 3, 6);
}

static void check_places(void)
{
	uint32_t seen[2 * 2 * CARDEA_LAYERS];
	unsigned n = 0;
	read_stats();
	for (unsigned m = FIRST; m <= SECOND; m++)
		for (unsigned i = 0; i < 2 * CARDEA_LAYERS; i++) {
			uint32_t ssrc =
				i & 1 ? stats[m].rtx_ssrc_in[i / 2] : stats[m].ssrc_in[i / 2];
			for (unsigned j = 0; j < n; j++)
				assert_true(seen[j] != ssrc);
			if (ssrc)
				seen[n++] = ssrc;
		}
}

static void change_layers(struct track *t, bool simulcast)
{
	t->n_layers = simulcast ? 2 : 0;
	t->ext[CARDEA_EXT_RID] = 9;
	t->ext[CARDEA_EXT_RRID] = 8;
	strcpy(t->rids[0], simulcast ? "l" : "");
	strcpy(t->rids[1], simulcast ? "h" : "");
	router_track(r, 0, t);
}

/* Whatever moves, and whatever m-lines become meanwhile. */
static void no_ssrc_is_in_two_places(void **state)
{
	static const char *const mids[] = { "v", "w", "x" }, *const rids[] = { "l", "h" };
	unsigned dice = 1;
	(void)state;
	begin_move();
	for (unsigned n = 0; n < 20000; n++) {
		dice = dice * 1103515245 + 12345;
		unsigned d = dice >> 8;
		const struct element e[] = {
			{ d & 1 ? 9 : 8, rids[d >> 1 & 1] },
			{ 5, mids[(d >> 2) % 3] },
			{ 0 },
		};
		if (d >> 5 & 1)
			repair(0x90 + (d >> 6) % 8, n, e + (d >> 9) % 3);
		else
			show(0x10 + (d >> 6) % 8, n, e + (d >> 9) % 3);
		if (!(d >> 12 & 15))
			change_layers(&cameras[d >> 16 & 1 ? FIRST : SECOND], d >> 17 & 1);
		pass_us(d >> 18 & 1 ? 1000 : 100000);
		forget_all();
		check_places();
	}
}

/* ---- what was missing of a source that is gone ---- */

static unsigned asked_of(uint32_t ssrc)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_heard; i++)
		n += heard[i].item.kind == RTCP_NACK && heard[i].item.ssrc == ssrc;
	return n;
}

static void nobody_is_asked_for_what_another_lost(void **state)
{
	(void)state;
	show(0x11, 100, (struct element[]){ { 5, "v" }, { 0 } });
	go_on(0x11, 140);
	pass_us(2000);
	show(0x12, 5000, (struct element[]){ { 5, "v" }, { 0 } });
	pass_us(200000);
	assert_int_equal(asked_of(0x11) + asked_of(0x12), 0);
	go_on(0x12, 5002);
	pass_us(20000);
	assert_int_equal(asked_of(0x12), 1); /* but for its own */
}

static void nor_for_what_was_lost_before_it_began_anew(void **state)
{
	(void)state;
	show(0x11, 100, (struct element[]){ { 5, "v" }, { 0 } });
	go_on(0x11, 140);
	go_on(0x11, 30000);
	go_on(0x11, 30001);
	pass_us(200000);
	assert_int_equal(asked_of(0x11), 0);
}

static void nor_is_nobody_asked(void **state)
{
	(void)state;
	show(0x11, 100, (struct element[]){ { 5, "v" }, { 0 } });
	go_on(0x11, 140);
	cameras[SECOND].ssrc[0] = 0x11; /* claimed by the other m-line */
	assert_int_equal(router_track(r, 0, &cameras[SECOND]), OK);
	pass_us(200000);
	assert_int_equal(count_heard(RTCP_NACK, 0), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(each_m_line_has_ids_of_its_own),
		T(one_id_may_mean_two_things),
		T(who_names_another_m_line_is_not_taken_by_type),
		T(layers_are_found_by_the_ids_of_their_m_line),
		T(transport_wide_numbers_too),
		T(a_mid_moves_a_known_ssrc),
		T(a_late_mid_does_not),
		T(what_repairs_it_goes_with_it),
		T(but_not_where_nothing_is_repaired),
		T(two_may_change_places),
		T(it_stays_where_its_mid_is_nobodys),
		T(one_mid_may_begin_another),
		T(a_layer_must_be_told),
		T(the_ssrc_of_a_stopped_m_line_moves_too),
		T(who_moves_all_the_time_is_held),
		T(no_ssrc_is_in_two_places),
		T(nobody_is_asked_for_what_another_lost),
		T(nor_for_what_was_lost_before_it_began_anew),
		T(nor_is_nobody_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
