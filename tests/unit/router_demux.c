/* SPDX-License-Identifier: Apache-2.0 */
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

static void give_with(uint32_t ssrc, unsigned n, bool key, const struct element *elements)
{
	struct in in = video_in(n, key);
	struct rtp_out h = { .pt = 96, .marker = true, .seq = in.seq, .ts = in.ts, .ssrc = ssrc };
	struct pkt *k = pkt_take(packets);
	for (; elements->id; elements++) {
		h.ext[h.n_ext].id = elements->id;
		h.ext[h.n_ext].len = (uint8_t)strlen(elements->text);
		h.ext[h.n_ext++].data = (const uint8_t *)elements->text;
	}
	k->len = (uint16_t)rtp_write(k->data, sizeof k->data, &h);
	memcpy(k->data + k->len, in.payload, in.len);
	k->len = (uint16_t)(k->len + in.len);
	k->at_us = now_us;
	assert_int_equal(rtp_parse(k), OK);
	router_rtp(r, 0, k, now_us);
	pkt_drop(k);
	flush();
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
		T(nobody_is_asked_for_what_another_lost),
		T(nor_for_what_was_lost_before_it_began_anew),
		T(nor_is_nobody_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
