/* SPDX-License-Identifier: Apache-2.0 */
/* The lives of sinks (core/router/sink), opened and closed at random while their peers come and go:
 * each is told its end once. router_sink has what a reader finds. */
#include "../../core/router/sink/sink_queue.h"
#include "../fuzz/mutate.h"
#include "router_world.h"

#define PEER(slot) (1ULL << 32 | (slot))
#define SINKS      6

static struct queue *queue;
static uint8_t number;

static struct {
	bool is_open;
	unsigned n_opened, n_closed;
	uint64_t packets, lost;
} lives[SINKS];

static void note(void *arg, const void *rec, size_t len)
{
	const struct sink_record *m = rec;
	(void)arg;
	assert_in_range(m->sink, 1, SINKS);
	lives[m->sink - 1].lost += m->lost;
	lives[m->sink - 1].n_closed += m->type == SINK_CLOSED;
	if (m->type != SINK_PACKETS)
		return;
	unsigned n = 0;
	for (const struct sink_packet *p = NULL; (p = sink_next(m, len, p)); n++)
		assert_int_equal(rd16(sink_rtp(p) + 2), p->seq);
	assert_int_equal(n, m->packets.n);
	lives[m->sink - 1].packets += n;
}

static void meddle(unsigned i)
{
	bool is_video = mutate_below(2);
	struct sink_want w = { .from_peer = PEER(mutate_below(3)),
		.from_mindex = is_video ? VIDEO : AUDIO,
		.kind = is_video ? CARDEA_VIDEO : CARDEA_AUDIO,
		.queue = number };
	w.id = i + 1;
	w.share = 2048 << mutate_below(6);
	w.layers = (uint8_t)mutate_below(3);
	if (mutate_below(4) == 0)
		w.from_peer = 0;
	if (lives[i].is_open && mutate_below(3) == 0) {
		router_sink_close(r, w.id);
		lives[i].is_open = false;
	} else if (mutate_below(2)) {
		router_sink_keyframe(r, w.id);
	} else {
		assert_int_equal(router_sink_open(r, &w), OK);
		lives[i].n_opened += !lives[i].is_open;
		lives[i].is_open = true;
	}
}

static void change_peer(uint32_t slot)
{
	struct track t = track_in(VIDEO);
	switch (mutate_below(3)) {
	case 0:
		router_peer_close(r, slot);
		open_peer(slot, true, false);
		break;
	case 1:
		router_mute(r, slot, VIDEO, mutate_below(2));
		break;
	default:
		t.n_layers = mutate_below(2) ? 3 : 0;
		for (unsigned i = 0; i < t.n_layers; i++)
			t.ssrc[i] = 0x700 + i;
		assert_int_equal(router_track(r, slot, &t), OK);
	}
}

static void each_sink_ends_once_whatever_happens(void **state)
{
	uint64_t came = 0;
	(void)state;
	memset(lives, 0, sizeof lives);
	mutate_seed(4711);
	for (uint32_t slot = 0; slot < 3; slot++)
		open_peer(slot, true, false);
	for (unsigned n = 1; n < 4000; n++) {
		struct in in = mutate_below(3) ? video_in(n, mutate_below(9) == 0) : audio_in(n);
		if (mutate_below(2) && in.pt == 96) {
			in.ssrc = 0x700 + (uint32_t)mutate_below(3);
			in.mid = NULL;
		}
		give((uint32_t)mutate_below(3), &in);
		if (mutate_below(4) == 0)
			meddle((unsigned)mutate_below(SINKS));
		if (mutate_below(50) == 0)
			change_peer((uint32_t)mutate_below(3));
		if (mutate_below(3) == 0)
			pass_us(1 + (int64_t)mutate_below(5000));
		if (mutate_below(40) == 0)
			queue_drain(queue, note, NULL);
		n_outs = n_heard = n_told = n_forgotten = 0;
	}
	router_destroy(r);
	r = router_create(&world_conf, wheel, &world_ops, NULL);
	queue_drain(queue, note, NULL);
	for (unsigned i = 0; i < SINKS; i++) {
		assert_int_equal(lives[i].n_opened, lives[i].n_closed);
		came += lives[i].packets;
	}
	assert_in_range(came, 500, 4000 * SINKS);
}

static int setup(void **state)
{
	if (world_setup(state))
		return -1;
	queue = queue_create("sink", 1u << 20);
	return sink_queue_add(queue, &number);
}

static int teardown(void **state)
{
	int e = world_teardown(state);
	sink_queue_remove(number);
	queue_destroy(queue);
	return e;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_sink_ends_once_whatever_happens, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
