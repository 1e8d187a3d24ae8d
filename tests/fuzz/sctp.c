/* SPDX-License-Identifier: Apache-2.0 */
/* SCTP packets on their way from a peer and to it, where the numbers of streams and of requests are
 * changed in them, and what is too much is not heard: pieces of the input, each behind a byte that
 * says which way, or what we ask for. */
#include "fuzz.h"
#include <usrsctp.h>
#include "../../core/rtc/sctp_held.h"
#include "../../core/rtc/sctp_streams.h"
#include "../../core/rtp/rtp.h"

#define COMMON 12

/* Do the chunks come to an end where the packet does? */
static bool is_whole(const uint8_t *packet, size_t len)
{
	size_t at = COMMON;
	while (at + 4 <= len && rd16(packet + at + 2) >= 4)
		at += (rd16(packet + at + 2) + 3u) & ~3u;
	return at == len;
}

static bool is_sealed(const uint8_t *packet, size_t len)
{
	uint8_t *copy = fuzz_copy(packet, len);
	sctp_seal(copy, len);
	bool same = !memcmp(copy, packet, len);
	free(copy);
	return same;
}

static struct sctp_held held;

static void check_held(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < SCTP_AHEAD; i++)
		n += held.ahead[i].flags != 0;
	must(n == held.n);
	must(held.is_abused || held.run <= 2 << 20);
}

static void hold(uint8_t *packet, const uint8_t *was, size_t len, bool is_full)
{
	bool is_changed = sctp_held_in(&held, packet, len, is_full);
	must(is_changed == !!memcmp(packet, was, len));
	if (is_changed)
		sctp_seal(packet, len);
	check_held();
}

/* A long request, piece by piece. */
static size_t shorten(struct sctp_streams *st, uint8_t *packet, size_t len)
{
	uint8_t part[SCTP_RESET_BYTES];
	size_t n;
	while ((n = sctp_streams_part(st, packet, len, part))) {
		must(n == sizeof(part) && is_whole(part, n) && is_sealed(part, n));
		bool was_whole = is_whole(packet, len);
		size_t cut = sctp_streams_cut(st, packet, len);
		must(cut + 2 * SCTP_RESET_MAX == len && is_whole(packet, cut) == was_whole);
		len = cut;
	}
	return len;
}

static void from_peer(struct sctp_streams *st, const uint8_t *data, size_t len, bool is_full)
{
	uint8_t *exact = fuzz_copy(data, len);
	bool was_whole = len >= COMMON && is_whole(data, len);
	hold(exact, data, len, is_full);
	len = shorten(st, exact, len);
	unsigned highest = sctp_streams_in(st, exact, len);
	must(highest <= 65536);
	must(st->n_in <= SCTP_STREAMS && st->peer_in <= SCTP_STREAMS);
	if (len >= COMMON) {
		must(is_whole(exact, len) == was_whole);
		must(!memcmp(exact, data, len) || is_sealed(exact, len));
	}
	must(sctp_streams_begin(exact, len) <= len);
	free(exact);
}

static void to_peer(struct sctp_streams *st, const uint8_t *data, size_t len)
{
	if (len < COMMON)
		return; /* usrsctp says no such thing */
	uint8_t *exact = fuzz_copy(data, len);
	size_t n = sctp_streams_out(st, exact, len);
	must(n <= len);
	if (n && sctp_held_out(&held, exact, n, len * 64))
		sctp_seal(exact, n);
	check_held();
	if (n && is_whole(data, len))
		must(is_whole(exact, n));
	if (n && (n != len || memcmp(exact, data, n)))
		must(is_sealed(exact, n));
	free(exact);
}

static void ask(struct sctp_streams *st, unsigned op, unsigned n)
{
	uint8_t out[SCTP_STREAMS_PACKET];
	if (op & 1) {
		sctp_streams_ask(st, n, op >> 1 & 1, out);
		must(is_sealed(out, SCTP_STREAMS_ASK) && is_whole(out, SCTP_STREAMS_ASK));
	} else if (st->has_request) {
		must(sctp_streams_grant(st, out) == SCTP_STREAMS_ASK);
		must(is_sealed(out, SCTP_STREAMS_ASK) && !st->has_request);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	usrsctp_init_nothreads(0, NULL, NULL); /* the table of its checksum */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	struct sctp_streams st = { 0 };
	sctp_held_begin(&held);
	while (!script_over(&s)) {
		unsigned op = script_8(&s);
		size_t len = script_8(&s);
		if (op & 8) {
			ask(&st, op, (unsigned)len);
			continue;
		}
		if (op & 4)
			len *= 8;
		const uint8_t *at = script_bytes(&s, &len);
		if (op & 1)
			to_peer(&st, at, len);
		else
			from_peer(&st, at, len, op & 2);
	}
	return 0;
}
