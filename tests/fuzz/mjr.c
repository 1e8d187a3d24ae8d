/* SPDX-License-Identifier: Apache-2.0 */
/* A file as an MJR recording: what is read lies in it, it comes to an end, and what was read is
 * written and read as the same. */
#include "fuzz.h"
#include <unistd.h>
#include "../../core/recorder/mjr.h"

static const uint8_t *file, *file_end;

static void lies_in_the_file(const uint8_t *at, size_t len)
{
	must(at >= file && at <= file_end && len <= (size_t)(file_end - at));
}

static uint64_t read_packets(struct mjr_reader *r)
{
	uint64_t bytes = 0;
	struct rec_packet p;
	enum err e;
	while ((e = mjr_read(r, &p)) != ERR_NOT_FOUND) {
		must(!e || e == ERR_INVALID);
		if (e)
			continue;
		lies_in_the_file(p.rtp, p.rtp_len);
		must(p.rtp_len >= 12 && p.payload + p.payload_len == p.rtp_len);
		must(p.is_empty == !p.payload_len);
		bytes += p.rtp_len;
	}
	return bytes;
}

static uint64_t read_messages(struct mjr_reader *r)
{
	uint64_t bytes = 0;
	const uint8_t *text;
	int64_t us;
	size_t len;
	enum err e;
	while ((e = mjr_read_data(r, &text, &len, &us)) != ERR_NOT_FOUND) {
		must(!e || e == ERR_INVALID);
		if (e)
			continue;
		lies_in_the_file(text, len);
		bytes += len;
	}
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mjr_head h, again;
	char why[200], *text;
	size_t len;
	uint64_t bytes;
	struct mjr_reader *r = mjr_open_bytes(data, size, &h, why, sizeof why);
	file = data;
	file_end = data + size;
	if (!r)
		return 0;
	if (!h.kind) {
		must(size == 8);
	} else {
		text = mjr_head_print(&h, &len);
		must(text && len < 65536 && mjr_head_parse(&again, text, len));
		must(again.kind == h.kind && again.began_us == h.began_us && again.e2ee == h.e2ee);
		must(!strcmp(again.fmtp, h.fmtp) && !strcmp(again.description, h.description));
		free(text);
	}
	bytes = h.kind == CARDEA_DATA ? read_messages(r) : read_packets(r);
	must(bytes + mjr_stats(r)->lost <= size);
	must(mjr_progress(r) == 1);
	mjr_close(r);
	return 0;
}
