/* SPDX-License-Identifier: Apache-2.0 */
/* Payload descriptors of every codec, redundant audio, and dependency descriptors one after
 * another: pieces of the input, each behind a byte of length. */
#include "fuzz.h"
#include "../../core/rtp/payload.h"

static void check_info(const struct payload_info *info, size_t len)
{
	must(info->temporal >= -1 && info->temporal <= 7);
	must(info->spatial >= -1 && info->spatial <= 7);
	if (info->has_picture_id) {
		must(info->picture_id_off + 1u + info->picture_id_15bit <= len);
		must(info->picture_id < (info->picture_id_15bit ? 0x8000 : 0x80));
	}
	if (info->has_tl0)
		must(info->tl0_off < len);
}

static void look(const uint8_t *exact, size_t len)
{
	static const struct payload_info nothing = { .temporal = -1, .spatial = -1 };
	for (unsigned codec = 0; codec < CARDEA_N_CODECS; codec++) {
		struct payload_info plain, described;
		payload_look((enum cardea_codec_id)codec, exact, len, NULL, 0, &plain);
		check_info(&plain, len);
		if (!len)
			must(!memcmp(&plain, &nothing, sizeof plain));
		payload_look((enum cardea_codec_id)codec, exact, len, exact, len, &described);
		check_info(&described, len);
		must(described.has_picture_id == plain.has_picture_id &&
			described.has_tl0 == plain.has_tl0);
	}
}

static void describe(struct dd_templates *known, const uint8_t *exact, size_t len)
{
	struct payload_info info, before;
	memset(&info, 0x55, sizeof info);
	before = info;
	if (!dd_look(known, exact, len, &info)) {
		must(!memcmp(&info, &before, sizeof info));
		return;
	}
	must(known->n && known->n <= 64 && known->offset < 64);
	must(info.temporal >= 0 && info.temporal <= 7);
	must(info.spatial >= 0 && info.spatial <= 3);
	must(!info.is_keyframe || !info.spatial);
}

/* Its blocks fill what is behind their headers. */
static void check_blocks(const uint8_t *exact, size_t len, uint16_t newest)
{
	struct red_block blocks[RED_BLOCKS];
	unsigned n = red_blocks(exact, len, blocks);
	must(n >= 1 && n <= RED_BLOCKS);
	for (unsigned i = 0; i + 1 < n; i++)
		must(blocks[i].bytes + blocks[i].len == blocks[i + 1].bytes);
	must(blocks[n - 1].bytes == exact + newest && !blocks[n - 1].before);
	must(blocks[n - 1].bytes + blocks[n - 1].len == exact + len);
}

/* Redundant audio can be renumbered, and that undone. */
static void take_apart(const uint8_t *exact, size_t len)
{
	uint8_t pt = len ? *exact & 0x7f : 0, *copy;
	uint16_t newest = red_look(exact, len, pt);
	must(!newest || newest < len);
	must(!newest || !red_look(exact, len, pt ^ 1));
	if (!newest)
		return;
	check_blocks(exact, len, newest);
	copy = fuzz_copy(exact, len);
	must(red_renumber(copy, pt ^ 1) == pt);
	must(red_look(copy, len, pt ^ 1) == newest);
	must(red_renumber(copy, pt) == (pt ^ 1) && !memcmp(copy, exact, len));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	struct dd_templates known = { 0 };
	while (!script_over(&s)) {
		size_t len = script_8(&s);
		const uint8_t *at = script_bytes(&s, &len);
		uint8_t *exact = fuzz_copy(at, len);
		look(exact, len);
		describe(&known, exact, len);
		take_apart(exact, len);
		free(exact);
	}
	return 0;
}
