/* SPDX-License-Identifier: Apache-2.0 */
/* Between dtls.c and OpenSSL: from datagrams that anybody may have sent to the records of a
 * handshake. */
#include "dtls_sieve.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "dtls_record.h"

#define HEADER      12 /* of a handshake message */
#define FRONT       (DTLS_RECORD_HEADER + HEADER)
#define MESSAGE_MAX (16384 - HEADER) /* a record's worth */
#define WINDOW      6                /* messages from the next one on: a flight has no more */
#define MESSAGES    12               /* unfinished ones at a time … */
#define ROOM        (40u << 10)      /* … and their bytes: what is oldest makes room */
#define TRIED       32               /* what did not go together, of the latest */
#define EARLY       4   /* encrypted records that came before the ChangeCipherSpec … */
#define EARLY_MAX   128 /* … such as a Finished */
#define CCS         20  /* content type */
#define DTLS_1_0    0xfeff
#define DTLS_1_2    0xfefd
#define FATAL       2

/* Types of handshake messages (RFC 5246, 7.4; RFC 6347, 4.3.2). */
enum {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	HELLO_VERIFY = 3,
	CERTIFICATE = 11,
	SERVER_KEY = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_DONE = 14,
	CERTIFICATE_VERIFY = 15,
	CLIENT_KEY = 16,
};

struct message {
	struct message *next; /* heard less recently */
	uint16_t seq, id;
	uint8_t type;
	uint32_t len, got;
	uint32_t datagram; /* in which it began */
	bool is_known;     /* a certificate of whom we expect */
	bool is_chosen;    /* proven by the signature of its flight */
	uint8_t *seen;     /* bit by byte */
	uint8_t bytes[];   /* FRONT, the message, and seen */
};
struct dtls_sieve {
	struct dtls_flight *flight;
	bool is_server, has_ccs, did_ccs, heard_alert;
	bool did_choose; /* the messages of the peer's flight */
	bool waits, saw_other;
	bool is_suspect; /* something came that no peer would send */
	uint32_t datagram;
	uint16_t tried[TRIED][DTLS_FLIGHT], n_tried; /* ids, by n_tried modulo TRIED */
	uint8_t last; /* type of the message handed on last, 0: none */
	uint16_t next_seq, next_id;
	uint64_t record_seq;
	struct message *messages, *given;
	unsigned n_messages;
	size_t n_bytes;
	const uint8_t *rest; /* of the datagram at hand: encrypted records */
	size_t rest_len;
	uint8_t early[EARLY][EARLY_MAX];
	uint8_t early_len[EARLY], n_early; /* by n_early modulo EARLY; 0: none */
	uint8_t ccs[DTLS_RECORD_HEADER + 1];
};

struct dtls_sieve *dtls_sieve_create(struct dtls_flight *flight, bool is_server)
{
	struct dtls_sieve *s = calloc(1, sizeof(*s));
	if (s) {
		s->flight = flight;
		s->is_server = is_server;
	}
	return s;
}

static size_t size_of(const struct message *m)
{
	return sizeof(*m) + FRONT + m->len + (m->len + 7) / 8;
}

static void unlink_message(struct dtls_sieve *s, struct message **at)
{
	struct message *m = *at;
	*at = m->next;
	s->n_messages--;
	s->n_bytes -= size_of(m);
}

static void drop_message(struct dtls_sieve *s, struct message **at)
{
	struct message *m = *at;
	unlink_message(s, at);
	free(m);
}

void dtls_sieve_destroy(struct dtls_sieve *s)
{
	if (!s)
		return;
	while (s->messages)
		drop_message(s, &s->messages);
	free(s->given);
	free(s);
}

void dtls_sieve_skip(struct dtls_sieve *s)
{
	s->next_seq = 1;
	s->record_seq++;
}

bool dtls_sieve_began(const struct dtls_sieve *s)
{
	return s->last != 0;
}

bool dtls_sieve_did_choose(const struct dtls_sieve *s)
{
	return s->did_choose;
}

bool dtls_sieve_heard_alert(const struct dtls_sieve *s)
{
	return s->heard_alert;
}

bool dtls_sieve_waits(const struct dtls_sieve *s)
{
	return s->waits;
}

bool dtls_sieve_saw_other(const struct dtls_sieve *s)
{
	return s->saw_other;
}

void dtls_sieve_reconsider(struct dtls_sieve *s)
{
	s->datagram++;
	for (struct message *m = s->messages; m; m = m->next)
		m->is_known = false;
	s->rest_len = 0;
}

/* ---- fragments to messages ---- */

static uint32_t rd24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | rd16(at + 1);
}

static void wr24(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 16);
	wr16(at + 1, (uint16_t)v);
}

static bool has(const struct message *m, uint32_t i)
{
	return m->seen[i / 8] >> i % 8 & 1;
}

static bool agrees(const struct message *m, uint32_t from, const uint8_t *data, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (has(m, from + i) && m->bytes[FRONT + from + i] != data[i])
			return false;
	return true;
}

static void fill(struct message *m, uint32_t from, const uint8_t *data, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++) {
		m->got += !has(m, i);
		m->seen[i / 8] |= (uint8_t)(1u << i % 8);
	}
	memcpy(m->bytes + FRONT + from, data, n);
}

static struct message *add_message(struct dtls_sieve *s, const uint8_t *header)
{
	struct message model = { .len = rd24(header + 1), .type = header[0] }, *m;
	size_t size = size_of(&model);
	while (s->n_messages == MESSAGES || (s->n_messages && s->n_bytes + size > ROOM)) {
		struct message **at = &s->messages;
		while ((*at)->next)
			at = &(*at)->next;
		drop_message(s, at);
	}
	if (!(m = calloc(1, size)))
		return NULL;
	*m = model;
	m->seq = rd16(header + 4);
	m->seen = m->bytes + FRONT + m->len;
	m->id = ++s->next_id;
	m->datagram = s->datagram;
	m->next = s->messages;
	s->messages = m;
	s->n_messages++;
	s->n_bytes += size;
	return m;
}

/* What the peer repeats is its own more likely than what is older. */
static void to_front(struct dtls_sieve *s, struct message **at)
{
	struct message *m = *at;
	*at = m->next;
	m->next = s->messages;
	s->messages = m;
}

/* Before our own flight there is nothing to answer. */
static bool is_early(const struct dtls_sieve *s, const uint8_t *header)
{
	return s->is_server && !s->last &&
	       (header[0] != CLIENT_HELLO || rd16(header + 4) != s->next_seq);
}

/* A fragment goes to all that it does not contradict: which of them is the peer's will show. */
static void on_fragment(struct dtls_sieve *s, const uint8_t *at, uint32_t n)
{
	uint32_t len = rd24(at + 1), from = rd24(at + 6);
	uint16_t ahead = (uint16_t)(rd16(at + 4) - s->next_seq);
	bool is_known = false;
	if (ahead > INT16_MAX) /* sent before */
		return;
	if (ahead >= WINDOW || len > MESSAGE_MAX || from > len || n > len - from || (len && !n) ||
		is_early(s, at)) {
		s->is_suspect = true;
		return;
	}
	for (struct message **m = &s->messages, **next; *m; m = next) {
		next = &(*m)->next;
		if ((*m)->seq != rd16(at + 4) || (*m)->type != at[0] || (*m)->len != len ||
			!agrees(*m, from, at + HEADER, n))
			continue;
		fill(*m, from, at + HEADER, n);
		if (m != &s->messages)
			next = m;
		to_front(s, m);
		is_known = true;
	}
	struct message *m = is_known ? NULL : add_message(s, at);
	if (m)
		fill(m, from, at + HEADER, n);
}

static void on_handshake(struct dtls_sieve *s, const uint8_t *body, size_t len)
{
	while (len >= HEADER) {
		uint32_t n = rd24(body + 9);
		if (n > len - HEADER)
			return;
		on_fragment(s, body, n);
		body += HEADER + n;
		len -= HEADER + n;
	}
}

static void on_clear(struct dtls_sieve *s, uint8_t type, const uint8_t *body, size_t len)
{
	if (type == DTLS_CONTENT_HANDSHAKE)
		on_handshake(s, body, len);
	else if (type == CCS && len == 1 && body[0] == 1)
		s->has_ccs = !s->is_server || s->last;
	else
		s->is_suspect = true;
	s->heard_alert |= type == DTLS_CONTENT_ALERT && len == 2 && body[0] == FATAL;
}

/* @return bytes of the record at the front, 0: no further record */
static size_t record_len(const uint8_t *at, size_t len)
{
	if (len < DTLS_RECORD_HEADER || rd16(at + 11) > len - DTLS_RECORD_HEADER)
		return 0;
	return DTLS_RECORD_HEADER + (size_t)rd16(at + 11);
}

void dtls_sieve_put(struct dtls_sieve *s, const uint8_t *datagram, size_t len)
{
	size_t n;
	s->rest = datagram;
	s->rest_len = len;
	s->datagram++;
	for (const uint8_t *at = datagram; (n = record_len(at, len)); at += n, len -= n)
		if (at[1] == DTLS_1_2 >> 8 && !rd16(at + 3) && !s->did_ccs)
			on_clear(s, at[0], at + DTLS_RECORD_HEADER, n - DTLS_RECORD_HEADER);
}

/* ---- messages to records ---- */

/* We ask clients for a certificate, and give no tickets. */
static bool may_follow(const struct dtls_sieve *s, uint8_t type)
{
	switch (type) {
	case CLIENT_HELLO:
		return s->is_server && !s->last;
	case CERTIFICATE:
		return s->last == (s->is_server ? CLIENT_HELLO : SERVER_HELLO);
	case CLIENT_KEY:
		return s->is_server && s->last == CERTIFICATE;
	case CERTIFICATE_VERIFY:
		return s->last == CLIENT_KEY;
	case HELLO_VERIFY:
		return !s->is_server && !s->last;
	case SERVER_HELLO:
		return !s->is_server && (!s->last || s->last == HELLO_VERIFY);
	case SERVER_KEY:
		return !s->is_server && s->last == CERTIFICATE;
	case CERTIFICATE_REQUEST:
		return s->last == SERVER_KEY;
	case SERVER_DONE:
		return s->last == SERVER_KEY || s->last == CERTIFICATE_REQUEST;
	default:
		return false;
	}
}

static void put_header(
	struct dtls_sieve *s, uint8_t *at, uint8_t type, uint16_t version, size_t len)
{
	at[0] = type;
	wr16(at + 1, version);
	wr64(at + 3, s->record_seq++); /* of epoch 0 */
	wr16(at + 11, (uint16_t)len);
}

/* The headers of a whole message. */
static void head(struct message *m)
{
	uint8_t *at = m->bytes + DTLS_RECORD_HEADER;
	at[0] = m->type;
	wr24(at + 1, m->len);
	wr16(at + 4, m->seq);
	wr24(at + 6, 0);
	wr24(at + 9, m->len);
}

static const uint8_t *give(struct dtls_sieve *s, struct message *m, size_t *len)
{
	head(m);
	put_header(s, m->bytes, DTLS_CONTENT_HANDSHAKE,
		m->type == CLIENT_HELLO ? DTLS_1_0 : DTLS_1_2, HEADER + m->len);
	s->last = m->type;
	s->next_seq++;
	s->given = m;
	*len = FRONT + m->len;
	return m->bytes;
}

/* ---- the flight that a signature holds together ---- */

static const uint8_t *parts_of(const struct dtls_sieve *s)
{
	static const uint8_t client[] = { CERTIFICATE, CLIENT_KEY, CERTIFICATE_VERIFY },
			     server[] = { SERVER_HELLO, CERTIFICATE, SERVER_KEY };
	return s->is_server ? client : server;
}

static struct dtls_message whole(struct message *m)
{
	head(m);
	return (struct dtls_message){ m->bytes + DTLS_RECORD_HEADER, HEADER + m->len };
}

static bool is_part(const struct dtls_sieve *s, const struct message *m, unsigned i)
{
	return m->type == parts_of(s)[i] && m->got == m->len &&
	       m->seq == (uint16_t)(s->next_seq + i);
}

/* @return @p m or the first behind it that may be part @p i */
static struct message *find_part(const struct dtls_sieve *s, struct message *m, unsigned i)
{
	while (m && !is_part(s, m, i))
		m = m->next;
	return m;
}

/* Certificates of others go. @return is there one of whom we expect? */
static bool know_certificates(struct dtls_sieve *s)
{
	unsigned i = s->is_server ? 0 : 1;
	bool found = false;
	for (struct message **at = &s->messages, *m; (m = *at);) {
		if (is_part(s, m, i)) {
			const struct dtls_message c = whole(m);
			s->waits = !dtls_flight_is_expecting(s->flight);
			if (s->waits)
				return false;
			m->is_known = m->is_known || dtls_flight_knows(s->flight, &c);
			found |= m->is_known;
			if (!m->is_known) {
				s->saw_other = s->is_suspect = true;
				drop_message(s, at);
				continue;
			}
		}
		at = &m->next;
	}
	return found;
}

static bool did_try(const struct dtls_sieve *s, struct message *const *m)
{
	for (unsigned i = 0; i < TRIED && i < s->n_tried; i++)
		if (s->tried[i][0] == m[0]->id && s->tried[i][1] == m[1]->id &&
			s->tried[i][2] == m[2]->id)
			return true;
	return false;
}

static bool try_parts(struct dtls_sieve *s, struct message *const *m)
{
	const struct dtls_message parts[] = { whole(m[0]), whole(m[1]), whole(m[2]) };
	if (did_try(s, m) || !dtls_flight_may_try(s->flight))
		return false;
	for (unsigned i = 0; i < DTLS_FLIGHT; i++)
		s->tried[s->n_tried % TRIED][i] = m[i]->id;
	s->n_tried++;
	if (!dtls_flight_proves(s->flight, parts))
		return false;
	for (unsigned i = 0; i < DTLS_FLIGHT; i++)
		m[i]->is_chosen = true;
	return s->did_choose = true;
}

/* @return the only message of that number, NULL: there is none, or another one */
static struct message *only(const struct dtls_sieve *s, unsigned i)
{
	struct message *found = NULL;
	for (struct message *m = s->messages; m; m = m->next) {
		if (m->seq != (uint16_t)(s->next_seq + i))
			continue;
		if (found)
			return NULL;
		found = m;
	}
	return found && is_part(s, found, i) && found->datagram == s->datagram ? found : NULL;
}

/* Is it all of a client's flight, in one datagram with its certificate, and came nothing strange
 * before? Then OpenSSL may find out, once for the two of us: to write that takes to see what is
 * written here, and who does can as well speak to the client, who has no such proof yet. */
static bool is_plain(struct dtls_sieve *s)
{
	struct message *m[DTLS_FLIGHT];
	if (!s->is_server || s->is_suspect)
		return false;
	for (unsigned i = 0; i < DTLS_FLIGHT; i++)
		if (!(m[i] = only(s, i)))
			return false;
	const struct dtls_message certificate = whole(m[0]);
	if (!dtls_flight_is_usual(&certificate))
		return false;
	for (unsigned i = 0; i < DTLS_FLIGHT; i++)
		m[i]->is_chosen = true;
	return s->did_choose = true;
}

/* Of all that came in place of each the latest first: in the flight that has just come they are
 * together. */
static void choose(struct dtls_sieve *s)
{
	struct message *m[DTLS_FLIGHT];
	if (!know_certificates(s) || is_plain(s))
		return;
	for (m[0] = s->messages; (m[0] = find_part(s, m[0], 0)); m[0] = m[0]->next)
		for (m[1] = s->messages; (m[1] = find_part(s, m[1], 1)); m[1] = m[1]->next)
			for (m[2] = s->messages; (m[2] = find_part(s, m[2], 2)); m[2] = m[2]->next)
				if (try_parts(s, m))
					return;
}

static bool wants_proof(uint8_t type)
{
	switch (type) {
	case CLIENT_HELLO:
	case HELLO_VERIFY:
	case CERTIFICATE_REQUEST:
	case SERVER_DONE:
		return false;
	default:
		return true;
	}
}

/* What is behind, or complete and out of place, is of no use any more. */
static const uint8_t *next_message(struct dtls_sieve *s, size_t *len)
{
	struct message **at = &s->messages;
	if (!s->did_choose && may_follow(s, parts_of(s)[0]))
		choose(s);
	while (*at) {
		struct message *m = *at;
		bool is_due = m->seq == s->next_seq && m->got == m->len;
		if (is_due && may_follow(s, m->type) && (m->is_chosen || !wants_proof(m->type))) {
			unlink_message(s, at);
			return give(s, m, len);
		}
		if ((is_due && !may_follow(s, m->type)) ||
			(uint16_t)(m->seq - s->next_seq) >= WINDOW)
			drop_message(s, at);
		else
			at = &m->next;
	}
	return NULL;
}

static const uint8_t *next_early(struct dtls_sieve *s, size_t *len)
{
	for (unsigned i = 0; i < EARLY; i++)
		if ((*len = s->early_len[i])) {
			s->early_len[i] = 0;
			return s->early[i];
		}
	return NULL;
}

static void keep_early(struct dtls_sieve *s, const uint8_t *record, size_t len)
{
	unsigned i = s->n_early++ % EARLY;
	if (len > EARLY_MAX)
		return;
	memcpy(s->early[i], record, len);
	s->early_len[i] = (uint8_t)len;
}

static const uint8_t *next_encrypted(struct dtls_sieve *s, size_t *len)
{
	while ((*len = record_len(s->rest, s->rest_len))) {
		const uint8_t *at = s->rest;
		s->rest += *len;
		s->rest_len -= *len;
		if (rd16(at + 1) != DTLS_1_2 || rd16(at + 3) != 1)
			continue;
		if (s->did_ccs)
			return at;
		if (!s->is_server || s->last)
			keep_early(s, at, *len);
	}
	return NULL;
}

static bool ccs_is_due(const struct dtls_sieve *s)
{
	return s->has_ccs && !s->did_ccs &&
	       s->last == (s->is_server ? CERTIFICATE_VERIFY : SERVER_DONE);
}

const uint8_t *dtls_sieve_next(struct dtls_sieve *s, size_t *len)
{
	const uint8_t *out = NULL;
	free(s->given);
	s->given = NULL;
	if (!s->did_ccs && (out = next_message(s, len)))
		return out;
	if (ccs_is_due(s)) {
		s->did_ccs = true;
		put_header(s, s->ccs, CCS, DTLS_1_2, 1);
		s->ccs[DTLS_RECORD_HEADER] = 1;
		*len = sizeof(s->ccs);
		return s->ccs;
	}
	if (s->did_ccs && (out = next_early(s, len)))
		return out;
	return next_encrypted(s, len);
}
