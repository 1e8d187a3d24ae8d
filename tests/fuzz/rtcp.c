/* SPDX-License-Identifier: Apache-2.0 */
/* Mutated RTCP through the walker and the router, with media under way for it to be about. usage:
 * rtcp [rounds [seed]] */
#include "media.h"

static void media_flows(uint32_t slot)
{
	struct pkt *k = pkt_take(media_packets);
	if (!k)
		media_die("out of packets");
	k->len = (uint16_t)media_packet(slot, k->data, sizeof k->data);
	k->at_us = media_now_us;
	if (rtp_parse(k))
		media_die("good packet refused");
	router_rtp(media, slot, k, media_now_us);
	pkt_drop(k);
}

static size_t compound(uint32_t slot, uint8_t *data, size_t size)
{
	struct rtcp_buf b = { data, 0, size, false };
	uint32_t out = 0x100 * (slot + 1) + (uint32_t)mutate_below(2),
		 in = 0x5000 + 16 * slot + (uint32_t)mutate_below(10);
	struct rtcp_block block = { out, (uint8_t)mutate_next(), (int32_t)mutate_below(100),
		(uint32_t)mutate_next(), (uint32_t)mutate_next(), (uint32_t)mutate_next(),
		(uint32_t)mutate_below(70000) };
	uint16_t seqs[5];
	int64_t at_us[40];
	for (unsigned i = 0; i < 5; i++)
		seqs[i] = (uint16_t)((i ? seqs[i - 1] : (uint16_t)mutate_next() & 0x7fff) + 1 +
				     mutate_below(20));
	for (unsigned i = 0; i < 40; i++)
		at_us[i] = mutate_below(4) ? media_now_us + i * (int64_t)mutate_below(100000) : -1;
	rtcp_put_sr(&b, in, mutate_next(), (uint32_t)mutate_next(), 1, 1, &block, 1);
	rtcp_put_sdes(&b, in, "somebody");
	switch (mutate_below(7)) {
	case 0:
	case 1:
		rtcp_put_nack(&b, in, out, seqs, 5);
		break;
	case 2:
		rtcp_put_pli(&b, in, out);
		break;
	case 3:
		rtcp_put_fir(&b, in, out, (uint8_t)mutate_next());
		break;
	case 4:
		rtcp_put_remb(&b, in, mutate_next() >> mutate_below(64), &out, 1);
		break;
	case 5:
		rtcp_put_twcc(&b, in, out, (uint16_t)mutate_next(), at_us, 40, 1);
		break;
	default:
		rtcp_put_bye(&b, in);
		break;
	}
	return b.len;
}

static void one(void)
{
	uint32_t slot = (uint32_t)mutate_below(MEDIA_PEERS);
	uint8_t data[1500], *exact;
	size_t len = compound(slot, data, sizeof data);
	if (rtcp_walk(data, len, media_ignore, NULL))
		media_die("good compound refused");
	if (mutate_below(3))
		len = mutate(data, len, sizeof data);
	exact = malloc(len + 1); /* so that a read beyond the end is seen */
	if (!exact)
		abort();
	memcpy(exact + 1, data, len);
	rtcp_walk(exact + 1, len, media_ignore, NULL);
	router_rtcp(media, slot, exact + 1, len, media_now_us);
	free(exact);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	mutate_seed(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
	media_open();
	for (media_round = 0; media_round < rounds; media_round++) {
		media_flows((uint32_t)mutate_below(MEDIA_PEERS));
		one();
		media_turn();
	}
	return media_close(rounds);
}
