/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram as an RTP packet: its header and the extensions in it. What was read is written again,
 * and read as the same. */
#include "fuzz.h"
#include "../../core/rtp/rtp.h"

static struct pkt k, again;

static void check_fields(const uint8_t *data, size_t len)
{
	must(k.payload == rtp_header_len(data, len));
	must(k.payload >= RTP_HEADER && k.payload + k.payload_len <= k.len);
	must(k.pt < 128 && k.ssrc == rd32(data + 8) && k.seq == rd16(data + 2));
	for (unsigned id = 0; id < 16; id++) {
		if (!k.ext_off[id]) {
			must(!k.ext_len[id]);
			continue;
		}
		must(id && id < 15);
		must(k.ext_off[id] > RTP_HEADER && k.ext_off[id] + k.ext_len[id] <= k.payload);
	}
}

/* In as much room as there may be, and in just enough. */
static void write_again(void)
{
	struct rtp_out h = {
		.pt = k.pt, .marker = k.marker, .seq = k.seq, .ts = k.ts, .ssrc = k.ssrc
	};
	for (unsigned id = 1; id < 15; id++)
		if (k.ext_off[id]) {
			h.ext[h.n_ext].id = (uint8_t)id;
			h.ext[h.n_ext].len = k.ext_len[id];
			h.ext[h.n_ext++].data = k.data + k.ext_off[id];
		}
	size_t n = rtp_write(again.data, sizeof again.data, &h);
	must(n && n % 4 == 0);
	uint8_t *exact = malloc(n);
	must(exact && rtp_write(exact, n, &h) == n && !memcmp(exact, again.data, n));
	must(!rtp_write(exact, n - 1, &h));
	free(exact);
	again.len = (uint16_t)n;
	must(rtp_parse(&again) == OK);
	must(again.payload == n && !again.payload_len);
	must(again.pt == k.pt && again.marker == k.marker && again.seq == k.seq &&
		again.ts == k.ts && again.ssrc == k.ssrc);
	for (unsigned id = 1; id < 15; id++) {
		must(again.ext_len[id] == k.ext_len[id] && !again.ext_off[id] == !k.ext_off[id]);
		must(!memcmp(
			again.data + again.ext_off[id], k.data + k.ext_off[id], k.ext_len[id]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > PKT_CAP)
		return 0;
	size_t header = rtp_header_len(data, size);
	must(header <= size);
	memcpy(k.data, data, size);
	k.len = (uint16_t)size;
	fuzz_poison(k.data + size, PKT_CAP - size);
	enum err e = rtp_parse(&k);
	if (!e) {
		check_fields(data, size);
		write_again();
	}
	fuzz_unpoison(k.data, PKT_CAP);
	must(!memcmp(k.data, data, size)); /* a reader changes nothing */
	must(header || e);
	return 0;
}
