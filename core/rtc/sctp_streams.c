/* SPDX-License-Identifier: Apache-2.0 */
/* Between usrsctp and the peer, where the number of streams is concerned; sctp.c asks for more. */
#include "sctp_streams.h"
#include <string.h>
#include <usrsctp.h>
#include "../rtp/rtp.h"

#define COMMON       12   /* header of a packet: ports, tag, checksum */
#define HEAD         4    /* of a chunk, and of a parameter */
#define INIT_LEN     2048 /* of a packet with INIT at most */
#define RESET_HEADER 16   /* of a request to reset streams, without their list */

enum {
	DATA = 0,
	INIT = 1,
	INIT_ACK = 2,
	COOKIE_ECHO = 10,
	COOKIE_ACK = 11,
	I_DATA = 64,
	RECONFIG = 130
};
/* Parameters of RECONFIG: RFC 6525, section 4. */
enum { RESET_OUT = 13, RESET_IN = 14, RESET_TSN = 15, RESPONSE = 16, ADD_OUT = 17, ADD_IN = 18 };
#define PERFORMED 1

void sctp_seal(uint8_t *packet, size_t len)
{
	memset(packet + 8, 0, 4);
	uint32_t crc = usrsctp_crc32c(packet, len);
	memcpy(packet + 8, &crc, sizeof(crc));
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* @return the chunk (or parameter) at @p at, NULL: none that is whole; *len without padding */
static uint8_t *item(uint8_t *packet, size_t at, size_t end, size_t *len)
{
	if (at + HEAD > end)
		return NULL;
	*len = rd16(packet + at + 2);
	return *len >= HEAD && *len <= end - at ? packet + at : NULL;
}

static void add32(uint8_t *at, uint32_t n)
{
	wr32(at, rd32(at) + n);
}

/* ---- from the peer ---- */

static bool is_sealed(const uint8_t *packet, size_t len)
{
	uint8_t copy[INIT_LEN];
	uint32_t crc;
	if (len > sizeof(copy))
		return false;
	memcpy(copy, packet, len);
	sctp_seal(copy, len);
	memcpy(&crc, copy + 8, sizeof(crc));
	return memcmp(packet + 8, &crc, sizeof(crc)) == 0;
}

uint32_t sctp_streams_init(const uint8_t *packet, size_t len)
{
	size_t n;
	const uint8_t *c = item((uint8_t *)packet, COMMON, len, &n);
	if (!c || c[0] != INIT || n < HEAD + 16 || COMMON + padded(n) != len)
		return 0;
	if (rd32(packet + 4) || !rd16(c + HEAD + 8) || !rd16(c + HEAD + 10))
		return 0;
	return is_sealed(packet, len) ? rd32(c + HEAD) : 0;
}

static void on_init(struct sctp_streams *s, uint8_t *c, size_t len)
{
	if (len < HEAD + 16)
		return;
	unsigned out = rd16(c + HEAD + 8), in = rd16(c + HEAD + 10);
	s->peer_out = out;
	s->peer_in = in < SCTP_STREAMS ? in : SCTP_STREAMS;
	s->n_in = out < SCTP_FIRST ? out : SCTP_FIRST;
	s->tags[c[0] == INIT_ACK] = rd32(c + HEAD);
	s->next[c[0] == INIT_ACK] = rd32(c + HEAD + 12); /* RFC 6525, 4.1: from the first TSN on */
	wr16(c + HEAD + 8, (uint16_t)s->n_in);
}

/* Its streams are there already; it cannot make us have more of ours. */
static void on_add(struct sctp_streams *s, uint8_t *p, size_t len, bool is_new)
{
	unsigned n = len >= HEAD + 6 ? rd16(p + HEAD + 4) : 0;
	bool is_fine = rd16(p) == ADD_OUT && s->peer_out + n <= SCTP_STREAMS;
	if (len < HEAD + 6)
		return;
	if (is_fine && is_new)
		s->peer_out += n;
	wr16(p + HEAD + 4, is_fine ? 0 : UINT16_MAX);
}

static void on_parameter(struct sctp_streams *s, uint8_t *p, size_t len)
{
	unsigned type = rd16(p);
	bool is_new = false;
	if (len < HEAD + 4)
		return;
	if (type == RESPONSE) {
		add32(p + HEAD, s->added_out);
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		if (rd32(p + HEAD) == s->next[i]) {
			s->next[i]++;
			is_new = true;
		}
	add32(p + HEAD, s->added_in);
	if (type == RESET_OUT && len >= HEAD + 8)
		add32(p + HEAD + 4, s->added_out);
	else if (type == ADD_OUT || type == ADD_IN)
		on_add(s, p, len, is_new);
}

unsigned sctp_streams_in(struct sctp_streams *s, uint8_t *packet, size_t len)
{
	unsigned highest = 0;
	bool is_changed = false;
	size_t n, m;
	uint8_t *c, *p;
	if (len < COMMON)
		return 0;
	memcpy(s->ports, packet, 4);
	memcpy(s->tag, packet + 4, 4);
	for (size_t at = COMMON; (c = item(packet, at, len, &n)); at += padded(n)) {
		if ((c[0] == DATA || c[0] == I_DATA) && n >= HEAD + 6 && rd16(c + 8) >= highest)
			highest = rd16(c + 8) + 1u;
		if (c[0] == INIT || c[0] == INIT_ACK)
			on_init(s, c, n);
		for (size_t in = at + HEAD; c[0] == RECONFIG && (p = item(packet, in, at + n, &m));
			in += padded(m))
			on_parameter(s, p, m);
		is_changed |= c[0] == INIT || c[0] == INIT_ACK || c[0] == RECONFIG;
	}
	if (is_changed)
		sctp_seal(packet, len);
	return highest;
}

size_t sctp_streams_begin(const uint8_t *packet, size_t len)
{
	size_t n;
	const uint8_t *c = item((uint8_t *)packet, COMMON, len, &n);
	if (!c || (c[0] != COOKIE_ECHO && c[0] != COOKIE_ACK) || COMMON + padded(n) >= len)
		return 0;
	return COMMON + padded(n);
}

/* ---- from usrsctp ---- */

/* @return false: the parameter is not for the peer */
static bool say_parameter(struct sctp_streams *s, uint8_t *p, size_t len)
{
	unsigned type = rd16(p);
	if (len < HEAD + 4)
		return true;
	if (type == RESPONSE && s->is_asking && rd32(p + HEAD) == s->asked && len >= HEAD + 8) {
		s->result = rd32(p + HEAD + 4);
		return false;
	}
	if (type == ADD_OUT) {
		s->request = rd32(p + HEAD);
		s->has_request = true;
		return false;
	}
	if (type == RESPONSE) {
		add32(p + HEAD, -s->added_in);
		return true;
	}
	add32(p + HEAD, -s->added_out);
	if (type == RESET_OUT && len >= HEAD + 8)
		add32(p + HEAD + 4, -s->added_in);
	return true;
}

/* The chunk at @p at, of @p n bytes. @return bytes of it that stay */
static size_t say_reconfig(struct sctp_streams *s, uint8_t *packet, size_t at, size_t n)
{
	size_t in = at + HEAD, end = at + n, m;
	uint8_t *p;
	while ((p = item(packet, in, end, &m))) {
		size_t size = in + padded(m) < end ? padded(m) : end - in;
		if (say_parameter(s, p, m)) {
			in += size;
			continue;
		}
		memmove(p, p + size, end - in - size);
		end -= size;
	}
	wr16(packet + at + 2, (uint16_t)(end - at));
	return end - at > HEAD ? end - at : 0;
}

size_t sctp_streams_out(struct sctp_streams *s, uint8_t *packet, size_t len)
{
	size_t at = COMMON, n;
	bool is_changed = false;
	uint8_t *c;
	while ((c = item(packet, at, len, &n))) {
		size_t size = at + padded(n) < len ? padded(n) : len - at, stays = n;
		if ((c[0] == INIT || c[0] == INIT_ACK) && n >= HEAD + 16) {
			wr16(c + HEAD + 8, SCTP_STREAMS);
			wr16(c + HEAD + 10, SCTP_STREAMS);
			is_changed = true;
		} else if (c[0] == RECONFIG) {
			stays = say_reconfig(s, packet, at, n);
			is_changed = true;
		}
		if (padded(stays) < size) {
			memmove(c + padded(stays), c + size, len - at - size);
			len -= size - padded(stays);
		}
		at += padded(stays);
	}
	if (is_changed)
		sctp_seal(packet, len);
	return len > COMMON ? len : 0;
}

/* ---- in the peer's name ---- */

static uint8_t *begin(const struct sctp_streams *s, uint8_t *out, unsigned type)
{
	memset(out, 0, SCTP_STREAMS_PACKET);
	memcpy(out, s->ports, 4);
	memcpy(out + 4, s->tag, 4);
	out[COMMON] = RECONFIG;
	wr16(out + COMMON + 2, HEAD + 12);
	wr16(out + COMMON + HEAD, (uint16_t)type);
	wr16(out + COMMON + HEAD + 2, 12);
	return out + COMMON + 2 * HEAD;
}

void sctp_streams_ask(
	struct sctp_streams *s, unsigned n, unsigned n_try, uint8_t out[SCTP_STREAMS_PACKET])
{
	uint8_t *at = begin(s, out, ADD_OUT);
	s->asked = s->next[n_try] + s->added_in;
	s->is_asking = true;
	s->result = 0;
	wr32(at, s->asked);
	wr16(at + 4, (uint16_t)n);
	sctp_seal(out, COMMON + HEAD + 12);
}

size_t sctp_streams_grant(struct sctp_streams *s, uint8_t out[SCTP_STREAMS_PACKET])
{
	uint8_t *at = begin(s, out, RESPONSE);
	wr32(at, s->request);
	wr32(at + 4, PERFORMED);
	sctp_seal(out, COMMON + HEAD + 12);
	s->has_request = false;
	s->added_out++;
	return COMMON + HEAD + 12;
}

/* ---- long requests ---- */

static bool is_long(const struct sctp_streams *s, const uint8_t *p, size_t len)
{
	return rd16(p) == RESET_OUT && len > RESET_HEADER + 2 * SCTP_RESET_MAX &&
	       (rd32(p + HEAD) == s->next[0] || rd32(p + HEAD) == s->next[1]);
}

/* @return the first long request, NULL: none; *at: where its chunk begins */
static uint8_t *find_long(const struct sctp_streams *s, uint8_t *packet, size_t len, size_t *at)
{
	size_t n, m;
	uint8_t *c, *p;
	for (*at = COMMON; (c = item(packet, *at, len, &n)); *at += padded(n))
		for (size_t in = *at + HEAD;
			c[0] == RECONFIG && (p = item(packet, in, *at + n, &m)); in += padded(m))
			if (is_long(s, p, m))
				return p;
	return NULL;
}

size_t sctp_streams_part(
	struct sctp_streams *s, uint8_t *packet, size_t len, uint8_t out[SCTP_RESET_BYTES])
{
	enum { PARAMETER = RESET_HEADER + 2 * SCTP_RESET_MAX };
	size_t at;
	const uint8_t *p = len > COMMON ? find_long(s, packet, len, &at) : NULL;
	if (!p)
		return 0;
	memcpy(out, packet, COMMON);
	memcpy(out + COMMON, packet + at, HEAD);
	wr16(out + COMMON + 2, HEAD + PARAMETER);
	memcpy(out + COMMON + HEAD, p, PARAMETER);
	wr16(out + COMMON + HEAD + 2, PARAMETER);
	s->asked = rd32(p + HEAD) + s->added_in;
	s->is_asking = true;
	s->result = 0;
	wr32(out + COMMON + 2 * HEAD, s->asked);
	add32(out + COMMON + 3 * HEAD, s->added_out);
	sctp_seal(out, SCTP_RESET_BYTES);
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
