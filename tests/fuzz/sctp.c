/* SPDX-License-Identifier: Apache-2.0 */
/* SCTP packets on their way from a peer and to it, where the numbers of streams and of requests are
 * changed in them, and what is too much is not heard: pieces of the input, each behind a byte that
 * says which way, or what we ask for. */
#include "fuzz.h"
#include <usrsctp.h>
#include "../../core/rtc/sctp_held.h"
#include "../../core/rtc/sctp_limits.h"
#include "../../core/rtc/sctp_streams.h"
#include "../../core/rtp/rtp.h"

/* Do the chunks come to an end where the packet does? */
static bool is_whole(const uint8_t *packet, size_t len)
{
	size_t at = SCTP_COMMON;
	while (at + 4 <= len && rd16(packet + at + 2) >= 4)
		at += (rd16(packet + at + 2) + 3u) & ~3u;
	return at == len;
}

static struct sctp_held held;

static void check_held(void)
{
	unsigned n = 0, len = 0;
	for (unsigned i = 0; i < held.n_ahead; i++) {
		n += held.ahead[i].flags != 0;
		len += held.ahead[i].flags ? held.ahead[i].len : 0;
	}
	must(n == held.n && len == held.ahead_len);
	must(held.is_abused || held.run <= 2 << 20);
}

/* A long request, piece by piece. */
static size_t shorten(struct sctp_streams *st, uint8_t *packet, size_t len)
{
	uint8_t part[SCTP_RESET_BYTES];
	size_t n;
	while ((n = sctp_streams_part(st, packet, len, part))) {
		must(n == sizeof(part) && is_whole(part, n));
		bool was_whole = is_whole(packet, len);
		size_t cut = sctp_streams_cut(st, packet, len);
		must(cut + 2 * SCTP_RESET_MAX == len && is_whole(packet, cut) == was_whole);
		len = cut;
	}
	return len;
}

static void control(struct sctp_streams *st, const uint8_t *data, size_t len)
{
	uint8_t *exact = fuzz_copy(data, len);
	bool was_whole = is_whole(exact, len);
	sctp_held_control(&held, exact, len);
	len = shorten(st, exact, len);
	sctp_streams_is_ours(st, exact, len);
	sctp_streams_in(st, exact, len);
	must(st->n_in <= SCTP_STREAMS && st->peer_in <= SCTP_STREAMS);
	must(is_whole(exact, len) == was_whole);
	free(exact);
}

static void data_of(const uint8_t *data, size_t len, bool is_full)
{
	uint8_t *exact = fuzz_copy(data, len);
	bool was_whole = is_whole(exact, len);
	must(sctp_streams_used(exact, len) <= 65536);
	sctp_held_data(&held, exact, len, is_full);
	must(is_whole(exact, len) == was_whole);
	free(exact);
	check_held();
	if (sctp_held_wonders(&held))
		sctp_held_look(&held, (unsigned)len, (unsigned)len * 8);
}

static void from_peer(struct sctp_streams *st, const uint8_t *data, size_t len, bool is_full)
{
	uint8_t apart[SCTP_PACKET], *exact;
	size_t all = len;
	if (len < SCTP_COMMON || len > SCTP_PACKET)
		return;
	exact = fuzz_copy(data, len);
	sctp_streams_init(exact, len);
	sctp_seal(exact, len);
	must(sctp_is_sealed(exact, len));
	size_t n = sctp_split(exact, &len, apart);
	must((len ? len : SCTP_COMMON) + (n ? n : SCTP_COMMON) <= all + SCTP_COMMON);
	if (len)
		control(st, exact, len);
	if (n)
		data_of(apart, n, is_full);
	free(exact);
}

static void to_peer(struct sctp_streams *st, const uint8_t *data, size_t len)
{
	if (len < SCTP_COMMON)
		return; /* usrsctp says no such thing */
	uint8_t *exact = fuzz_copy(data, len);
	size_t n = sctp_streams_out(st, exact, len);
	must(n <= len);
	if (n)
		sctp_held_out(&held, exact, n, len * 64);
	check_held();
	if (n && is_whole(data, len))
		must(is_whole(exact, n));
	free(exact);
}

static void ask(struct sctp_streams *st, unsigned op, unsigned n)
{
	uint8_t out[SCTP_STREAMS_PACKET];
	if (op & 1) {
		sctp_streams_ask(st, n, op >> 1 & 1, out);
		must(is_whole(out, SCTP_STREAMS_ASK));
	} else if (st->has_request) {
		must(sctp_streams_grant(st, out) == SCTP_STREAMS_ASK);
		must(is_whole(out, SCTP_STREAMS_ASK) && !st->has_request);
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
	sctp_held_end(&held);
	return 0;
}
