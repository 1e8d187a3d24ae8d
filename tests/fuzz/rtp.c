/* SPDX-License-Identifier: Apache-2.0 */
/* Mutated RTP through the parser, the payload readers and the router. usage: rtp [rounds [seed]] */
#include "media.h"

static void read_all(const struct pkt *k, struct dd_templates *known)
{
	struct payload_info info;
	for (unsigned codec = 0; codec < CARDEA_N_CODECS; codec++) {
		uint8_t *exact =
			malloc(k->payload_len ? k->payload_len
					      : 1u); /* so that a read beyond the end is seen */
		if (!exact)
			abort();
		memcpy(exact, k->data + k->payload, k->payload_len);
		payload_look((enum cardea_codec_id)codec, exact, k->payload_len, exact,
			k->payload_len, &info);
		dd_look(known, exact, k->payload_len, &info);
		if (info.has_picture_id &&
			info.picture_id_off + 1u + info.picture_id_15bit > k->payload_len)
			media_die("picture id beyond the end");
		if (info.has_tl0 && info.tl0_off >= k->payload_len)
			media_die("TL0 beyond the end");
		free(exact);
	}
}

static void one(struct dd_templates *known)
{
	uint32_t slot = (uint32_t)mutate_below(MEDIA_PEERS);
	struct pkt *k = pkt_take(media_packets);
	if (!k)
		media_die("out of packets");
	k->len = (uint16_t)media_packet(slot, k->data, sizeof k->data);
	if (mutate_below(3))
		k->len = (uint16_t)mutate(k->data, k->len, sizeof k->data);
	k->at_us = media_now_us;
	if (!rtp_parse(k)) {
		if (rtp_header_len(k->data, k->len) != k->payload ||
			k->payload + k->payload_len > k->len)
			media_die("header and payload disagree");
		if (!mutate_below(4))
			read_all(k, known);
		router_rtp(media, slot, k, media_now_us);
	}
	pkt_drop(k);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	struct dd_templates known = { 0 };
	mutate_seed(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
	media_open();
	for (media_round = 0; media_round < rounds; media_round++) {
		one(&known);
		media_turn();
	}
	return media_close(rounds);
}
