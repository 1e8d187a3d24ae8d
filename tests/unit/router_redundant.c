/* SPDX-License-Identifier: Apache-2.0 */
/* Peer 0 publishes redundant audio under 63 that carries Opus, 111. Peer 1 agreed to it under 120,
 * with Opus 112; peer 2 under 63, with Opus 111; peer 3 knows Opus alone, 112. */
#include "router_world.h"

#define RED_IN 63

static void publish(uint8_t red_pt)
{
	struct track t = track_in(AUDIO);
	t.red_pt = red_pt;
	assert_int_equal(router_track(r, 0, &t), OK);
}

static void subscribe(uint32_t slot, uint8_t red_pt, uint8_t pt)
{
	struct track t = track_out(AUDIO, slot);
	open_peer(slot, false, true);
	t.red_pt = red_pt;
	t.feedback |= CARDEA_FB_NACK;
	t.pt = pt;
	assert_int_equal(router_track(of(slot), slot, &t), OK);
	route_to(0, slot, AUDIO);
}

static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	publish(RED_IN);
	subscribe(1, 120, 112);
	subscribe(2, 63, 111);
	subscribe(3, 0, 112);
	return 0;
}

/* "older" again, and @p newest for the first time. */
static struct in red_in(unsigned seq, const char *newest)
{
	struct in in = audio_in(seq);
	static const uint8_t headers[] = { 0xef, 0x0f, 0x00, 5, 0x6f };
	in.pt = RED_IN;
	memcpy(in.payload, headers, sizeof headers);
	memcpy(in.payload + sizeof headers, "older", 5);
	memcpy(in.payload + sizeof headers + 5, newest, strlen(newest));
	in.len = sizeof headers + 5 + strlen(newest);
	return in;
}

static void gives(const struct in *in)
{
	give(0, in);
	router_flush(r, now_us);
}

static const struct out *last_to(uint32_t slot)
{
	for (unsigned i = n_outs; i-- > 0;)
		if (outs[i].slot == slot)
			return &outs[i];
	fail_msg("nothing for %u", slot);
	return NULL;
}

static void carries(uint32_t slot, uint8_t pt, const void *payload, size_t len)
{
	const struct pkt *k = &last_to(slot)->k;
	assert_int_equal(k->pt, pt);
	assert_int_equal(k->payload_len, len);
	assert_memory_equal(k->data + k->payload, payload, len);
}

static void who_agreed_gets_all_and_others_the_newest(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	in.level = 31;
	gives(&in);
	assert_int_equal(n_outs, 3);
	carries(1, 120, "\xf0\x0f\x00\x05\x70oldernewest", 16); /* blocks are numbered for it */
	carries(2, 63, "\xef\x0f\x00\x05\x6foldernewest", 16);
	carries(3, 112, "newest", 6);
	for (uint32_t slot = 1; slot <= 3; slot++) {
		const struct pkt *k = &last_to(slot)->k;
		assert_int_equal(k->data[k->ext_off[ID_LEVEL]], 30);
	}
}

static void plain_sound_stays_plain_in_the_same_numbers(void **state)
{
	struct in red = red_in(1, "newest"), plain = audio_in(2), again = red_in(3, "n");
	uint16_t first;
	(void)state;
	gives(&red);
	first = last_to(1)->k.seq;
	gives(&plain);
	carries(1, 112, "sound", 5);
	carries(2, 111, "sound", 5);
	carries(3, 112, "sound", 5);
	gives(&again);
	assert_int_equal((uint16_t)(last_to(1)->k.seq - first), 2);
	carries(3, 112, "n", 1);
}

static void a_repeat_is_the_same_bytes(void **state)
{
	struct in in = red_in(1, "newest");
	struct out was[4];
	(void)state;
	gives(&in);
	for (uint32_t slot = 1; slot <= 3; slot++)
		was[slot] = *last_to(slot);
	for (uint32_t slot = 1; slot <= 3; slot++) {
		nack_from(slot, 1000 * slot, was[slot].k.seq);
		assert_int_equal(n_outs, 3 + slot);
		assert_int_equal(outs[n_outs - 1].k.len, was[slot].k.len);
		assert_memory_equal(outs[n_outs - 1].k.data, was[slot].k.data, was[slot].k.len);
		assert_true(outs[n_outs - 1].again);
	}
}

/* An RTX payload type repairs one other: the codec's. */
static void rtx_carries_only_what_its_type_says(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	for (uint32_t slot = 1; slot <= 3; slot += 2) {
		struct track t = track_out(AUDIO, slot);
		t.red_pt = slot == 1 ? 120 : 0;
		t.feedback |= CARDEA_FB_NACK;
		t.rtx_pt = 113;
		t.out_rtx_ssrc = 7000 + slot;
		assert_int_equal(router_track(r, slot, &t), OK);
	}
	gives(&in);
	nack_from(1, 1000, last_to(1)->k.seq);
	assert_int_equal(n_outs, 4);
	assert_int_equal(outs[3].k.ssrc, 1000);
	carries(1, 120, "\xf0\x0f\x00\x05\x70oldernewest", 16);
	uint16_t seq = last_to(3)->k.seq;
	nack_from(3, 3000, seq);
	carries(3, 113,
		(uint8_t[]){ (uint8_t)(seq >> 8), (uint8_t)seq, 'n', 'e', 'w', 'e', 's', 't' }, 8);
	assert_int_equal(last_to(3)->k.ssrc, 7003);
	pass_us(40000);
	in = red_in(2, "after"); /* what was put into the packet for a while is out again */
	gives(&in);
	carries(3, 112, "after", 5);
}

static void what_cannot_be_read_leaves_no_gap(void **state)
{
	struct in first = red_in(1, "a"), bad = red_in(2, ""), foreign = red_in(3, "b"),
		  next = red_in(4, "c");
	uint16_t seq;
	(void)state;
	gives(&first);
	seq = last_to(3)->k.seq;
	gives(&bad);
	foreign.payload[4] = 0x6e; /* another codec's block */
	gives(&foreign);
	assert_int_equal(n_outs, 3);
	gives(&next);
	assert_int_equal(n_outs, 6);
	for (uint32_t slot = 1; slot <= 3; slot++)
		assert_int_equal((uint16_t)(last_to(slot)->k.seq - outs[slot - 1].k.seq), 1);
	assert_int_equal((uint16_t)(last_to(3)->k.seq - seq), 1);
}

static void what_was_not_agreed_on_is_not_passed(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	publish(0);
	gives(&in);
	assert_int_equal(n_outs, 0);
}

/* Kept packets would be read by the new agreement, and come out different under old numbers. */
static void another_agreement_ends_repeats(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	gives(&in);
	publish(64);
	for (uint32_t slot = 1; slot <= 3; slot++)
		nack_from(slot, 1000 * slot, last_to(slot)->k.seq);
	assert_int_equal(n_outs, 3);
	in = red_in(2, "b");
	in.pt = 64;
	gives(&in);
	carries(3, 112, "b", 1);
}

static void its_payload_type_names_the_track(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	in.mid = NULL;
	gives(&in);
	carries(3, 112, "newest", 6);
	assert_int_equal(n_outs, 3);
	in.ssrc++; /* the track has its source */
	gives(&in);
	assert_int_equal(n_outs, 3);
}

static void reports_count_what_was_sent(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	gives(&in);
	pass_us(1100000);
	assert_int_equal(last_heard(RTCP_SR, 1)->sr.octets, 16);
	assert_int_equal(last_heard(RTCP_SR, 3)->sr.octets, 6);
}

static void another_worker_tells_them_apart_too(void **state)
{
	struct in in = red_in(1, "newest");
	(void)state;
	split(1u << 4 | 1u << 5);
	subscribe(4, 120, 112);
	subscribe(5, 0, 112);
	flush();
	flush();
	give(0, &in);
	flush();
	flush();
	assert_int_equal(n_outs, 5);
	carries(4, 120, "\xf0\x0f\x00\x05\x70oldernewest", 16);
	carries(5, 112, "newest", 6);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(who_agreed_gets_all_and_others_the_newest),
		T(plain_sound_stays_plain_in_the_same_numbers),
		T(a_repeat_is_the_same_bytes),
		T(rtx_carries_only_what_its_type_says),
		T(what_cannot_be_read_leaves_no_gap),
		T(what_was_not_agreed_on_is_not_passed),
		T(another_agreement_ends_repeats),
		T(its_payload_type_names_the_track),
		T(reports_count_what_was_sent),
		T(another_worker_tells_them_apart_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
