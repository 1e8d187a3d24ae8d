/* SPDX-License-Identifier: Apache-2.0 */
/* The router end to end: four peers, on one worker or two, that all send and receive, and do what
 * the input says. Whatever that is,
 *  - under one index of an SSRC no two different packets are sealed, and all that goes out is
 *    sealed, unless its index was used or is out of the window;
 *  - what is sent and reported is well formed;
 *  - no more is sent than a few packets for each that came or was asked for;
 *  - a sink is told of no packet twice, of each that it misses, and once of its end;
 *  - a reason is told of an m-line that is there, and its end after it;
 *  - all memory is given back. */
#include "fuzz.h"
#include "../unit/router_world.h"
#include "../../core/rtc/replay.h"
#include "router_sinks.h"

#define LIVES    4 /* peers in use */
#define STREAMS  4 /* of a peer: sound, and three layers of its picture */
#define CAP      4096
#define INDICES  (1u << 16)
#define ROUND    0x10000u /* added to outgoing SSRCs: none is given twice under the same keys */
#define ID_DD    9
#define RED      63 /* payload type of redundant audio */
#define ID_LATER 14 /* an extension of nobody's */

/* ---- what is promised of packets out ---- */

static struct {
	uint32_t input, slot, ssrc, hash;
	uint64_t index;
} * sealed;
static unsigned n_sealed;
static uint32_t input; /* which one it is: older entries are none */
static struct replays replays[LIVES];
static struct { /* packets */
	unsigned in, asked, out;
} total;
static unsigned refuses; /* so many are not sealed: the socket is full, or the like */

static unsigned place(uint32_t slot, uint32_t ssrc, uint64_t index)
{
	uint64_t key = (index << 2 | slot) * 0x9e3779b97f4a7c15ULL ^ ssrc * 0xc2b2ae3d27d4eb4fULL;
	unsigned i = (unsigned)(key >> 40) & (INDICES - 1);
	while (sealed[i].input == input &&
		(sealed[i].slot != slot || sealed[i].ssrc != ssrc || sealed[i].index != index))
		i = (i + 1) & (INDICES - 1);
	return i;
}

static uint32_t hash_of(const struct rtp_parts *p)
{
	return fuzz_hash(p->header, p->header_len) * 31 + fuzz_hash(p->payload, p->payload_len);
}

static bool seal(uint32_t slot, const struct rtp_parts *p)
{
	uint32_t ssrc = rd32(p->header + 8);
	uint64_t index = p->index;
	unsigned i = place(slot, ssrc, index);
	bool used = sealed[i].input == input;
	enum err e = replay_claim(&replays[slot], ssrc, &index, p->again);
	must(p->payload_len && ssrc);
	if (e) {
		must(e == ERR_EXISTS && used);
		return false;
	}
	if (used) {
		must(sealed[i].hash == hash_of(p));
		return true;
	}
	must(++n_sealed < INDICES / 2);
	sealed[i].input = input;
	sealed[i].slot = slot;
	sealed[i].ssrc = ssrc;
	sealed[i].index = p->index;
	sealed[i].hash = hash_of(p);
	return true;
}

static bool send_it(void *arg, uint32_t slot, const struct rtp_parts *p, bool is_video)
{
	must(slot < LIVES);
	if (refuses) {
		refuses--;
		return false;
	}
	total.out++;
	if (!seal(slot, p))
		return false;
	n_outs = 0;
	return on_rtp(arg, slot, p, is_video);
}

static void forget_it(void *arg, uint32_t slot, uint32_t ssrc)
{
	(void)arg;
	must(slot < LIVES);
	replay_forget(&replays[slot], ssrc);
}

/* ---- and of what is told ---- */

static void see_item(void *arg, const struct rtcp_item *item)
{
	(void)arg;
	must(item->kind >= RTCP_SR && item->kind <= RTCP_TWCC);
}
static void see_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len)
{
	must(slot < LIVES && len <= 1200);
	must(data[1] == 200 || data[1] == 201);
	must(rtcp_walk(data, len, see_item, arg) == OK);
}
static void see_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds)
{
	(void)arg;
	must(slot < LIVES && mindex <= VIDEO && substream < CARDEA_LAYERS && !(on && seconds));
}
static void see_layer(
	void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial)
{
	(void)arg;
	must(slot < LIVES && mindex <= VIDEO);
	must(substream < CARDEA_LAYERS && temporal <= 7 && spatial <= 7);
}
static void see_talking(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg)
{
	(void)arg;
	(void)talks;
	must(slot < LIVES && mindex <= VIDEO && avg >= 0 && avg <= 127);
}
static void see_slow(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost)
{
	(void)arg;
	(void)uplink;
	must(slot < LIVES && mindex <= VIDEO && lost);
}
static void see_estimate(void *arg, uint32_t slot, uint64_t bps)
{
	(void)arg;
	(void)bps;
	must(slot < LIVES);
}
static uint8_t reasons[LIVES][2][2]; /* that last, by slot, m-line and direction */
static void see_why(void *arg, uint32_t slot, unsigned mindex, bool sends, const struct why *w)
{
	(void)arg;
	must(slot < LIVES && mindex <= VIDEO && w->code < WHY_ROUTER_END);
	must(w->layer < CARDEA_LAYERS && w->since_us <= now_us && w->asked_us <= now_us);
	must(w->code != reasons[slot][mindex][sends]);
	reasons[slot][mindex][sends] = w->code;
}
static const struct router_ops ops = { .send_rtp = send_it,
	.forget_ssrc = forget_it,
	.warm = on_warm,
	.send_rtcp = see_rtcp,
	.receiving = see_receiving,
	.layer = see_layer,
	.talking = see_talking,
	.slow_link = see_slow,
	.estimate = see_estimate,
	.trunk = on_trunk,
	.why = see_why };

/* In a few steps: what is told every millisecond is not at stake here. */
static void wait_for(int64_t us, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		now_us += us / steps;
		clock_fake(now_us);
		wheel_run(wheel, now_us);
		flush();
	}
}

/* ---- peers ---- */

static struct life {
	bool is_open;
	struct track t[2];
	struct stream {
		uint16_t seq;
		uint32_t ts;
		unsigned picture, tl0;
	} streams[STREAMS];
} lives[LIVES];
static unsigned rounds; /* of outgoing SSRCs */

static uint32_t ssrc_in(uint32_t slot, unsigned stream)
{
	return 0x5000 + 16 * slot + stream;
}

static void number_out(uint32_t slot, unsigned m)
{
	struct track *t = &lives[slot].t[m];
	t->out_ssrc = 1000 * slot + m + 1 + ROUND * ++rounds;
	t->out_rtx_ssrc = t->rtx_pt ? t->out_ssrc + ROUND / 2 : 0;
}

static void apply(uint32_t slot, unsigned m)
{
	if (lives[slot].is_open)
		must(router_track(of(slot), slot, &lives[slot].t[m]) == OK);
}

/* A track of either direction; what may differ, @p how decides. */
static void begin_track(uint32_t slot, unsigned m, unsigned how)
{
	static const uint8_t codecs[] = { CARDEA_VP8, CARDEA_VP9, CARDEA_AV1, CARDEA_H264 };
	static const char *const rids[] = { "l", "m", "h" };
	struct track *t = &lives[slot].t[m];
	*t = track_in(m);
	t->dir = CARDEA_SENDRECV;
	t->ext[CARDEA_EXT_PLAYOUT_DELAY] = ID_DELAY;
	t->ext[CARDEA_EXT_ABS_SEND_TIME] = ID_AST;
	t->ext[CARDEA_EXT_DEPENDENCY] = ID_DD;
	if (m == AUDIO) {
		t->feedback = how & 1 ? CARDEA_FB_NACK : 0;
		t->red_pt = how & 2 ? RED : 0;
	} else {
		t->codec = codecs[how & 3];
		t->rtx_pt = how & 4 ? 97 : 0;
		t->svc = t->codec == CARDEA_VP9 || t->codec == CARDEA_AV1;
		t->n_layers = how & 8 ? 3 : 0;
		for (unsigned i = 0; t->n_layers && i < 3; i++)
			strcpy(t->rids[i], rids[i]);
	}
	number_out(slot, m);
	apply(slot, m);
}

static void open_life(uint32_t slot, unsigned how)
{
	struct life *l = &lives[slot];
	memset(l, 0, sizeof *l);
	must(router_peer_open(of(slot), slot) == OK);
	l->is_open = true;
	memset(reasons[slot], 0, sizeof reasons[slot]);
	replays_clear(&replays[slot]); /* its keys are new */
	begin_track(slot, AUDIO, how >> 4);
	begin_track(slot, VIDEO, how);
	for (unsigned i = 0; i < STREAMS; i++)
		l->streams[i].seq = (uint16_t)(0xfff0 + 7 * i);
	if (how & 0x80)
		router_limit(of(slot), slot, 300000);
	router_peer_up(of(slot), slot);
}

static void close_life(uint32_t slot)
{
	router_peer_close(of(slot), slot);
	lives[slot].is_open = false;
}

/* ---- packets in ---- */

static void give_it(uint32_t slot, struct in *in, bool has_dd)
{
	static const uint8_t dd[] = { 0xc0, 0x00, 0x01, 0x80, 0x01, 0x08, 0xea, 0xaa, 0xa8 };
	struct pkt *k = make(in), *with = k;
	if (has_dd) { /* make() knows nothing of it */
		struct rtp_out h = {
			.pt = k->pt,
			.marker = k->marker,
			.seq = k->seq,
			.ts = k->ts,
			.ssrc = k->ssrc,
			.n_ext = 2,
			.ext = { { ID_MID, 1, (const uint8_t *)in->mid },
				{ ID_DD, sizeof dd, dd } },
		};
		must(with = pkt_take(packets));
		with->len = (uint16_t)rtp_write(with->data, sizeof with->data, &h);
		memcpy(with->data + with->len, in->payload, in->len);
		with->len = (uint16_t)(with->len + in->len);
		with->at_us = now_us;
		must(rtp_parse(with) == OK);
		pkt_drop(k);
	}
	total.in++;
	router_rtp(of(slot), slot, with, now_us);
	pkt_drop(with);
}

static size_t put_payload(uint8_t *p, unsigned codec, struct stream *st, unsigned how)
{
	static const uint8_t vp9[] = { 0xac, 0x80, 0x01, 0x10, 0x00 }, av1[] = { 0x18, 0x0a, 0x01 },
			     h264[] = { 0x7c, 0x85, 0x88 };
	bool key = how & 2, starts = how & 4;
	memset(p, 0x42, 40);
	switch (codec) {
	case CARDEA_VP8:
		vp8_payload(p, starts, key, st->picture & 0x7fff, st->tl0 & 0xff, how >> 6 & 3,
			how & 0x40);
		break;
	case CARDEA_VP9:
		memcpy(p, vp9, sizeof vp9);
		p[0] ^= (uint8_t)((key ? 0 : 0x40) | (starts ? 0 : 0x08));
		p[3] = (uint8_t)(how & 0xf0);
		break;
	case CARDEA_AV1:
		memcpy(p, av1, sizeof av1);
		p[0] = (uint8_t)(key ? 0x18 : 0x10);
		break;
	default:
		memcpy(p, h264, sizeof h264);
		p[1] = (uint8_t)((starts ? 0x80 : 0) | (key ? 5 : 1));
		break;
	}
	return 40;
}

static struct in packet_of(uint32_t slot, unsigned stream, unsigned how)
{
	static const char *const rids[] = { "l", "m", "h" };
	static const uint8_t red[] = { 0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2, 3, 4, 5, 6, 7 };
	struct life *l = &lives[slot];
	struct stream *st = &l->streams[stream];
	struct in in = audio_in(0);
	in.seq = st->seq;
	in.ssrc = ssrc_in(slot, stream);
	in.marker = how & 1;
	if (!stream) {
		in.ts = st->ts += 960;
		in.level = how >> 1;
		if (l->t[AUDIO].red_pt && how & 1) {
			memcpy(in.payload, red, sizeof red);
			in.len = sizeof red;
			in.pt = RED;
		}
		return in;
	}
	if (how & 4) {
		st->ts += 3000;
		st->picture++;
		st->tl0 += !(how & 0xc0);
	}
	in.pt = 96;
	in.ts = st->ts;
	in.mid = "v";
	in.rid = l->t[VIDEO].n_layers ? rids[stream - 1] : NULL;
	in.len = put_payload(in.payload, l->t[VIDEO].codec, st, how);
	return in;
}

/* The number of the next packet: one more, or whatever. */
static void step(struct script *s, struct stream *st)
{
	uint8_t by = script_8(s);
	if (by == 0x80)
		st->seq = (uint16_t)(st->seq + 2999);
	else if (by == 0x81)
		st->seq = (uint16_t)(st->seq + script_16(s));
	else
		st->seq = (uint16_t)(st->seq + 1 + (int8_t)by);
}

static void one_packet(struct script *s, uint32_t slot, unsigned stream)
{
	struct life *l = &lives[slot];
	unsigned how = script_8(s), more = script_8(s);
	step(s, &l->streams[stream]);
	struct in in = packet_of(slot, stream, how);
	if (more & 1)
		in.twcc = 1 + (l->streams[stream].seq & 0xffff);
	if (more & 2)
		in.len = 0;
	if (more & 4) { /* a payload of the input's */
		in.len = script_8(s);
		const uint8_t *at = script_bytes(s, &in.len);
		memcpy(in.payload, at, in.len);
	}
	if (more & 8)
		in.len = sizeof in.payload;
	if (!(more & 0x10))
		give_it(slot, &in, stream && l->t[VIDEO].codec == CARDEA_AV1 && !in.rid);
}

/* A second of a stream, or less, as it should be. */
static void some_packets(struct script *s, uint32_t slot, unsigned stream)
{
	unsigned n = script_below(s, 64), n_layers = lives[slot].t[VIDEO].n_layers;
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = stream; k < (stream && n_layers ? STREAMS : stream + 1); k++) {
			lives[slot].streams[k].seq++;
			struct in in = packet_of(slot, k, 5 | (i ? 0 : 2));
			in.twcc = stream ? (int)(i + 1) : 0;
			give_it(slot, &in, false);
		}
		wait_for(n & 1 ? 1000 : 15000, 1);
	}
}

static void bring_by_rtx(struct script *s, uint32_t slot, unsigned stream)
{
	struct stream before = lives[slot].streams[stream];
	lives[slot].streams[stream].seq = (uint16_t)(before.seq - script_8(s));
	struct in in = packet_of(slot, stream, script_8(s) & 0xfb);
	memmove(in.payload + 2, in.payload, in.len);
	wr16(in.payload, in.seq);
	in.len += 2;
	in.payload[20] = script_8(s); /* the same bytes, or others */
	in.pt = 97;
	in.seq = script_16(s);
	in.ssrc += 8;
	in.rrid = in.rid;
	in.rid = NULL;
	lives[slot].streams[stream] = before;
	give_it(slot, &in, false);
}

static void raw_packet(struct script *s, uint32_t slot)
{
	size_t len = script_8(s) * 2u;
	struct pkt *k = pkt_take(packets);
	must(k);
	const uint8_t *at = script_bytes(s, &len);
	memcpy(k->data, at, len);
	k->len = (uint16_t)len;
	k->at_us = now_us;
	if (!rtp_parse(k)) {
		total.in++;
		router_rtp(of(slot), slot, k, now_us);
	}
	pkt_drop(k);
}

/* ---- RTCP in ---- */

static uint16_t last_seq(uint32_t slot, uint32_t ssrc)
{
	const struct replay *r_out = replay_get(&replays[slot], ssrc);
	return r_out ? (uint16_t)r_out->highest : 0;
}

static void rtcp_from(uint32_t slot, const uint8_t *data, size_t len)
{
	uint8_t *exact = fuzz_copy(data, len);
	router_rtcp(of(slot), slot, exact, len, now_us);
	free(exact);
}

static void nack(struct script *s, uint32_t slot, unsigned m)
{
	uint8_t out[64];
	struct rtcp_buf b = { out, 0, sizeof out, false };
	uint32_t ssrc = lives[slot].t[m].out_ssrc;
	uint16_t seqs[4], seq = (uint16_t)(last_seq(slot, ssrc) - script_8(s));
	unsigned n = 1 + script_below(s, 4);
	for (unsigned i = 0; i < n; i++)
		seqs[i] = (uint16_t)(seq + i);
	rtcp_put_rr(&b, 1, NULL, 0);
	rtcp_put_nack(&b, 1, ssrc, seqs, n);
	total.asked += n;
	rtcp_from(slot, out, b.len);
}

static void feedback(struct script *s, uint32_t slot, unsigned m)
{
	uint8_t out[256];
	struct rtcp_buf b = { out, 0, sizeof out, false };
	uint32_t ssrc = lives[slot].t[m].out_ssrc;
	struct rtcp_block block = { .ssrc = ssrc,
		.fraction = script_8(s),
		.lost = (int8_t)script_8(s),
		.highest = last_seq(slot, ssrc),
		.lsr = script_8(s) };
	unsigned which = script_8(s);
	int64_t at_us[8];
	for (unsigned i = 0; i < 8; i++)
		at_us[i] = which >> i & 1 ? now_us + i * 1000 : -1;
	if (which & 1)
		rtcp_put_rr(&b, 1, &block, 1);
	else
		rtcp_put_sr(&b, ssrc_in(slot, m), (uint64_t)which << 32, lives[slot].streams[m].ts,
			9, 9, &block, 1);
	if (which & 2)
		rtcp_put_pli(&b, 1, ssrc);
	if (which & 4)
		rtcp_put_fir(&b, 1, ssrc, script_8(s));
	if (which & 8)
		rtcp_put_remb(&b, 1, 1000ULL << (which >> 4), &ssrc, 1);
	if (which & 16)
		rtcp_put_twcc(&b, 1, ssrc, script_16(s), at_us, 8, 1);
	if (which & 32)
		rtcp_put_bye(&b, ssrc_in(slot, m));
	rtcp_from(slot, out, b.len);
}

static void raw_rtcp(struct script *s, uint32_t slot)
{
	size_t len = script_8(s) * 2u;
	const uint8_t *at = script_bytes(s, &len);
	total.asked += (unsigned)len / 4 * 17;
	rtcp_from(slot, at, len);
}

/* ---- what control says ---- */

static void route(struct script *s, uint32_t slot, unsigned m)
{
	unsigned from = script_8(s), caps = script_8(s), how = script_8(s);
	struct route route = { .from_peer = from % LIVES,
		.from_worker = far && of(from % LIVES) == far,
		.to_slot = slot,
		.from_mindex = (uint16_t)m,
		.to_mindex = (uint16_t)m,
		.max_layer = caps & 3,
		.max_temporal = caps >> 2 & 3,
		.max_spatial = caps >> 4 & 3,
		.max_svc_temporal = (uint8_t)(caps >> 6),
		.paused = how & 1,
		.min_delay = (int16_t)(how & 2 ? 5 : 0),
		.max_delay = (int16_t)(how & 2 ? 50 : 0) };
	if (how & 4)
		router_unroute(of(slot), slot, m);
	else
		router_route(of(slot), &route);
}

/* ---- why ---- */

static void ask_why(uint32_t slot)
{
	struct track_stats all[2];
	unsigned n = router_stats(of(slot), slot, all, 2);
	must(n <= 2);
	for (unsigned i = 0; i < n; i++)
		must(all[i].why_in.code < WHY_ROUTER_END && all[i].why_out.code < WHY_ROUTER_END);
}

static void control(struct script *s, uint32_t slot, unsigned m)
{
	unsigned what = script_8(s);
	switch (what & 7) {
	case 0:
		router_mute(of(slot), slot, m, what & 8);
		break;
	case 1:
		router_keyframe(of(slot), slot, m);
		break;
	case 2:
		router_limit(of(slot), slot, script_8(s) * 10000u);
		break;
	case 3:
		router_watch_level(of(slot), slot, AUDIO, what >> 3 & 3, 40);
		break;
	case 4:
		router_heard(of(slot), slot, now_us);
		break;
	case 5:
		refuses = what >> 3;
		break;
	case 6:
		if (what & 8)
			ask_why(slot);
		else
			flush();
		break;
	default:
		sink(s, slot, m);
		break;
	}
}

static void renegotiate(struct script *s, uint32_t slot, unsigned m)
{
	struct track *t = &lives[slot].t[m];
	unsigned what = script_8(s);
	switch (what & 7) {
	case 0:
		begin_track(slot, m, what >> 3);
		return;
	case 1:
		t->dir = what >> 3 & 3;
		break;
	case 2:
		t->ext[(what >> 3) % CARDEA_N_EXT] = 0;
		break;
	case 3:
		t->ext[(what >> 3) % CARDEA_N_EXT] = ID_LATER;
		break;
	case 4:
		t->feedback ^= 1u << (what >> 3 & 7);
		break;
	case 5:
		t->rtx_pt = m == VIDEO && what & 8 ? 97 : 0;
		number_out(slot, m);
		break;
	case 6:
		t->n_layers = m == VIDEO && what & 8 ? 3 : 0;
		for (unsigned i = 0; i < t->n_layers; i++)
			strcpy(t->rids[i], i == 2 ? "h" : i ? "m" : "l");
		break;
	default:
		number_out(slot, m);
		break;
	}
	apply(slot, m);
}

static void come_or_go(struct script *s, uint32_t slot)
{
	unsigned how = script_8(s);
	if (lives[slot].is_open)
		close_life(slot);
	else
		open_life(slot, how);
}

/* ---- one input ---- */

/* Each packet goes to each track out at most, with one more in the place of another, and each that
 * is asked for is sent once more. */
static void check_total(void)
{
	must(total.out <= 2 * LIVES * total.in + total.asked);
}

static void one(struct script *s)
{
	unsigned op = script_8(s);
	uint32_t slot = op >> 4 & 3;
	unsigned stream = op >> 6, m = stream ? VIDEO : AUDIO;
	switch (lives[slot].is_open ? op & 15 : 13) {
	case 0:
	case 1:
	case 2:
		one_packet(s, slot, stream);
		break;
	case 3:
	case 4:
		some_packets(s, slot, stream);
		break;
	case 5:
		raw_packet(s, slot);
		break;
	case 6:
		bring_by_rtx(s, slot, stream);
		break;
	case 7:
		nack(s, slot, m);
		break;
	case 8:
		feedback(s, slot, m);
		break;
	case 9:
		raw_rtcp(s, slot);
		break;
	case 10:
		route(s, slot, m);
		break;
	case 11:
		control(s, slot, m);
		break;
	case 12:
		renegotiate(s, slot, m);
		break;
	case 13:
		come_or_go(s, slot);
		break;
	case 14:
		wait_for(script_8(s) * (stream ? 100000LL : 1000), 10);
		break;
	default:
		flush();
		break;
	}
	n_outs = 0;
	check_total();
}

static void begin(struct script *s)
{
	unsigned how = script_8(s);
	void *state = NULL;
	must(!world_setup(&state));
	router_destroy(r);
	must(r = router_create(&world_conf, wheel, &ops, NULL));
	if (how & 1) {
		struct router_conf conf = world_conf;
		conf.worker = 1;
		far_slots = 1u << 1 | 1u << 3;
		must(far = router_create(&conf, wheel, &ops, NULL));
	}
	begin_sinks();
	input++;
	n_sealed = rounds = refuses = 0;
	memset(&total, 0, sizeof total);
	for (uint32_t slot = 0; slot < 2; slot++) /* the others may come later */
		open_life(slot, how >> 1 & 15);
	for (unsigned m = AUDIO; m <= VIDEO; m++)
		route_to(0, 1, m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	sealed = calloc(INDICES, sizeof *sealed);
	must(sealed);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	void *state = NULL;
	if (size > CAP)
		return 0;
	begin(&s);
	while (!script_over(&s) && n_sealed < INDICES / 4)
		one(&s);
	world_teardown(&state);
	end_sinks(2 * total.in); /* a redundant packet may bring another one */
	for (unsigned i = 0; i < LIVES; i++)
		replays_clear(&replays[i]);
	memset(lives, 0, sizeof lives);
	return 0;
}
