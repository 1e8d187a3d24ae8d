/* SPDX-License-Identifier: Apache-2.0 */
/* Our engines, over OpenSSL and over libipsec-mb, against libsrtp2: what one seals the other opens,
 * and both judge losses, reorders, replays, forgeries and roll-overs alike. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtc/replay.h"
#include "../../core/rtc/srtp.h"
#include "../../core/rtp/rtp.h"

#define SSRCS 5
static const uint16_t profiles[] = { SRTP_PROFILE_CM_80, SRTP_PROFILE_GCM_128,
	SRTP_PROFILE_GCM_256 };

static enum srtp_engine fast; /* the one under test */

struct two { /* A sends to B, each with its own engine */
	struct srtp *a, *b;
};

static unsigned rnd(unsigned below)
{
	return (unsigned)random() % below;
}

static void fill(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)random();
}

static void make(struct two *t, uint16_t profile, bool a_is_fast, bool b_is_fast)
{
	struct srtp_keys ab = { .profile = profile }, ba = { .profile = profile };
	fill(ab.send, sizeof(ab.send));
	fill(ab.recv, sizeof(ab.recv));
	memcpy(ba.send, ab.recv, sizeof(ba.send));
	memcpy(ba.recv, ab.send, sizeof(ba.recv));
	assert_int_equal(srtp_new(&t->a, a_is_fast ? fast : SRTP_LIBSRTP2, &ab), OK);
	assert_int_equal(srtp_new(&t->b, b_is_fast ? fast : SRTP_LIBSRTP2, &ba), OK);
}

static void drop(struct two *t)
{
	srtp_free(t->a);
	srtp_free(t->b);
}

/* A packet with random contributing sources, extension and payload. @return its header's length */
static size_t random_packet(uint8_t *p, size_t *len, uint32_t ssrc, uint16_t seq)
{
	size_t n = 12, payload = rnd(4) ? rnd(1300) : 0;
	unsigned cc = rnd(3) ? 0 : rnd(16), ext = rnd(2) ? rnd(8) : 0;
	fill(p, 1500);
	p[0] = (uint8_t)(0x80 | cc | (ext ? 0x10 : 0));
	p[1] = (uint8_t)(rnd(2) << 7 | 96);
	wr16(p + 2, seq);
	wr32(p + 8, ssrc);
	n += 4 * cc;
	if (ext) {
		wr16(p + n, 0xbede);
		wr16(p + n + 2, (uint16_t)ext);
		n += 4 + 4 * ext;
	}
	*len = n + payload;
	return n;
}

static struct rtp_parts parts_of(const uint8_t *p, size_t header, size_t len, uint64_t index)
{
	return (struct rtp_parts){ .header = p,
		.payload = p + header,
		.header_len = header,
		.payload_len = len - header,
		.index = index };
}

static size_t seal(
	struct srtp *s, const uint8_t *p, size_t header, size_t len, uint64_t index, uint8_t *out)
{
	const struct rtp_parts parts = parts_of(p, header, len, index);
	size_t n = srtp_seal(s, &parts, out);
	assert_in_range(n, len + 1, len + SRTP_OVERHEAD);
	return n;
}

static void both_engines_write_the_same_bytes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct srtp_keys k = { .profile = profiles[i] };
		struct srtp *evp, *lib;
		fill(k.send, sizeof(k.send));
		assert_int_equal(srtp_new(&evp, fast, &k), OK);
		assert_int_equal(srtp_new(&lib, SRTP_LIBSRTP2, &k), OK);
		uint64_t index = 65000;
		for (unsigned n = 0; n < 4000; n++) {
			uint8_t p[1500], x[1600], y[1600];
			index += n % SSRCS ? 0 : 1 + rnd(3);
			size_t len, header = random_packet(p, &len, 1 + n % SSRCS, (uint16_t)index);
			size_t xn = seal(evp, p, header, len, index, x),
			       yn = seal(lib, p, header, len, index, y);
			assert_int_equal(xn, yn);
			assert_memory_equal(x, y, xn);
		}
		srtp_free(evp);
		srtp_free(lib);
	}
}

/* ---- batches: packets one behind the other, as in the output buffer ---- */

#define KEYS  6
#define ARENA (300 << 10)
#define GUARD 64

struct pair { /* the engine under test and the reference, with the same keys and packets */
	struct srtp *ours[KEYS], *lib[KEYS];
	uint64_t index[KEYS];
	struct cm_batch *batch;
	uint8_t *x, *y;
	size_t used;
};

static void pair_keys(struct pair *b, unsigned k)
{
	/* one of them has no use for batches */
	struct srtp_keys keys = { .profile = k ? SRTP_PROFILE_CM_80 : SRTP_PROFILE_GCM_128 };
	fill(keys.send, sizeof(keys.send));
	assert_int_equal(srtp_new(&b->ours[k], fast, &keys), OK);
	assert_int_equal(srtp_new(&b->lib[k], SRTP_LIBSRTP2, &keys), OK);
	b->index[k] = 65000 + rnd(500);
}

static void pair_make(struct pair *b)
{
	memset(b, 0, sizeof(*b));
	b->batch = cm_batch_create();
	b->x = calloc(1, ARENA);
	b->y = calloc(1, ARENA);
	for (unsigned k = 0; k < KEYS; k++)
		pair_keys(b, k);
}

static void pair_free_keys(struct pair *b)
{
	for (unsigned k = 0; k < KEYS; k++) {
		srtp_free(b->ours[k]);
		srtp_free(b->lib[k]);
	}
}

static void pair_free(struct pair *b)
{
	free(b->x);
	free(b->y);
	cm_batch_destroy(b->batch);
}

static void pair_seal(struct pair *b, unsigned k, bool later)
{
	uint8_t p[1500];
	size_t len, n;
	uint64_t index = b->index[k] += 1 + rnd(3);
	bool again = rnd(5) == 0; /* or one that was left out */
	if (again)
		index -= rnd(20);
	size_t header = random_packet(p, &len, 1 + k, (uint16_t)index);
	struct rtp_parts parts = parts_of(p, header, len, index);
	parts.again = again;
	n = srtp_seal_later(b->ours[k], later ? b->batch : NULL, &parts, b->x + b->used);
	assert_int_equal(n, srtp_seal(b->lib[k], &parts, b->y + b->used));
	b->used += n;
	assert_true(b->used + 2000 < ARENA);
}

static void pair_check(struct pair *b)
{
	cm_batch_finish(b->batch);
	assert_memory_equal(b->x, b->y, b->used);
	/* what lies behind the last tag is the reference's scratch, or nobody's */
	for (size_t i = 0; i < GUARD; i++)
		assert_true(i < SRTP_OVERHEAD || !b->x[b->used + i]);
	memset(b->x, 0, b->used + GUARD);
	memset(b->y, 0, b->used + GUARD);
	b->used = 0;
}

static void batches_of_any_size_write_the_same_bytes(void **state)
{
	static const unsigned sizes[] = { 0, 1, 2, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 128,
		200 };
	struct pair b;
	(void)state;
	pair_make(&b);
	for (unsigned round = 0; round < 15; round++)
		for (unsigned s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			unsigned key = 1 + rnd(KEYS - 1);
			for (unsigned n = 0; n < sizes[s]; n++) /* of one key, or of all */
				pair_seal(&b, round % 3 ? rnd(KEYS) : key, round % 2 || rnd(5));
			pair_check(&b);
		}
	pair_free_keys(&b);
	pair_free(&b);
}

static void a_tag_waits_for_its_batch(void **state)
{
	struct pair b;
	(void)state;
	pair_make(&b);
	pair_seal(&b, 1, true);
	bool is_complete = !memcmp(b.x, b.y, b.used);
	assert_int_equal(is_complete, fast == SRTP_EVP);
	assert_memory_equal(b.x, b.y, b.used - CM_TAG);
	size_t before = b.used;
	pair_seal(&b, 2, false);
	assert_memory_equal(b.x + before, b.y + before, b.used - before);
	pair_check(&b);
	pair_free_keys(&b);
	pair_free(&b);
}

static void a_batch_survives_the_owners_of_its_keys(void **state)
{
	struct pair b;
	(void)state;
	for (unsigned n = 1; n < 40; n += 6) {
		pair_make(&b);
		for (unsigned i = 0; i < n; i++)
			pair_seal(&b, i % KEYS, true);
		pair_free_keys(&b);
		pair_check(&b);
		pair_free(&b);
	}
}

static void a_batch_that_is_given_up_touches_nothing(void **state)
{
	struct pair b;
	(void)state;
	pair_make(&b);
	for (unsigned i = 0; i < 20; i++)
		pair_seal(&b, i % KEYS, true);
	pair_free_keys(&b);
	pair_free(&b); /* the buffer first */
}

/* What comes out of the network: lost, late, doubled and damaged packets. Judged by both engines.
 */
static void both_engines_judge_a_bad_network_alike(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct srtp_keys k = { .profile = profiles[i] }, back = { .profile = profiles[i] };
		struct srtp *sender, *evp, *lib;
		enum { LATE = 200 };
		static struct {
			uint8_t data[1600];
			size_t len;
		} late[LATE];
		uint64_t index[SSRCS];
		unsigned verdicts[16] = { 0 };
		fill(k.send, sizeof(k.send));
		memcpy(back.recv, k.send, sizeof(k.send));
		assert_int_equal(srtp_new(&sender, SRTP_LIBSRTP2, &k), OK);
		assert_int_equal(srtp_new(&evp, fast, &back), OK);
		assert_int_equal(srtp_new(&lib, SRTP_LIBSRTP2, &back), OK);
		memset(late, 0, sizeof(late));
		for (unsigned s = 0; s < SSRCS; s++)
			index[s] = rnd(0x8000);
		for (unsigned n = 0; n < 30000; n++) {
			uint8_t p[1500], sealed[1600], x[1600], y[1600];
			unsigned s = rnd(SSRCS), how = rnd(10);
			index[s] += 1 + (rnd(20) ? 0 : rnd(300));
			size_t len, header = random_packet(p, &len, 100 + s, (uint16_t)index[s]);
			size_t sn = seal(sender, p, header, len, index[s], sealed);
			if (how == 0) { /* it comes later, perhaps too late, perhaps twice */
				unsigned slot = rnd(LATE);
				memcpy(late[slot].data, sealed, sn);
				late[slot].len = sn;
				continue;
			}
			if (how == 1 && late[n % LATE].len) {
				sn = late[n % LATE].len;
				memcpy(sealed, late[n % LATE].data, sn);
			} else if (how == 2) {
				/* not the sequence number or SSRC: guessing the index would be
				 * another matter */
				size_t at = 12 + rnd((unsigned)sn - 12);
				sealed[at] ^= (uint8_t)(1 << rnd(8));
				if (!rtp_header_len(sealed, sn))
					continue;
			}
			size_t xn = sn, yn = sn;
			memcpy(x, sealed, sn);
			memcpy(y, sealed, sn);
			enum err ex = srtp_open(evp, x, &xn), ey = srtp_open(lib, y, &yn);
			assert_int_equal(ex, ey);
			verdicts[ex]++;
			if (!ex) {
				assert_int_equal(xn, yn);
				assert_memory_equal(x, y, xn);
			}
		}
		assert_true(verdicts[OK] > 20000);
		assert_true(verdicts[ERR_EXISTS] > 100);
		assert_true(verdicts[ERR_DENIED] > 100);
		srtp_free(sender);
		srtp_free(evp);
		srtp_free(lib);
	}
}

static void packets_cross_both_ways_over_many_roll_overs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (unsigned way = 0; way < 4; way++) {
			struct two t;
			uint64_t index = 60000;
			make(&t, profiles[i], way & 1, way & 2);
			for (unsigned n = 0; n < 300; n++) {
				uint8_t p[1500], sealed[1600];
				size_t len;
				index += 1 + rnd(SEAL_AHEAD);
				for (unsigned dir = 0; dir < 2; dir++) {
					size_t header = random_packet(p, &len, 7, (uint16_t)index);
					size_t sn = seal(
						dir ? t.b : t.a, p, header, len, index, sealed);
					assert_int_equal(
						srtp_open(dir ? t.a : t.b, sealed, &sn), OK);
					assert_int_equal(sn, len);
					assert_memory_equal(sealed, p, len);
				}
			}
			drop(&t);
		}
}

static void rtcp_crosses_and_replays_are_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (unsigned way = 0; way < 4; way++) {
			struct two t;
			make(&t, profiles[i], way & 1, way & 2);
			for (unsigned n = 0; n < 500; n++) {
				uint8_t p[600], sealed[700], again[700];
				size_t len = 8 + 4 * rnd(100), sn, an;
				fill(p, sizeof(p));
				p[0] = 0x81;
				p[1] = 201;
				wr16(p + 2, (uint16_t)(len / 4 - 1));
				wr32(p + 4, 5 + n % SSRCS);
				sn = srtp_seal_rtcp(t.a, p, len, sealed);
				assert_in_range(sn, len + 1, len + SRTP_OVERHEAD);
				memcpy(again, sealed, sn);
				an = sn;
				if (n % 3 == 0) {
					sealed[8 + rnd((unsigned)sn - 8)] ^= 0x10;
					assert_int_not_equal(srtp_open_rtcp(t.b, sealed, &sn), OK);
					sn = an;
					memcpy(sealed, again, sn);
				}
				assert_int_equal(srtp_open_rtcp(t.b, sealed, &sn), OK);
				assert_int_equal(sn, len);
				assert_memory_equal(sealed, p, len);
				assert_int_equal(srtp_open_rtcp(t.b, again, &an), ERR_EXISTS);
			}
			drop(&t);
		}
}

static void refuses_what_is_too_short(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct two t;
		make(&t, profiles[i], true, true);
		for (size_t len = 0; len < 40; len++) {
			uint8_t *p = malloc(
				len ? len : 1); /* on the heap: a read beyond the end shows */
			memset(p, 0, len ? len : 1);
			size_t n = len;
			p[0] = 0x80;
			assert_int_not_equal(srtp_open(t.b, p, &n), OK);
			n = len;
			p[0] = 0x80;
			assert_int_not_equal(srtp_open_rtcp(t.b, p, &n), OK);
			free(p);
		}
		drop(&t);
	}
}

static void cm_32_is_left_to_libsrtp(void **state)
{
	struct srtp_keys k = { .profile = SRTP_PROFILE_CM_32 };
	struct srtp *s;
	(void)state;
	assert_int_equal(srtp_new(&s, fast, &k), ERR_UNSUPPORTED);
	assert_int_equal(srtp_new(&s, SRTP_AUTO, &k), OK);
	uint8_t p[100] = { 0x80 }, out[200];
	assert_int_equal(seal(s, p, 12, 100, 0, out), 104);
	srtp_free(s);
	k.profile = 99;
	assert_int_equal(srtp_new(&s, SRTP_AUTO, &k), ERR_UNSUPPORTED);
}

/* A packet of a source that seals for itself, as seen by the other end. */
static enum err hears(struct two *t, uint32_t ssrc, uint64_t index, uint8_t keep[60], size_t *kept)
{
	uint8_t p[20] = { 0x80 }, out[60];
	wr16(p + 2, (uint16_t)index);
	wr32(p + 8, ssrc);
	struct rtp_parts parts = parts_of(p, 12, 20, index);
	size_t n = srtp_seal(t->a, &parts, out);
	assert_true(n > 0);
	srtp_forget(t->a, ssrc);
	if (keep) {
		memcpy(keep, out, n);
		*kept = n;
	}
	return srtp_open(t->b, out, &n);
}

/* A client that makes tracks and lets them go has new SSRCs without end. */
static void sources_that_come_in_are_bounded_and_never_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct two t;
		uint8_t first[60], again[60];
		size_t len, n;
		make(&t, SRTP_PROFILE_GCM_128, false, i);
		assert_int_equal(hears(&t, 1, 10, first, &len), OK);
		for (uint32_t ssrc = 2; ssrc <= 5 * SRTP_MAX_SSRCS; ssrc++) {
			assert_int_equal(hears(&t, ssrc, 10, NULL, NULL), OK);
			if (ssrc % 100 == 0) /* one goes on all the time */
				assert_int_equal(hears(&t, 2000000, ssrc, NULL, NULL), OK);
			n = len; /* whether it is kept or given up, it is not heard again */
			memcpy(again, first, len);
			assert_int_equal(srtp_open(t.b, again, &n), ERR_EXISTS);
		}
		drop(&t);
	}
}

static void sources_that_go_out_are_bounded(void **state)
{
	struct two t;
	uint8_t p[20] = { 0x80 }, out[60];
	(void)state;
	make(&t, SRTP_PROFILE_GCM_128, true, true);
	for (uint32_t ssrc = 1; ssrc <= SRTP_MAX_SSRCS + 1; ssrc++) {
		wr32(p + 8, ssrc);
		struct rtp_parts parts = parts_of(p, 12, 20, 0);
		assert_int_equal(srtp_seal(t.a, &parts, out) != 0, ssrc <= SRTP_MAX_SSRCS);
	}
	drop(&t);
}

/* ---- indices ---- */

static size_t seal_index(struct srtp *s, uint32_t ssrc, uint64_t index, bool again, char fill_with)
{
	uint8_t p[60] = { 0x80, 96 }, out[100];
	wr16(p + 2, (uint16_t)index);
	wr32(p + 8, ssrc);
	memset(p + 12, fill_with, sizeof(p) - 12);
	struct rtp_parts parts = parts_of(p, 12, sizeof(p), index);
	parts.again = again;
	return srtp_seal(s, &parts, out);
}

static void each_index_is_sealed_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) { /* each profile, by the fast engine and the reference */
		struct two t;
		make(&t, profiles[i / 2], i % 2, true);
		assert_true(seal_index(t.a, 7, 1000, false, 'a'));
		assert_false(seal_index(t.a, 7, 1000, false, 'b'));
		assert_true(seal_index(t.a, 7, 1000, true, 'a')); /* proven to be the same */
		assert_true(seal_index(t.a, 7, 1010, false, 'a'));
		assert_true(seal_index(t.a, 7, 1005, false, 'a')); /* late, for the first time */
		assert_false(seal_index(t.a, 7, 1005, false, 'a'));
		assert_true(seal_index(t.a, 7, 1010 + REPLAY_WINDOW, false, 'a'));
		assert_false(seal_index(t.a, 7, 1010, false, 'a')); /* too old to tell */
		assert_false(seal_index(t.a, 7, 1010, true, 'a'));
		assert_true(seal_index(t.a, 7, 1011, false, 'a')); /* the oldest that can be told */
		assert_true(seal_index(t.a, 8, 1000, false, 'a')); /* another source */
		drop(&t);
	}
}

static void no_index_is_far_ahead(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct two t;
		make(&t, SRTP_PROFILE_GCM_128, i, true);
		assert_true(seal_index(t.a, 7, 10, false, 'a'));
		assert_false(seal_index(t.a, 7, 11 + SEAL_AHEAD, false, 'a'));
		assert_true(seal_index(t.a, 7, 10 + SEAL_AHEAD, false, 'a'));
		drop(&t);
	}
}

/* An index of a round long past, as a guess from 16 bits would take it for a new one. */
static void a_round_later_nothing_is_sealed_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct two t;
		make(&t, SRTP_PROFILE_GCM_128, i, true);
		for (uint64_t index = 500; index < 140000; index += SEAL_AHEAD / 2)
			assert_true(seal_index(t.a, 7, index, false, 'a'));
		assert_false(seal_index(t.a, 7, 500, false, 'b'));
		assert_false(seal_index(t.a, 7, 65536 + 500, false, 'b'));
		drop(&t);
	}
}

/* Under new keys a stream goes on with its numbers; the peer counts its rounds from the beginning.
 */
static void rounds_begin_with_zero_under_every_key(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct two t;
		uint8_t p[1500], sealed[1600];
		make(&t, profiles[i / 2], i % 2, i % 2 == 0);
		for (uint64_t index = 5 * 65536 + 100; index < 9 * 65536; index += 9000) {
			size_t len, header = random_packet(p, &len, 7, (uint16_t)index);
			size_t n = seal(t.a, p, header, len, index, sealed);
			assert_int_equal(srtp_open(t.b, sealed, &n), OK);
			assert_memory_equal(sealed, p, len);
		}
		assert_false(seal_index(t.a, 7, 4 * 65536 + 100, false, 'a')); /* of before */
		drop(&t);
	}
}

static void sources_that_are_forgotten_make_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct two t;
		make(&t, SRTP_PROFILE_GCM_128, i, true);
		for (uint32_t ssrc = 1; ssrc <= 3 * SRTP_MAX_SSRCS; ssrc++) {
			assert_true(seal_index(t.a, ssrc, 10, false, 'a'));
			assert_false(seal_index(t.a, ssrc, 10, false, 'b'));
			if (ssrc > 5) /* some stay */
				srtp_forget(t.a, ssrc);
		}
		for (uint32_t ssrc = 1; ssrc <= 5; ssrc++) {
			assert_false(seal_index(t.a, ssrc, 10, false, 'b'));
			assert_true(seal_index(t.a, ssrc, 11, false, 'b'));
		}
		srtp_forget(t.a, 4711); /* never heard of */
		drop(&t);
	}
}

static void window_tells_old_from_new(void **state)
{
	struct replays t = { 0 };
	(void)state;
	struct replay *r = replay_make(&t, 1);
	replay_mark(r, 1000);
	replay_mark(r, 1000 + REPLAY_WINDOW - 1);
	assert_true(replay_seen(r, 1000));
	assert_false(replay_seen(r, 1001));
	assert_true(replay_seen(r, 999)); /* too old to tell */
	replay_mark(r, 5000);
	assert_false(replay_seen(r, 4999));
	assert_int_equal(replay_guess(r, 4000), 4000);
	replay_mark(r, 65000);
	assert_int_equal(replay_guess(r, 10), 65536 + 10);
	replay_mark(r, 65536 + 10);
	assert_int_equal(replay_guess(r, 65000), 65000);
	assert_null(replay_get(&t, 2));
	replays_clear(&t);
}

int main(void)
{
	srandom(20261124);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_engines_write_the_same_bytes),
		cmocka_unit_test(batches_of_any_size_write_the_same_bytes),
		cmocka_unit_test(a_tag_waits_for_its_batch),
		cmocka_unit_test(a_batch_survives_the_owners_of_its_keys),
		cmocka_unit_test(a_batch_that_is_given_up_touches_nothing),
		cmocka_unit_test(both_engines_judge_a_bad_network_alike),
		cmocka_unit_test(packets_cross_both_ways_over_many_roll_overs),
		cmocka_unit_test(rtcp_crosses_and_replays_are_refused),
		cmocka_unit_test(refuses_what_is_too_short),
		cmocka_unit_test(cm_32_is_left_to_libsrtp),
		cmocka_unit_test(sources_that_come_in_are_bounded_and_never_refused),
		cmocka_unit_test(sources_that_go_out_are_bounded),
		cmocka_unit_test(each_index_is_sealed_once),
		cmocka_unit_test(no_index_is_far_ahead),
		cmocka_unit_test(a_round_later_nothing_is_sealed_again),
		cmocka_unit_test(rounds_begin_with_zero_under_every_key),
		cmocka_unit_test(sources_that_are_forgotten_make_room),
		cmocka_unit_test(window_tells_old_from_new),
	};
	fast = SRTP_EVP;
	int failed = cmocka_run_group_tests_name("OpenSSL", tests, NULL, NULL);
	fast = SRTP_IPSEC_MB;
	if (srtp_has(fast))
		failed += cmocka_run_group_tests_name("libipsec-mb", tests, NULL, NULL);
	return failed;
}
