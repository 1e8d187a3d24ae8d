/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fuzz.h"
#include "../unit/router_world.h"
#include "../../core/router/sink/sink_queue.h"

/** @file
 * The sinks of the router's fuzzer: opened, closed and wished for by the input, with a queue that
 * is full or read, and what is promised to who reads them. */
#define SINKS     3 /* of a worker */
#define SINK_ROOM 16384

static struct queue *sink_queue;
static uint8_t sink_number;
static struct sunk {
	bool is_open;
	unsigned n_opened, n_closed; /* told */
	unsigned came;               /* packets, told or told to be missing */
} sunk[2 * SINKS];

static void see_packets(struct sunk *k, const struct sink_record *rec, size_t len)
{
	unsigned n = 0;
	for (const struct sink_packet *p = NULL; (p = sink_next(rec, len, p)); n++) {
		must((const uint8_t *)rec + len >= sink_rtp(p) + p->len);
		must(p->payload + p->payload_len == p->len && p->payload >= 12);
		must(p->layer < CARDEA_LAYERS && rd16(sink_rtp(p) + 2) == p->seq);
	}
	must(n == rec->packets.n);
	k->came += n;
}

static void see_record(void *arg, const void *data, size_t len)
{
	const struct sink_record *rec = data;
	(void)arg;
	if (len < SINK_HEAD)
		return; /* what the queue was filled with */
	must(rec->sink >= 1 && rec->sink <= 2 * SINKS);
	must(rec->type >= SINK_TRACK && rec->type <= SINK_CLOSED);
	struct sunk *k = &sunk[rec->sink - 1];
	must(k->n_closed < k->n_opened);
	k->came += rec->lost;
	if (rec->type == SINK_PACKETS)
		see_packets(k, rec, len);
	k->n_closed += rec->type == SINK_CLOSED;
}

static void read_sinks(void)
{
	queue_drain(sink_queue, see_record, NULL);
}

static void open_sink(struct script *s, unsigned at, uint32_t slot, unsigned m)
{
	unsigned how = script_8(s);
	const struct sink_want w = { .id = at + 1,
		.from_peer = how & 1 ? 0 : 1ULL << 32 | slot,
		.from_worker = far && of(slot) == far,
		.from_mindex = (uint16_t)m,
		.kind = m == AUDIO ? CARDEA_AUDIO : CARDEA_VIDEO,
		.queue = how & 2 ? SINK_QUEUES : sink_number,
		.layers = how >> 2 & 7,
		.share = 512u << (how >> 5) };
	enum err e = router_sink_open(at < SINKS ? r : far, &w);
	if (how & 2)
		must(e == ERR_INVALID);
	else if (e)
		must(e == ERR_FULL && !sunk[at].is_open);
	sunk[at].n_opened += !e && !sunk[at].is_open;
	sunk[at].is_open = sunk[at].is_open || !e;
}

static void sink(struct script *s, uint32_t slot, unsigned m)
{
	static const uint8_t filling[SINK_HEAD - 1];
	unsigned what = script_8(s), at = (what >> 3) % (far ? 2 * SINKS : SINKS);
	struct router *its = at < SINKS ? r : far;
	switch (what & 7) {
	case 0:
		router_sink_close(its, at + 1);
		sunk[at].is_open = false;
		break;
	case 1:
		router_sink_keyframe(its, at + 1);
		break;
	case 2:
		while (!queue_push(sink_queue, filling, sizeof filling))
			;
		break;
	case 3:
	case 4:
		read_sinks();
		break;
	default:
		open_sink(s, at, slot, m);
		break;
	}
}

static void begin_sinks(void)
{
	must(sink_queue = queue_create("sinks", SINK_ROOM));
	must(!sink_queue_add(sink_queue, &sink_number));
}

/* Of all routers, which have ended: each sink has had its end, once. */
static void end_sinks(unsigned most_packets)
{
	read_sinks();
	for (unsigned i = 0; i < 2 * SINKS; i++) {
		must(sunk[i].n_opened == sunk[i].n_closed);
		must(sunk[i].came <= most_packets);
	}
	memset(sunk, 0, sizeof sunk);
	sink_queue_remove(sink_number);
	queue_destroy(sink_queue);
}
