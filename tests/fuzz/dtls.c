/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS between two ends of ours, and somebody in the middle who does what the input says: passes
 * datagrams on, loses, doubles, exchanges and spoils them, and adds some of his own, before there
 * are keys and behind that. An even first byte: the record layer alone, under keys known before. */
#include "fuzz.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/dtls_record.h"
#include "../../core/rtp/rtp.h"

#define MTU      1200
#define QUEUE    64
#define MESSAGES 256
#define BURST    64  /* datagrams that one may cause */
#define CHECK    100 /* bytes that are taken to have come before a handshake: see core/rtc/dtls.c */

enum { CLIENT, SERVER };

/* What is under way to an end. */
struct datagram {
	size_t len;
	uint8_t data[MTU];
};
static struct wire {
	struct datagram of[QUEUE];
	unsigned n;
} wires[2];

static struct end {
	struct dtls *d;
	enum dtls_state state;
	unsigned n_said, n_heard, n_caused;
	size_t got, sent; /* bytes */
	bool did_close, is_proven;
	bool heard[MESSAGES]; /* of the messages of the other end */
} ends[2];
static bool were_compared;
static struct dtls_ctx *ctx;

static void on_send(void *arg, const uint8_t *data, size_t len)
{
	struct end *e = arg;
	struct wire *w = &wires[e == &ends[CLIENT] ? SERVER : CLIENT];
	must(len && len <= MTU && ++e->n_caused <= BURST);
	e->sent += len;
	if (w->n == QUEUE)
		return; /* lost */
	w->of[w->n].len = len;
	memcpy(w->of[w->n++].data, data, len);
}

/* Only what the other end said, as it said it, and once. */
static void on_data(void *arg, const uint8_t *data, size_t len)
{
	struct end *e = arg, *other = &ends[e == &ends[CLIENT] ? SERVER : CLIENT];
	must(len >= 2 && rd16(data) < other->n_said && !e->heard[rd16(data)]);
	e->heard[rd16(data)] = true;
	e->n_heard++;
	for (size_t i = 2; i < len; i++)
		must(data[i] == (uint8_t)len);
}

static const struct dtls_ops ops = { .send = on_send, .data = on_data };

static void compare(void)
{
	struct srtp_keys c, s;
	if (were_compared || ends[CLIENT].state != DTLS_UP || ends[SERVER].state != DTLS_UP)
		return;
	were_compared = true;
	must(dtls_keys(ends[CLIENT].d, &c) && dtls_keys(ends[SERVER].d, &s));
	must(c.profile == s.profile);
	must(!memcmp(c.send, s.recv, sizeof c.send) && !memcmp(c.recv, s.send, sizeof c.recv));
}

/* Who is only spoken to by the one in the middle is put off with little, and nobody's word but the
 * other end's closes an association. */
static void check_end(const struct end *e, const struct end *other)
{
	if (e == &ends[SERVER] && !e->is_proven)
		must(e->sent <= 3 * (e->got + CHECK));
	if (e->state == DTLS_ALERT)
		must(other->did_close || other->state == DTLS_BROKEN || other->state == DTLS_ALERT);
}

static void deliver(unsigned to, const uint8_t *data, size_t len)
{
	struct end *e = &ends[to];
	if (e->state == DTLS_ALERT || e->state == DTLS_BROKEN)
		return; /* its owner has let it go */
	uint8_t *exact = fuzz_copy(data, len);
	bool was_up = e->state == DTLS_UP;
	e->n_caused = 0;
	e->got += len;
	e->state = dtls_input(e->d, exact, len);
	must(!was_up || e->state != DTLS_SHAKING);
	free(exact);
	check_end(e, &ends[!to]);
	compare();
}

static void take_out(struct wire *w, unsigned i)
{
	memmove(&w->of[i], &w->of[i + 1], (w->n - i - 1) * sizeof *w->of);
	w->n--;
}

/* Deliver the first one, perhaps changed. It stays when @p again. */
static void pass_on(struct script *s, unsigned to, bool again, bool spoilt)
{
	struct wire *w = &wires[to];
	struct datagram d;
	unsigned which = again || spoilt ? script_8(s) : 0, at;
	if (!w->n)
		return;
	d = w->of[which %= w->n];
	if (!again)
		take_out(w, which);
	if (spoilt) {
		at = script_16(s);
		if (at & 0x8000)
			d.len = at % d.len;
		else
			d.data[at % d.len] ^= script_8(s);
	}
	ends[to].is_proven = true; /* it may be a cookie returned */
	deliver(to, d.data, d.len);
}

static void shake(void)
{
	struct script none = script_of((const uint8_t *)"", 0);
	for (unsigned i = 0; i < 64 && (wires[CLIENT].n || wires[SERVER].n); i++)
		pass_on(&none, wires[SERVER].n ? SERVER : CLIENT, false, false);
}

static void say(struct script *s, struct end *e)
{
	uint8_t out[1000];
	size_t len = 2u + script_8(s) * 3u;
	if (e->state != DTLS_UP || e->n_said == MESSAGES)
		return;
	wr16(out, (uint16_t)e->n_said);
	memset(out + 2, (uint8_t)len, len - 2);
	e->n_caused = 0;
	if (dtls_send(e->d, out, len) == OK)
		e->n_said++;
}

static void inject(struct script *s, unsigned to)
{
	size_t len = script_16(s) % (MTU + 400);
	const uint8_t *at = script_bytes(s, &len);
	deliver(to, at, len);
}

static void one(struct script *s)
{
	unsigned op = script_8(s), to = op >> 7;
	struct end *e = &ends[to];
	switch (op & 15) {
	case 0:
	case 1:
	case 2:
		pass_on(s, to, false, false);
		break;
	case 3:
	case 4:
		pass_on(s, to, op & 1, true);
		break;
	case 5:
		pass_on(s, to, true, false);
		break;
	case 6:
		if (wires[to].n)
			take_out(&wires[to], 0);
		break;
	case 7:
		inject(s, to);
		break;
	case 8:
	case 9:
		say(s, e);
		break;
	case 10: /* before any data, as it is done: the record layer begins with an empty window */
		if (e->state == DTLS_UP && were_compared && !e->n_heard)
			must(dtls_settle(e->d) == OK || op & 0x40);
		break;
	case 11:
		if (e->state == DTLS_UP)
			dtls_close(e->d);
		e->did_close |= e->state == DTLS_UP;
		break;
	case 12:
		e->n_caused = 0;
		if (e->state == DTLS_SHAKING)
			e->state = dtls_tick(e->d);
		break;
	default:
		shake();
		break;
	}
}

static void handshake(struct script s)
{
	memset(ends, 0, sizeof ends);
	wires[0].n = wires[1].n = 0;
	were_compared = false;
	must(dtls_create(&ends[CLIENT].d, ctx, false, &ops, &ends[CLIENT]) == OK);
	must(dtls_create(&ends[SERVER].d, ctx, true, &ops, &ends[SERVER]) == OK);
	ends[CLIENT].state = dtls_start(ends[CLIENT].d);
	ends[SERVER].state = DTLS_SHAKING;
	while (!script_over(&s))
		one(&s);
	dtls_destroy(ends[CLIENT].d);
	dtls_destroy(ends[SERVER].d);
}

/* ---- the record layer alone ---- */

static struct dtls_record peer, ours;

static size_t seal(struct script *s, uint8_t *out)
{
	static const uint8_t types[] = { DTLS_CONTENT_DATA, DTLS_CONTENT_ALERT,
		DTLS_CONTENT_HANDSHAKE, 20 };
	size_t len = script_8(s), n;
	unsigned type = script_below(s, 4);
	const uint8_t *plain = script_bytes(s, &len);
	uint64_t skip = script_8(s);
	if (skip & 0x80)
		peer.seq_out -= skip & 15; /* as a record that is repeated, or overtaken */
	else
		peer.seq_out += skip & 0x40 ? skip << 9 : skip & 15;
	must((n = dtls_record_seal(&peer, types[type], plain, len, out)) ==
		len + DTLS_RECORD_OVERHEAD);
	return n;
}

/* All records of a datagram. @return those that were authentic */
static unsigned open_all(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_copy(data, size), *at = exact;
	size_t len = size;
	unsigned n = 0;
	struct dtls_plain plain;
	for (;;) {
		uint8_t *before = at;
		enum err e = dtls_record_open(&ours, &at, &len, &plain);
		must(at + len == exact + size);
		if (e == ERR_NOT_FOUND)
			break;
		must(at > before);
		must(e == OK || e == ERR_DENIED || e == ERR_EXISTS || e == ERR_INVALID);
		if (e)
			continue;
		must(plain.data >= before && plain.data + plain.len < at);
		n++;
	}
	free(exact);
	return n;
}

static void records(struct script s)
{
	static uint8_t out[4096];
	struct dtls_secrets secrets = {
		.digest = "SHA256", .key_len = 16, .seq_out = 1ULL << 48, .nonce_out = 7
	};
	must(dtls_record_init(&ours, &secrets) == OK);
	secrets.is_server = true;
	must(dtls_record_init(&peer, &secrets) == OK);
	peer.seq_out += 64; /* room to step back in */
	while (!script_over(&s)) {
		unsigned op = script_8(&s);
		size_t len = 0;
		if (op & 1) { /* not sealed by anybody */
			len = script_8(&s);
			const uint8_t *at = script_bytes(&s, &len);
			must(!open_all(at, len));
			continue;
		}
		len = seal(&s, out);
		if (op & 2)
			len += seal(&s, out + len);
		if (op & 4) { /* spoilt: at most the other record is good */
			out[script_16(&s) % len] ^= 1 + script_below(&s, 255);
			must(open_all(out, len) <= (op >> 1 & 1));
			continue;
		}
		open_all(out, len);
		must(!open_all(out, len)); /* all of it is a replay now */
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char why[256];
	(void)argc;
	(void)argv;
	must(dtls_ctx_create(&ctx, NULL, NULL, NULL, false, MTU, why) == OK);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > 8192)
		return 0;
	if (data[0] & 1)
		handshake(script_of(data + 1, size - 1));
	else
		records(script_of(data + 1, size - 1));
	return 0;
}
