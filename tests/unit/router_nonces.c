/* SPDX-License-Identifier: Apache-2.0 */
/* No key encrypts two packets with one nonce, whatever happens: the router with real SRTP behind
 * it. router_property looks at what is sent, this at how. */
#include <stdlib.h>
#include "../../core/router/out/digest.h"
#include "../../core/rtc/srtp.h"
#include "router_world.h"
#include "../fuzz/mutate.h"

/* Random lives of two subscribers, with real keys: publishers that lose, jump, repeat themselves
 * with other bytes, send nothing in many packets and bring by RTX what was there already; tracks
 * negotiated anew on either side, sources switched, packets asked for again, on one worker or two.
 * Whatever happens, under one key no keystream meets two packets, every packet that is not a repeat
 * goes out, and the subscriber can read all of it. A failure names its seed; LIVES=1 SEED=n repeats
 * it. */
#define SEEN     (1u << 17) /* places, a power of two */
#define SUBS     2          /* peers 1 and 3; 0 and 2 publish */
#define SHOWS    8          /* bytes of payload that tell one keystream from another */
#define PADDING  1          /* a packet for a number that was promised: too short to tell */
#define STEPS    400
#define LAST_OUT 64

struct seen { /* a packet that was sealed */
	bool used;
	uint64_t name, plain; /* its keystream, or slot, SSRC and index; digest of its bytes */
};
static struct seen *streams, *indices;
static struct digest_key key;
static struct srtp *seals_for[PEERS], *opens_for[PEERS];
static unsigned n_sealed, n_repeats, n_refused, n_empty_hands;
static uint16_t last_out[PEERS][LAST_OUT];
static unsigned n_last_out[PEERS];

static unsigned dice(unsigned n)
{
	return (unsigned)mutate_below(n);
}

static struct seen *find(struct seen *table, uint64_t name)
{
	unsigned i = (unsigned)(name * 0x9e3779b97f4a7c15ULL >> 40) & (SEEN - 1);
	while (table[i].used && table[i].name != name)
		i = (i + 1) & (SEEN - 1);
	table[i].name = name;
	return &table[i];
}

static uint64_t name_of(uint32_t slot, const struct rtp_parts *p)
{
	return (uint64_t)rd32(p->header + 8) << 32 | (uint64_t)slot << 28 | (p->index & 0xfffffff);
}

/* The keystream shows where plaintext and ciphertext differ. */
static void check_keystream(const struct rtp_parts *p, const uint8_t *sealed, uint64_t plain)
{
	uint64_t a, b;
	if (p->payload_len == PADDING)
		return;
	assert_true(p->payload_len >= SHOWS);
	memcpy(&a, p->payload, SHOWS);
	memcpy(&b, sealed + p->header_len, SHOWS);
	struct seen *s = find(streams, a ^ b);
	if (s->used)
		assert_int_equal(s->plain, plain);
	s->used = true;
	s->plain = plain;
}

static bool seal_it(void *arg, uint32_t slot, const struct rtp_parts *p, bool is_video)
{
	uint8_t out[2048];
	uint64_t plain = digest(&key, p);
	struct seen *s = find(indices, name_of(slot, p));
	(void)arg;
	if (!dice(40) && !s->used) { /* the socket's buffer is full, or the like */
		n_empty_hands++;
		return false;
	}
	size_t n = srtp_seal(seals_for[slot], p, out);
	if (!n) { /* other bytes, or such as may be others: only ever of a number that was used */
		n_refused++;
		assert_true(s->used);
		return false;
	}
	check_keystream(p, out, plain);
	if (s->used)
		assert_int_equal(s->plain, plain);
	assert_int_equal(srtp_open(opens_for[slot], out, &n), s->used ? ERR_EXISTS : OK);
	n_repeats += s->used;
	n_sealed++;
	s->used = true;
	s->plain = plain;
	if (is_video)
		last_out[slot][n_last_out[slot]++ % LAST_OUT] = (uint16_t)p->index;
	return true;
}

static void forget_it(void *arg, uint32_t slot, uint32_t ssrc)
{
	(void)arg;
	srtp_forget(seals_for[slot], ssrc);
}

/* ---- what publishers send ---- */

static struct stream {
	uint16_t seq;
	unsigned n, debt; /* of packets without payload that wind the numbers on */
	bool owes_keyframe;
} streams_in[3];

static void fill_payload(struct in *in)
{
	for (unsigned i = 6; i < in->len; i++)
		in->payload[i] = (uint8_t)mutate_next();
	in->payload[6] &= 0xfe;
	in->payload[6] |= in->payload[7] & 1; /* a keyframe, or not */
}

static struct in picture(unsigned from, unsigned seq, bool key_too)
{
	struct stream *t = &streams_in[from];
	struct in in = video_in(t->n, key_too);
	in.ssrc = 0x700 + from;
	in.seq = (uint16_t)seq;
	fill_payload(&in);
	in.payload[6] = !key_too;
	return in;
}

static void jump(struct stream *t)
{
	t->seq = (uint16_t)(t->seq + (dice(6) ? dice(2999) : dice(65536)));
}

static void bring_again(unsigned from)
{
	struct in in = picture(from, streams_in[from].seq - dice(80), false);
	if (dice(2)) { /* by RTX */
		memmove(in.payload + 2, in.payload, in.len);
		wr16(in.payload, in.seq);
		in.len += 2;
		in.seq = (uint16_t)mutate_next();
		in.pt = 97;
		in.ssrc += 0x100;
	}
	give(from, &in);
}

static void publish(unsigned from)
{
	struct stream *t = &streams_in[from];
	for (unsigned i = 1 + dice(4); i--; t->n++) {
		struct in in = picture(from, ++t->seq, t->owes_keyframe || !dice(30));
		t->owes_keyframe = false;
		if (!dice(200))
			t->debt = 1 + dice(40);
		if (t->debt && t->debt--) {
			in.len = 0;
			t->seq = in.seq = (uint16_t)(t->seq + 2998);
		}
		if (!dice(12))
			continue; /* lost */
		give(from, &in);
		if (!dice(60))
			jump(t);
		if (!dice(6))
			bring_again(from);
	}
	struct in sound = audio_in(t->n);
	sound.ssrc += from;
	sound.len = 40;
	sound.level = dice(2) ? 21 : 0;
	give(from, &sound);
}

/* ---- what else happens ---- */

static void negotiate_in(unsigned slot)
{
	unsigned m = dice(2);
	struct track t = track_in(m);
	t.ext[CARDEA_EXT_AUDIO_LEVEL] = dice(2) ? ID_LEVEL : 0;
	t.ext[CARDEA_EXT_ORIENTATION] = dice(2) ? ID_ORIENTATION : 0;
	t.feedback ^= dice(2) ? CARDEA_FB_NACK : 0;
	assert_int_equal(router_track(of(slot), slot, &t), OK);
}

static unsigned ssrc_round[PEERS]; /* SSRCs are never given twice */

static void negotiate_out(unsigned slot, bool has_rtx)
{
	unsigned m = dice(2);
	struct track t = track_out(m, slot);
	if (!dice(3))
		ssrc_round[slot]++;
	t.out_ssrc += 0x10000 * ssrc_round[slot];
	if (m == VIDEO && has_rtx) {
		t.rtx_pt = 101;
		t.out_rtx_ssrc = t.out_ssrc + 0x8000;
	}
	t.ext[CARDEA_EXT_MID] = dice(2) ? ID_MID : 0;
	t.ext[CARDEA_EXT_AUDIO_LEVEL] = dice(2) ? ID_LEVEL : 0;
	assert_int_equal(router_track(of(slot), slot, &t), OK);
}

static void ask_again(unsigned slot)
{
	unsigned n = n_last_out[slot] < LAST_OUT ? n_last_out[slot] : LAST_OUT;
	if (n)
		nack_from(slot, 1000 * slot + VIDEO + 0x10000 * ssrc_round[slot],
			(uint16_t)(last_out[slot][dice(n)] + dice(2)));
}

static void meddle(bool has_rtx)
{
	unsigned slot = dice(2) ? 1 : 3;
	struct route route = { .from_peer = dice(2) ? 0 : 2,
		.to_slot = slot,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.paused = !dice(6) };
	switch (dice(8)) {
	case 0:
		negotiate_in(dice(2) ? 0 : 2);
		break;
	case 1:
		negotiate_out(slot, has_rtx);
		break;
	case 2:
		router_route(of(slot), &route);
		break;
	case 3:
		router_mute(r, 0, VIDEO, !dice(3));
		break;
	default:
		ask_again(slot);
		break;
	}
}

static void keyframes_owed(void)
{
	for (unsigned i = 0; i < n_heard; i++)
		if (heard[i].item.kind == RTCP_PLI)
			streams_in[heard[i].slot].owes_keyframe = true;
	forget_all();
}

/* ---- one life ---- */

static void open_subscriber(unsigned slot, enum srtp_engine engine, uint16_t profile)
{
	struct srtp_keys ours = { .profile = profile }, theirs;
	for (unsigned i = 0; i < sizeof ours.send; i++)
		ours.send[i] = ours.recv[i] = (uint8_t)mutate_next();
	theirs = ours;
	assert_int_equal(srtp_new(&seals_for[slot], engine, &ours), OK);
	assert_int_equal(srtp_new(&opens_for[slot], SRTP_LIBSRTP2, &theirs), OK);
	open_peer(slot, false, true);
	route_to(0, slot, AUDIO);
	route_to(0, slot, VIDEO);
}

static void begin(uint64_t seed, bool *has_rtx)
{
	static const struct router_ops ops = { seal_it, forget_it, on_warm, on_rtcp, on_receiving,
		on_layer, on_talking, on_slow, on_estimate, on_trunk, on_why };
	static const uint16_t profiles[] = { SRTP_PROFILE_GCM_128, SRTP_PROFILE_CM_80,
		SRTP_PROFILE_GCM_256 };
	enum srtp_engine engine;
	void *state = NULL;
	mutate_seed(seed);
	do
		engine = SRTP_EVP + dice(3);
	while (!srtp_has(engine));
	assert_int_equal(world_setup(&state), 0);
	router_destroy(r);
	assert_non_null(r = router_create(&world_conf, wheel, &ops, NULL));
	if (dice(2)) { /* the subscribers are on another worker */
		world_conf.worker = 1;
		far_slots = 1u << 1 | 1u << 3;
		assert_non_null(far = router_create(&world_conf, wheel, &ops, NULL));
	}
	memset(streams, 0, SEEN * sizeof *streams);
	memset(indices, 0, SEEN * sizeof *indices);
	memset(streams_in, 0, sizeof streams_in);
	memset(ssrc_round, 0, sizeof ssrc_round);
	memset(n_last_out, 0, sizeof n_last_out);
	digest_key_make(&key);
	*has_rtx = dice(2);
	open_peer(0, true, false);
	open_peer(2, true, false);
	for (unsigned slot = 1; slot <= 3; slot += 2)
		open_subscriber(slot, engine, profiles[dice(3)]);
	for (unsigned s = 0; s < 3; s++)
		streams_in[s] =
			(struct stream){ .seq = (uint16_t)mutate_next(), .owes_keyframe = true };
}

static void live(uint64_t seed)
{
	bool has_rtx;
	void *state = NULL;
	begin(seed, &has_rtx);
	for (unsigned step = 0; step < STEPS; step++) {
		publish(0);
		publish(2);
		flush();
		if (!dice(3))
			meddle(has_rtx);
		pass_us(1000 * (int64_t)(1 + (dice(20) ? dice(30) : dice(900))));
		keyframes_owed();
	}
	world_teardown(&state);
	for (unsigned slot = 0; slot < PEERS; slot++) {
		srtp_free(seals_for[slot]);
		srtp_free(opens_for[slot]);
		seals_for[slot] = opens_for[slot] = NULL;
	}
}

static void no_keystream_meets_two_packets(void **state)
{
	unsigned lives = getenv("LIVES") ? (unsigned)atoi(getenv("LIVES")) : 100;
	uint64_t seed = getenv("SEED") ? (uint64_t)atoll(getenv("SEED")) : 1;
	(void)state;
	streams = calloc(SEEN, sizeof *streams);
	indices = calloc(SEEN, sizeof *indices);
	assert_true(streams && indices);
	for (unsigned n = lives; n--; seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		live(seed);
	}
	free(streams);
	free(indices);
	print_message("%u sealed, %u of them repeats, %u refused, %u could not\n", n_sealed,
		n_repeats, n_refused, n_empty_hands);
	if (lives >= 50) { /* they were lives worth living */
		assert_true(n_sealed > 200 * lives);
		assert_true(n_repeats > lives / 2);
		assert_true(n_refused > lives / 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_keystream_meets_two_packets) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
