/* SPDX-License-Identifier: Apache-2.0 */
#include "dtls_partial.h"
#include <stdlib.h>
#include <string.h>

#define MESSAGES 12          /* unfinished ones at a time … */
#define ROOM     (40u << 10) /* … and their bytes: what is oldest makes room */

static size_t size_of(const struct dtls_partial *m)
{
	return sizeof(*m) + DTLS_PARTIAL_FRONT + m->len + (m->len + 7) / 8;
}

void dtls_partials_take(struct dtls_partials *p, struct dtls_partial **at)
{
	struct dtls_partial *m = *at;
	*at = m->next;
	p->n--;
	p->n_bytes -= size_of(m);
}

void dtls_partials_drop(struct dtls_partials *p, struct dtls_partial **at)
{
	struct dtls_partial *m = *at;
	dtls_partials_take(p, at);
	free(m);
}

static void wr24(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 16);
	wr16(at + 1, (uint16_t)v);
}

static bool has(const struct dtls_partial *m, uint32_t i)
{
	return m->seen[i / 8] >> i % 8 & 1;
}

static bool agrees(const struct dtls_partial *m, uint32_t from, const uint8_t *data, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (has(m, from + i) && m->bytes[DTLS_PARTIAL_FRONT + from + i] != data[i])
			return false;
	return true;
}

static void fill(struct dtls_partial *m, uint32_t from, const uint8_t *data, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++) {
		m->got += !has(m, i);
		m->seen[i / 8] |= (uint8_t)(1u << i % 8);
	}
	memcpy(m->bytes + DTLS_PARTIAL_FRONT + from, data, n);
}

static struct dtls_partial *add_message(
	struct dtls_partials *p, const uint8_t *header, uint32_t datagram)
{
	struct dtls_partial model = { .len = dtls_rd24(header + 1), .type = header[0] }, *m;
	size_t size = size_of(&model);
	while (p->n == MESSAGES || (p->n && p->n_bytes + size > ROOM)) {
		struct dtls_partial **at = &p->first;
		while ((*at)->next)
			at = &(*at)->next;
		dtls_partials_drop(p, at);
	}
	if (!(m = calloc(1, size)))
		return NULL;
	*m = model;
	m->seq = rd16(header + 4);
	m->seen = m->bytes + DTLS_PARTIAL_FRONT + m->len;
	m->id = ++p->last_id;
	m->datagram = datagram;
	m->next = p->first;
	p->first = m;
	p->n++;
	p->n_bytes += size;
	return m;
}

/* What the peer says again is its own more likely than what is older. */
static void to_front(struct dtls_partials *p, struct dtls_partial **at)
{
	struct dtls_partial *m = *at;
	*at = m->next;
	m->next = p->first;
	p->first = m;
}

/* Which of those that contradict each other is the peer's will show. */
void dtls_partials_put(struct dtls_partials *p, const uint8_t *at, uint32_t datagram)
{
	uint32_t len = dtls_rd24(at + 1), from = dtls_rd24(at + 6), n = dtls_rd24(at + 9);
	bool is_known = false;
	for (struct dtls_partial **m = &p->first, **next; *m; m = next) {
		next = &(*m)->next;
		if ((*m)->seq != rd16(at + 4) || (*m)->type != at[0] || (*m)->len != len ||
			!agrees(*m, from, at + DTLS_MESSAGE_HEADER, n))
			continue;
		fill(*m, from, at + DTLS_MESSAGE_HEADER, n);
		if (m != &p->first)
			next = m;
		to_front(p, m);
		is_known = true;
	}
	struct dtls_partial *m = is_known ? NULL : add_message(p, at, datagram);
	if (m)
		fill(m, from, at + DTLS_MESSAGE_HEADER, n);
}

void dtls_partial_head(struct dtls_partial *m)
{
	uint8_t *at = m->bytes + DTLS_RECORD_HEADER;
	at[0] = m->type;
	wr24(at + 1, m->len);
	wr16(at + 4, m->seq);
	wr24(at + 6, 0);
	wr24(at + 9, m->len);
}

void dtls_partials_clear(struct dtls_partials *p)
{
	while (p->first)
		dtls_partials_drop(p, &p->first);
}
