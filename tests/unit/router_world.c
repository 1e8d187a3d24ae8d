/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "router_world.h"

struct out outs[4096];
unsigned n_outs;
struct heard heard[512];
unsigned n_heard;
struct told told[256];
unsigned n_told;

struct router *r;
struct router *far;
unsigned far_slots;
struct mail mail[1024];
unsigned n_mail, mail_read;
unsigned crossed[16];
struct wheel *wheel;
struct pool *packets;
int64_t now_us;
struct router_conf world_conf;

bool seals = true;
unsigned n_forgotten;
uint32_t forgotten[64];

bool on_rtp(void *arg, uint32_t slot, const struct rtp_parts *p, bool is_video)
{
	struct out *o = &outs[n_outs];
	(void)arg;
	if (!seals)
		return false;
	assert_in_range(n_outs, 0, 4095);
	assert_int_equal(rtp_header_len(p->header, p->header_len), p->header_len);
	o->slot = slot;
	o->header_len = p->header_len;
	o->index = p->index;
	o->again = p->again;
	memcpy(o->k.data, p->header, p->header_len);
	memcpy(o->k.data + p->header_len, p->payload, p->payload_len);
	o->k.len = (uint16_t)(p->header_len + p->payload_len);
	assert_int_equal(rtp_parse(&o->k), OK);
	assert_int_equal(o->k.seq, (uint16_t)p->index);
	assert_int_equal(is_video, o->k.pt >= 96 && o->k.pt < 111);
	n_outs++;
	return true;
}

static void on_forget(void *arg, uint32_t slot, uint32_t ssrc)
{
	(void)arg;
	assert_in_range(slot, 0, PEERS - 1);
	assert_in_range(n_forgotten, 0, 63);
	forgotten[n_forgotten++] = ssrc;
}

static uint32_t heard_slot;
unsigned heard_covered;

unsigned warmed[PEERS];

void on_warm(void *arg, uint32_t slot, unsigned hop)
{
	(void)arg;
	assert_in_range(slot, 0, PEERS - 1);
	assert_in_range(hop, 0, 2);
	if (hop == 2)
		warmed[slot] = n_outs + 1;
}

static void on_item(void *arg, const struct rtcp_item *item)
{
	(void)arg;
	assert_in_range(n_heard, 0, 511);
	heard[n_heard].slot = heard_slot;
	heard[n_heard++].item = *item;
	if (item->kind == RTCP_TWCC)
		heard_covered = rd16(item->twcc.fci + 2);
}

bool reduced_size;
unsigned n_bare;

static bool says_cname(const uint8_t *data, size_t len)
{
	for (size_t at = 0; at + 4 <= len; at += 4 * (rd16(data + at + 2) + 1u))
		if (data[at + 1] == 202)
			return true;
	return false;
}

void on_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len)
{
	(void)arg;
	heard_slot = slot;
	assert_true(data[1] == 200 || data[1] == 201); /* a compound begins with a report */
	if (!says_cname(data, len)) {
		assert_true(reduced_size);
		n_bare++;
	}
	assert_int_equal(rtcp_walk(data, len, on_item, NULL), OK);
}

void tell(char what, uint32_t slot, unsigned mindex, int a, int b, int c)
{
	assert_in_range(n_told, 0, 255);
	told[n_told].what = what;
	told[n_told].slot = slot;
	told[n_told].mindex = mindex;
	told[n_told].a = a;
	told[n_told].b = b;
	told[n_told++].c = c;
}
void on_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds)
{
	(void)arg;
	tell('r', slot, mindex, substream, on, (int)seconds);
}
void on_layer(void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial)
{
	(void)arg;
	tell('l', slot, mindex, substream, temporal, spatial);
}
void on_talking(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg)
{
	(void)arg;
	tell('t', slot, mindex, talks, (int)avg, 0);
}
void on_slow(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost)
{
	(void)arg;
	tell('s', slot, mindex, uplink, (int)lost, 0);
}
void on_estimate(void *arg, uint32_t slot, uint64_t bps)
{
	(void)arg;
	tell('e', slot, 0, (int)bps, 0, 0);
}
void on_trunk(void *arg, unsigned worker, const struct trunk_msg *m, size_t len)
{
	(void)arg;
	assert_in_range(n_mail, 0, 1023);
	crossed[m->type]++;
	mail[n_mail].to = worker;
	mail[n_mail].len = len;
	memcpy(&mail[n_mail++].m, m, len);
}
struct told_why whys[64];
unsigned n_whys;

void on_why(void *arg, uint32_t slot, unsigned mindex, bool sends, const struct why *w)
{
	(void)arg;
	if (n_whys == 64)
		return;
	whys[n_whys].slot = slot;
	whys[n_whys].mindex = mindex;
	whys[n_whys].sends = sends;
	whys[n_whys++].why = *w;
}

const struct router_ops world_ops = { on_rtp, on_forget, on_warm, on_rtcp, on_receiving, on_layer,
	on_talking, on_slow, on_estimate, on_trunk, on_why };

void forget_all(void)
{
	n_outs = n_heard = n_told = n_whys = n_forgotten = 0;
	memset(warmed, 0, sizeof warmed);
	memset(crossed, 0, sizeof crossed);
}

struct router *of(uint32_t slot)
{
	return far && far_slots >> slot & 1 ? far : r;
}

bool sleeps(void)
{
	return wheel_armed(&r->look_timer) && !wheel_armed(&r->nack_timer) &&
	       !wheel_armed(&r->wish_timer) && !wheel_armed(&r->twcc_timer) &&
	       !wheel_armed(&r->tick_timer) && !wheel_armed(&r->mirror_timer);
}

void flush(void)
{
	router_flush(r, now_us);
	for (; mail_read < n_mail; mail_read++)
		router_trunk(mail[mail_read].to ? far : r, &mail[mail_read].m, mail[mail_read].len,
			now_us);
	n_mail = mail_read = 0;
	if (far)
		router_flush(far, now_us);
}

void pass_us(int64_t us)
{
	for (int64_t end = now_us + us; now_us < end;) {
		now_us += end - now_us < 1000 ? end - now_us : 1000;
		clock_fake(now_us);
		wheel_run(wheel, now_us);
		flush();
	}
}

struct track track_in(unsigned mindex)
{
	struct track t = { .mindex = (uint16_t)mindex,
		.kind = CARDEA_AUDIO,
		.dir = CARDEA_RECV,
		.codec = CARDEA_OPUS,
		.pt = 111,
		.clock_hz = 48000,
		.mid = "a" };
	t.ext[CARDEA_EXT_MID] = ID_MID;
	t.ext[CARDEA_EXT_TWCC] = ID_TWCC;
	if (mindex == AUDIO) {
		t.ext[CARDEA_EXT_AUDIO_LEVEL] = ID_LEVEL;
		return t;
	}
	t.kind = CARDEA_VIDEO;
	t.codec = CARDEA_VP8;
	t.pt = 96;
	t.rtx_pt = 97;
	t.clock_hz = 90000;
	t.feedback = CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_TWCC;
	t.ext[CARDEA_EXT_RID] = ID_RID;
	t.ext[CARDEA_EXT_RRID] = ID_RRID;
	t.ext[CARDEA_EXT_ORIENTATION] = ID_ORIENTATION;
	strcpy(t.mid, "v");
	return t;
}

struct track track_out(unsigned mindex, uint32_t slot)
{
	struct track t = track_in(mindex);
	t.dir = CARDEA_SEND;
	t.pt = mindex == AUDIO ? 112 : 100;
	t.rtx_pt = 0;
	t.out_ssrc = 1000 * slot + mindex;
	strcpy(t.mid, mindex == AUDIO ? "out0" : "out1");
	if (mindex == VIDEO)
		t.ext[CARDEA_EXT_ABS_SEND_TIME] = ID_AST;
	return t;
}

void route_to(uint32_t from, uint32_t slot, unsigned mindex)
{
	struct route route = { .from_peer = from,
		.from_worker = of(from) == far && far,
		.to_slot = slot,
		.from_mindex = (uint16_t)mindex,
		.to_mindex = (uint16_t)mindex };
	assert_int_equal(router_route(of(slot), &route), OK);
}

void open_peer(uint32_t slot, bool publishes, bool subscribes)
{
	assert_int_equal(router_peer_open(of(slot), slot), OK);
	for (unsigned m = AUDIO; m <= VIDEO; m++) {
		struct track in = track_in(m), out = track_out(m, slot);
		if (publishes && subscribes) {
			in.dir = CARDEA_SENDRECV;
			in.out_ssrc = out.out_ssrc;
		}
		assert_int_equal(router_track(of(slot), slot, publishes ? &in : &out), OK);
	}
	router_peer_up(of(slot), slot);
}

int world_setup(void **state)
{
	(void)state;
	now_us = WORLD_T0;
	clock_fake(now_us);
	reduced_size = false;
	n_bare = 0;
	world_conf = (struct router_conf){ .max_peers = PEERS,
		.even_out = true,
		.hold_us = 500,
		.twcc_period_us = 200000,
		.nack_history_us = 500000,
		.no_media_s = 1,
		.slowlink_threshold = 4 };
	wheel = wheel_create(now_us);
	packets = pool_create("packets", sizeof(struct pkt), 8192);
	world_conf.packets = packets;
	r = router_create(&world_conf, wheel, &world_ops, NULL);
	forget_all();
	n_mail = mail_read = 0;
	return !wheel || !packets || !r;
}

void split(unsigned slots)
{
	struct router_conf conf = world_conf;
	conf.worker = 1;
	far = router_create(&conf, wheel, &world_ops, NULL);
	far_slots = slots;
	assert_non_null(far);
}

int world_teardown(void **state)
{
	(void)state;
	router_destroy(r);
	router_destroy(far);
	far = NULL;
	assert_int_equal(pool_used(packets), 0);
	pool_destroy(packets);
	wheel_destroy(wheel);
	clock_fake(-1);
	return 0;
}

struct pkt *make(const struct in *in)
{
	struct pkt *k = pkt_take(packets);
	struct rtp_out h = {
		.pt = in->pt, .marker = in->marker, .seq = in->seq, .ts = in->ts, .ssrc = in->ssrc
	};
	uint8_t level = (uint8_t)(in->level - 1), twcc[2];
	const char *texts[] = { in->mid, in->rid, in->rrid };
	assert_non_null(k);
	wr16(twcc, (uint16_t)(in->twcc - 1));
	for (unsigned i = 0; i < 3; i++)
		if (texts[i]) {
			h.ext[h.n_ext].id = (uint8_t)(ID_MID + i);
			h.ext[h.n_ext].len = (uint8_t)strlen(texts[i]);
			h.ext[h.n_ext++].data = (const uint8_t *)texts[i];
		}
	if (in->level) {
		h.ext[h.n_ext].id = ID_LEVEL;
		h.ext[h.n_ext].len = 1;
		h.ext[h.n_ext++].data = &level;
	}
	if (in->twcc) {
		h.ext[h.n_ext].id = ID_TWCC;
		h.ext[h.n_ext].len = 2;
		h.ext[h.n_ext++].data = twcc;
	}
	k->len = (uint16_t)rtp_write(k->data, sizeof k->data, &h);
	memcpy(k->data + k->len, in->payload, in->len);
	k->len = (uint16_t)(k->len + in->len);
	k->at_us = now_us;
	assert_int_equal(rtp_parse(k), OK);
	return k;
}

void give(uint32_t slot, const struct in *in)
{
	struct pkt *k = make(in);
	router_rtp(of(slot), slot, k, now_us);
	pkt_drop(k);
}

size_t vp8_payload(uint8_t *p, bool starts, bool key, unsigned picture_id, unsigned tl0,
	unsigned temporal, bool sync)
{
	p[0] = starts ? 0x90 : 0x80;
	p[1] = 0xe0;
	wr16(p + 2, (uint16_t)(0x8000 | picture_id));
	p[4] = (uint8_t)tl0;
	p[5] = (uint8_t)(temporal << 6 | (sync ? 0x20 : 0));
	memset(p + 6, 0x11, 94);
	p[6] = key ? 0 : 1;
	return 100;
}

struct in audio_in(unsigned seq)
{
	return (struct in){ .pt = 111,
		.seq = (uint16_t)seq,
		.ts = seq * 960,
		.ssrc = 0xa0d10,
		.mid = "a",
		.payload = "sound",
		.len = 5 };
}

struct in video_in(unsigned n, bool key)
{
	struct in in = { .pt = 96,
		.marker = true,
		.seq = (uint16_t)n,
		.ts = n * 3600,
		.ssrc = 0x51de0,
		.mid = "v" };
	in.len = vp8_payload(in.payload, true, key, n & 0x7fff, n & 0xff, 0, false);
	return in;
}

unsigned count_heard(enum rtcp_kind kind, uint32_t slot)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_heard; i++)
		n += heard[i].item.kind == kind && heard[i].slot == slot;
	return n;
}

const struct rtcp_item *last_heard(enum rtcp_kind kind, uint32_t slot)
{
	for (unsigned i = n_heard; i-- > 0;)
		if (heard[i].item.kind == kind && heard[i].slot == slot)
			return &heard[i].item;
	return NULL;
}

const struct payload_info *out_info(unsigned i)
{
	static struct payload_info info;
	payload_look(CARDEA_VP8, outs[i].k.data + outs[i].k.payload, outs[i].k.payload_len, NULL, 0,
		&info);
	return &info;
}

uint8_t rtcp_in_room[1200];
struct rtcp_buf rtcp_in;
struct rtcp_buf *rtcp_begin(void)
{
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_rr(&rtcp_in, 1, NULL, 0);
	return &rtcp_in;
}
void rtcp_arrives(uint32_t slot)
{
	router_rtcp(of(slot), slot, rtcp_in.data, rtcp_in.len, now_us);
}
void nack_from(uint32_t slot, uint32_t ssrc, uint16_t seq)
{
	rtcp_put_nack(rtcp_begin(), 1, ssrc, &seq, 1);
	rtcp_arrives(slot);
}
unsigned frames;

void flow(unsigned n)
{
	for (; n--; frames++) {
		struct in a = audio_in(frames), v = video_in(frames / 2, frames == 0);
		give(0, &a);
		if (!(frames & 1))
			give(0, &v);
		router_flush(r, now_us);
		pass_us(20000);
	}
}

struct track_stats stats_of(uint32_t slot, unsigned mindex)
{
	struct track_stats st[4];
	assert_int_equal(router_stats(of(slot), slot, st, 4), 2);
	return st[mindex];
}

void video(unsigned n, bool key)
{
	struct in in = video_in(n, key);
	give(0, &in);
	router_flush(r, now_us);
	pass_us(40000);
}

int routed_setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, AUDIO);
	route_to(0, 1, VIDEO);
	return 0;
}
