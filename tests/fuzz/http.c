/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of an HTTP connection, read whole and in pieces as the network may cut them. The first byte
 * of the input says how large those are, the second how long bodies may be.
 * - What is read is the same, however it came; of two faults, a wrong character and too much, the
 *   one that is seen first may be another.
 * - Reading goes on to the end, or stops for good with a status of its own.
 * - No field, path or method has an end of line or a NUL in it; nothing is longer than the limits
 * say.
 * - A path is one, and what is decoded of it fits. */
#include "fuzz.h"
#include "../../core/web/head.h"
#include "../../core/web/http.h"
#include "../../core/web/query.h"
#include <cardea/transport.h>

struct reading {
	struct http *http;
	size_t limit;
	uint32_t hash; /* of all that was seen */
	unsigned n_heads, n_whole;
	bool has_body;
	bool is_over; /* nothing follows */
};

static void see(struct reading *r, const char *text)
{
	must(!text[strcspn(text, "\r\n")]);
	r->hash = r->hash * 31 + fuzz_hash(text, strlen(text)) + 1;
}

static void see_fields(struct reading *r, const struct head *h)
{
	must(h->n <= HEAD_FIELDS && h->len <= HEAD_MAX);
	for (unsigned i = 0; i < h->n; i++) {
		const char *name = h->text + h->fields[i].name,
			   *value = h->text + h->fields[i].value;
		must(*name && head_get(h, name));
		must(!*value || (*value != ' ' && value[strlen(value) - 1] != ' '));
		see(r, name);
		see(r, value);
		head_lists(h, name, "upgrade");
	}
}

static void see_head(struct reading *r, const struct head *h)
{
	char path[256], value[16];
	unsigned at = 0;
	see(r, h->method);
	see(r, head_target(h));
	must(strlen(head_target(h)) <= HEAD_TARGET);
	if (head_path(h, path, sizeof path)) {
		must(path[0] == '/' && strlen(path) < sizeof path);
		r->hash = r->hash * 31 + fuzz_hash(path, strlen(path)); /* "%0a" may be in it */
	}
	must(strlen(head_query(h)) <= strlen(head_target(h)));
	if (cardea_web_query(head_query(h), "a", value, sizeof value))
		must(strlen(value) < sizeof value);
	see_fields(r, h);
	must(h->is_1_0 || head_each(h, "Host", &at)); /* which may be empty */
}

static void see_whole(struct reading *r)
{
	size_t len;
	const char *body = http_body(r->http, &len);
	must(len <= r->limit && !body[len] && !http_is_within(r->http));
	must(r->has_body || !len);
	if (!http_is_over(r->http))
		r->hash = r->hash * 31 + fuzz_hash(body, len);
	r->hash += http_is_over(r->http);
	r->n_whole++;
	r->is_over = !http_keeps_alive(r->http);
	http_forget(r->http);
}

static void read_piece(struct reading *r, const uint8_t *data, size_t len)
{
	uint8_t *exact = fuzz_copy(data, len);
	const char *at = (const char *)exact, *end = at + len;
	while (!r->is_over) {
		enum http_step step = http_read(r->http, &at, &len);
		must(at + len == end);
		if (step == READ_MORE) {
			must(!len);
			break;
		}
		if (step == READ_HEAD) {
			must(++r->n_heads == r->n_whole + 1 && http_is_within(r->http));
			see_head(r, http_head(r->http));
			r->has_body = http_has_body(r->http);
			http_take(r->http, r->limit);
		} else if (step == READ_WHOLE) {
			see_whole(r);
		} else {
			int status = http_status(r->http);
			must(status == 400 || status == 413 || status == 414 || status == 431 ||
				status == 501 || status == 505);
			if (status == 413 || status == 414 || status == 431)
				status = 400;
			r->hash = r->hash * 31 + (unsigned)status;
			r->is_over = true;
		}
	}
	free(exact);
}

/** @param piece bytes at a time, at most; 0: all */
static struct reading read_all(const uint8_t *data, size_t size, size_t limit, uint8_t piece)
{
	struct reading r = { .http = http_create(), .limit = limit };
	uint32_t random = piece;
	must(r.http);
	while (size && !r.is_over) {
		size_t len =
			piece ? 1 + (random = random * 1103515245 + 12345) / 65536 % piece : size;
		if (len > size)
			len = size;
		read_piece(&r, data, len);
		data += len;
		size -= len;
	}
	http_free(r.http);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct reading whole = read_all(data + 2, size - 2, data[1] * 16u, 0);
	struct reading pieces = read_all(data + 2, size - 2, data[1] * 16u, data[0] ? data[0] : 1);
	must(whole.hash == pieces.hash && whole.n_heads == pieces.n_heads &&
		whole.n_whole == pieces.n_whole);
	return 0;
}
