/* SPDX-License-Identifier: Apache-2.0 */
/* Between usrsctp and the peer, where the number of streams is concerned; sctp.c asks for more. */
#include "sctp_streams.h"
#include <string.h>
#include "../rtp/rtp.h"
#include "sctp_limits.h"

#define RESET_HEADER       16 /* of a request to reset streams, without their list */
#define RECONFIG_PERFORMED 1

static void add32(uint8_t *at, uint32_t n)
{
	wr32(at, rd32(at) + n);
}

/* ---- from the peer ---- */

static bool is_sealed(const uint8_t *packet, size_t len)
{
	uint8_t copy[SCTP_PACKET];
	if (len > sizeof(copy))
		return false;
	memcpy(copy, packet, len);
	return sctp_is_sealed(copy, len);
}

uint32_t sctp_streams_init(const uint8_t *packet, size_t len)
{
	size_t n;
	const uint8_t *c = sctp_item((uint8_t *)packet, SCTP_COMMON, len, &n);
	if (!c || c[0] != CHUNK_INIT || n < SCTP_HEAD + 16 || SCTP_COMMON + sctp_padded(n) != len)
		return 0;
	if (rd32(packet + 4) || !rd16(c + SCTP_HEAD + 8) || !rd16(c + SCTP_HEAD + 10))
		return 0;
	return is_sealed(packet, len) ? rd32(c + SCTP_HEAD) : 0;
}

static void on_init(struct sctp_streams *s, uint8_t *c, size_t len)
{
	if (len < SCTP_HEAD + 16)
		return;
	unsigned out = rd16(c + SCTP_HEAD + 8), in = rd16(c + SCTP_HEAD + 10);
	s->peer_out = out;
	s->peer_in = in < SCTP_STREAMS ? in : SCTP_STREAMS;
	s->n_in = out < SCTP_FIRST ? out : SCTP_FIRST;
	s->tags[c[0] == CHUNK_INIT_ACK] = rd32(c + SCTP_HEAD);
	s->next[c[0] == CHUNK_INIT_ACK] =
		rd32(c + SCTP_HEAD + 12); /* RFC 6525, 4.1: from the first TSN on */
	wr16(c + SCTP_HEAD + 8, (uint16_t)s->n_in);
}

/* Its streams are there already; it cannot make us have more of ours. */
static void on_add(struct sctp_streams *s, uint8_t *p, size_t len, bool is_new)
{
	unsigned n = len >= SCTP_HEAD + 6 ? rd16(p + SCTP_HEAD + 4) : 0;
	bool is_fine = rd16(p) == RECONFIG_ADD_OUT && s->peer_out + n <= SCTP_STREAMS;
	if (len < SCTP_HEAD + 6)
		return;
	if (is_fine && is_new)
		s->peer_out += n;
	wr16(p + SCTP_HEAD + 4, is_fine ? 0 : UINT16_MAX);
}

static void on_parameter(struct sctp_streams *s, uint8_t *p, size_t len)
{
	unsigned type = rd16(p);
	bool is_new = false;
	if (len < SCTP_HEAD + 4)
		return;
	if (type == RECONFIG_RESPONSE) {
		add32(p + SCTP_HEAD, s->added_out);
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		if (rd32(p + SCTP_HEAD) == s->next[i]) {
			s->next[i]++;
			is_new = true;
		}
	add32(p + SCTP_HEAD, s->added_in);
	if (type == RECONFIG_RESET_OUT && len >= SCTP_HEAD + 8)
		add32(p + SCTP_HEAD + 4, s->added_out);
	else if (type == RECONFIG_ADD_OUT || type == RECONFIG_ADD_IN)
		on_add(s, p, len, is_new);
}

bool sctp_streams_is_ours(const struct sctp_streams *s, const uint8_t *packet, size_t len)
{
	if (len < SCTP_COMMON + SCTP_HEAD)
		return false;
	uint32_t tag = rd32(packet + 4);
	switch (packet[SCTP_COMMON]) {
	case CHUNK_INIT:
		return !tag;
	case CHUNK_COOKIE_ECHO: /* each INIT ACK of ours had a tag of its own */
	case CHUNK_ABORT:       /* it may be the peer's own */
	case CHUNK_SHUTDOWN_COMPLETE:
		return tag; /* usrsctp knows */
	default:
		return tag && (tag == s->own[0] || tag == s->own[1]);
	}
}

bool sctp_streams_is_up_with(const struct sctp_streams *s, const uint8_t *packet)
{
	return rd32(packet + 4) == s->own[1];
}

void sctp_streams_in(struct sctp_streams *s, uint8_t *packet, size_t len)
{
	size_t n, m;
	uint8_t *c, *p;
	memcpy(s->ports, packet, 4);
	memcpy(s->tag, packet + 4, 4);
	for (size_t at = SCTP_COMMON; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n)) {
		if (c[0] == CHUNK_INIT || c[0] == CHUNK_INIT_ACK)
			on_init(s, c, n);
		for (size_t in = at + SCTP_HEAD;
			c[0] == CHUNK_RECONFIG && (p = sctp_item(packet, in, at + n, &m));
			in += sctp_padded(m))
			on_parameter(s, p, m);
	}
}

unsigned sctp_streams_used(const uint8_t *data, size_t len)
{
	unsigned end = 0;
	size_t n;
	const uint8_t *c;
	for (size_t at = SCTP_COMMON; (c = sctp_item((uint8_t *)data, at, len, &n));
		at += sctp_padded(n))
		if (n >= SCTP_HEAD + 6 && rd16(c + 8) >= end)
			end = rd16(c + 8) + 1u;
	return end;
}

/* ---- from usrsctp ---- */

/* @return false: the parameter is not for the peer */
static bool say_parameter(struct sctp_streams *s, uint8_t *p, size_t len)
{
	unsigned type = rd16(p);
	if (len < SCTP_HEAD + 4)
		return true;
	if (type == RECONFIG_RESPONSE && s->is_asking && rd32(p + SCTP_HEAD) == s->asked &&
		len >= SCTP_HEAD + 8) {
		s->result = rd32(p + SCTP_HEAD + 4);
		return false;
	}
	if (type == RECONFIG_ADD_OUT) {
		s->request = rd32(p + SCTP_HEAD);
		s->has_request = true;
		return false;
	}
	if (type == RECONFIG_RESPONSE) {
		add32(p + SCTP_HEAD, -s->added_in);
		return true;
	}
	s->did_reset |= type == RECONFIG_RESET_OUT;
	add32(p + SCTP_HEAD, -s->added_out);
	if (type == RECONFIG_RESET_OUT && len >= SCTP_HEAD + 8)
		add32(p + SCTP_HEAD + 4, -s->added_in);
	return true;
}

/* The chunk at @p at, of @p n bytes. @return bytes of it that stay */
static size_t say_reconfig(struct sctp_streams *s, uint8_t *packet, size_t at, size_t n)
{
	size_t in = at + SCTP_HEAD, end = at + n, m;
	uint8_t *p;
	while ((p = sctp_item(packet, in, end, &m))) {
		size_t size = in + sctp_padded(m) < end ? sctp_padded(m) : end - in;
		if (say_parameter(s, p, m)) {
			in += size;
			continue;
		}
		memmove(p, p + size, end - in - size);
		end -= size;
	}
	wr16(packet + at + 2, (uint16_t)(end - at));
	return end - at > SCTP_HEAD ? end - at : 0;
}

size_t sctp_streams_out(struct sctp_streams *s, uint8_t *packet, size_t len)
{
	size_t at = SCTP_COMMON, n;
	uint8_t *c;
	while ((c = sctp_item(packet, at, len, &n))) {
		size_t size = at + sctp_padded(n) < len ? sctp_padded(n) : len - at, stays = n;
		if ((c[0] == CHUNK_INIT || c[0] == CHUNK_INIT_ACK) && n >= SCTP_HEAD + 16) {
			s->own[c[0] == CHUNK_INIT_ACK] = rd32(c + SCTP_HEAD);
			wr16(c + SCTP_HEAD + 8, SCTP_STREAMS);
			wr16(c + SCTP_HEAD + 10, SCTP_STREAMS);
		} else if (c[0] == CHUNK_COOKIE_ACK) {
			s->own[1] = rd32(s->tag); /* of the COOKIE ECHO at hand */
		} else if (c[0] == CHUNK_RECONFIG) {
			stays = say_reconfig(s, packet, at, n);
		}
		if (sctp_padded(stays) < size) {
			memmove(c + sctp_padded(stays), c + size, len - at - size);
			len -= size - sctp_padded(stays);
		}
		at += sctp_padded(stays);
	}
	return len > SCTP_COMMON ? len : 0;
}

/* ---- in the peer's name ---- */

static uint8_t *begin(const struct sctp_streams *s, uint8_t *out, unsigned type)
{
	memset(out, 0, SCTP_STREAMS_PACKET);
	memcpy(out, s->ports, 4);
	memcpy(out + 4, s->tag, 4);
	out[SCTP_COMMON] = CHUNK_RECONFIG;
	wr16(out + SCTP_COMMON + 2, SCTP_HEAD + 12);
	wr16(out + SCTP_COMMON + SCTP_HEAD, (uint16_t)type);
	wr16(out + SCTP_COMMON + SCTP_HEAD + 2, 12);
	return out + SCTP_COMMON + 2 * SCTP_HEAD;
}

void sctp_streams_ask(
	struct sctp_streams *s, unsigned n, unsigned n_try, uint8_t out[SCTP_STREAMS_PACKET])
{
	uint8_t *at = begin(s, out, RECONFIG_ADD_OUT);
	s->asked = s->next[n_try] + s->added_in;
	s->is_asking = true;
	s->result = 0;
	wr32(at, s->asked);
	wr16(at + 4, (uint16_t)n);
}

size_t sctp_streams_grant(struct sctp_streams *s, uint8_t out[SCTP_STREAMS_PACKET])
{
	uint8_t *at = begin(s, out, RECONFIG_RESPONSE);
	wr32(at, s->request);
	wr32(at + 4, RECONFIG_PERFORMED);
	s->has_request = false;
	s->added_out++;
	return SCTP_COMMON + SCTP_HEAD + 12;
}

/* ---- long requests ---- */

static bool is_long(const struct sctp_streams *s, const uint8_t *p, size_t len)
{
	return rd16(p) == RECONFIG_RESET_OUT && len > RESET_HEADER + 2 * SCTP_RESET_MAX &&
	       (rd32(p + SCTP_HEAD) == s->next[0] || rd32(p + SCTP_HEAD) == s->next[1]);
}

/* @return the first long request, NULL: none; *at: where its chunk begins */
static uint8_t *find_long(const struct sctp_streams *s, uint8_t *packet, size_t len, size_t *at)
{
	size_t n, m;
	uint8_t *c, *p;
	for (*at = SCTP_COMMON; (c = sctp_item(packet, *at, len, &n)); *at += sctp_padded(n))
		for (size_t in = *at + SCTP_HEAD;
			c[0] == CHUNK_RECONFIG && (p = sctp_item(packet, in, *at + n, &m));
			in += sctp_padded(m))
			if (is_long(s, p, m))
				return p;
	return NULL;
}

size_t sctp_streams_part(
	struct sctp_streams *s, uint8_t *packet, size_t len, uint8_t out[SCTP_RESET_BYTES])
{
	enum { PARAMETER = RESET_HEADER + 2 * SCTP_RESET_MAX };
	size_t at;
	const uint8_t *p = len > SCTP_COMMON ? find_long(s, packet, len, &at) : NULL;
	if (!p)
		return 0;
	memcpy(out, packet, SCTP_COMMON);
	memcpy(out + SCTP_COMMON, packet + at, SCTP_HEAD);
	wr16(out + SCTP_COMMON + 2, SCTP_HEAD + PARAMETER);
	memcpy(out + SCTP_COMMON + SCTP_HEAD, p, PARAMETER);
	wr16(out + SCTP_COMMON + SCTP_HEAD + 2, PARAMETER);
	s->asked = rd32(p + SCTP_HEAD) + s->added_in;
	s->is_asking = true;
	s->result = 0;
	wr32(out + SCTP_COMMON + 2 * SCTP_HEAD, s->asked);
	add32(out + SCTP_COMMON + 3 * SCTP_HEAD, s->added_out);
	return SCTP_RESET_BYTES;
}

size_t sctp_streams_cut(struct sctp_streams *s, uint8_t *packet, size_t len)
{
	enum { PART = 2 * SCTP_RESET_MAX };
	size_t at;
	uint8_t *p = find_long(s, packet, len, &at);
	uint8_t *list = p + RESET_HEADER;
	memmove(list, list + PART, (size_t)(packet + len - list) - PART);
	wr16(p + 2, (uint16_t)(rd16(p + 2) - PART));
	wr16(packet + at + 2, (uint16_t)(rd16(packet + at + 2) - PART));
	s->added_in++;
	return len - PART;
}

unsigned sctp_streams_growth(unsigned now, unsigned wanted, unsigned limit)
{
	unsigned n = 2 * now > wanted ? 2 * now : wanted;
	return (n < limit ? n : limit) - now;
}
