/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "router_trunk_world.h"

void carry(void)
{
	flush();
	flush();
}

void give_one(unsigned n, bool key)
{
	struct in in = video_in(n, key);
	give(0, &in);
	/* what home says arrives in the next turn */
	router_flush(r, now_us);
	carry();
}

unsigned outs_of(uint32_t slot)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_outs; i++)
		n += outs[i].slot == slot;
	return n;
}

void watch(uint32_t slot)
{
	route_to(0, slot, VIDEO);
	carry();
}

void use_three_layers(void)
{
	struct track t = track_in(VIDEO);
	t.n_layers = 3;
	for (unsigned i = 0; i < 3; i++)
		t.ssrc[i] = 0x700 + i;
	assert_int_equal(router_track(r, 0, &t), OK);
}

void watch_layers(uint8_t max_layer)
{
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = max_layer };
	assert_int_equal(router_route(far, &route), OK);
	carry();
}

void give_layer(unsigned layer, unsigned n, bool key)
{
	struct in in = video_in(n, key);
	in.ssrc = 0x700 + layer;
	in.mid = NULL;
	give(0, &in);
	router_flush(r, now_us);
	carry();
}

void give_layers(unsigned *n, bool key)
{
	for (unsigned layer = 0; layer < 3; layer++)
		give_layer(layer, *n, key);
	++*n;
	pass_us(40000);
}

int trunk_setup(void **state)
{
	if (world_setup(state))
		return -1;
	split(1u << 1 | 1u << 2);
	open_peer(0, true, false);
	for (uint32_t slot = 1; slot <= 3; slot++)
		open_peer(slot, false, true);
	forget_all();
	return 0;
}
