/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "../rtp/rtp.h"
#include "dtls.h"
#include "dtls_export.h"
#include "dtls_hello.h"
#include "dtls_noted.h"
#include "dtls_record.h"
#include "dtls_sieve.h"

#define REPEATS_MAX  10   /* of that, for who has our keys and still asks */
#define SENT_MAX     2048 /* bytes of a datagram */
#define RESTARTS_MAX 4    /* for ClientHellos with a cookie */
/* Answers to who has proven nothing yet are at most so many times what came (RFC 9147, 5.1). */
#define AMPLIFY 3
#define CHECK   100 /* bytes that came besides: the STUN check that made the path, at least */

struct dtls {
	struct dtls_ctx *ctx;
	SSL *ssl;                  /* NULL: dtls_settle() has put the record layer in its place */
	struct dtls_record record; /* of epoch 1; in use then */
	struct dtls_noted noted;   /* on what was sent, while there is ssl */
	uint8_t repeats;
	unsigned n_repeated; /* see dtls_repeated() */
	bool is_server, is_up, got_alert, did_close;
	bool was_heard; /* see dtls_heard() */
	bool is_proven; /* who is there gets what we send: no measure is needed */
	bool did_ask;   /* for a cookie, before anything else */
	uint8_t restarts;
	uint8_t hello[DTLS_RANDOM]; /* of the ClientHello that was read */
	bool is_mute,
		did_skip; /* … while OpenSSL is told of a ClientHello that it need not answer */
	struct dtls_sieve *sieve;     /* as long as there is ssl */
	struct dtls_flight *messages; /* so is this */
	size_t got, sent;             /* bytes, until is_proven */
	uint64_t clear_out;           /* record number of the next in the clear */
	uint8_t cookie[DTLS_COOKIE];
	const struct dtls_ops *ops;
	void *arg;
	struct dtls_end end;
	const uint8_t *in; /* the datagram at hand; NULL: read */
	size_t in_len;
};

/* ---- the datagrams of an association, as OpenSSL sends and reads them ---- */

static bool may_send(const struct dtls *d, size_t len)
{
	return !d->is_server || d->is_proven || d->sent + len <= AMPLIFY * (d->got + CHECK);
}

static void emit(struct dtls *d, const uint8_t *data, size_t len)
{
	d->sent += len;
	d->ops->send(d->arg, data, len);
}

/* Alerts in the clear are not sent: the peer might believe one that a forgery has provoked. Numbers
 * of other records in the clear go on over all that was sent, whoever wrote it.
 * @return bytes of @p out */
static size_t rewrite(struct dtls *d, const uint8_t *at, size_t len, uint8_t out[SENT_MAX])
{
	size_t n = 0;
	while (len >= DTLS_RECORD_HEADER) {
		size_t record = DTLS_RECORD_HEADER + rd16(at + 11);
		if (record > len || n + record > SENT_MAX)
			break;
		bool is_clear = !rd16(at + 3);
		if (!is_clear || at[0] != DTLS_CONTENT_ALERT) {
			memcpy(out + n, at, record);
			if (is_clear)
				wr64(out + n + 3, d->clear_out++);
			if (is_clear && at[0] == DTLS_CONTENT_HANDSHAKE)
				dtls_flight_sent(d->messages, at + DTLS_RECORD_HEADER,
					record - DTLS_RECORD_HEADER);
			n += record;
		}
		at += record;
		len -= record;
	}
	return n;
}

static void say(void *of, const uint8_t *datagram, size_t len)
{
	struct dtls *d = of;
	uint8_t out[SENT_MAX];
	if (d->is_mute)
		return;
	size_t n = rewrite(d, datagram, len, out);
	if (!n)
		return;
	dtls_noted_take(&d->noted, out, n);
	if (may_send(d, n)) /* else its time-out sends it again */
		emit(d, out, n);
}

static size_t hear(void *of, uint8_t *out, size_t size)
{
	struct dtls *d = of;
	if (!d->in)
		return 0;
	size_t n = d->in_len < size ? d->in_len : size;
	memcpy(out, d->in, n);
	d->in = NULL;
	return n;
}

static void alert(void *of)
{
	((struct dtls *)of)->got_alert = true;
}

/* ---- one association ---- */

enum err dtls_create(struct dtls **out, struct dtls_ctx *c, bool is_server,
	const struct dtls_ops *ops, void *arg)
{
	struct dtls *d = calloc(1, sizeof(*d));
	if (!d)
		return ERR_FULL;
	d->ctx = c;
	d->ops = ops;
	d->arg = arg;
	d->is_server = is_server;
	d->end = (struct dtls_end){ d, say, hear, alert };
	d->ssl = dtls_ctx_ssl(d->ctx, d->is_server, &d->end);
	d->messages = dtls_flight_create(c->lib.ctx, is_server);
	d->sieve = dtls_sieve_create(d->messages, is_server);
	if (!d->ssl || !d->sieve || !d->messages || RAND_bytes(d->cookie, sizeof(d->cookie)) != 1) {
		dtls_destroy(d);
		return ERR_FULL;
	}
	*out = d;
	return OK;
}

void dtls_destroy(struct dtls *d)
{
	if (!d)
		return;
	SSL_free(d->ssl);
	dtls_sieve_destroy(d->sieve);
	dtls_flight_destroy(d->messages);
	dtls_record_clear(&d->record);
	free(d);
}

static enum dtls_state state_after(struct dtls *d, int ret)
{
	int why = ret > 0 ? SSL_ERROR_NONE : SSL_get_error(d->ssl, ret);
	ERR_clear_error();
	if (d->got_alert)
		return DTLS_ALERT;
	if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		return DTLS_BROKEN;
	d->is_up |= SSL_is_init_finished(d->ssl);
	d->is_proven |= d->is_up;
	return d->is_up ? DTLS_UP : DTLS_SHAKING;
}

enum dtls_state dtls_start(struct dtls *d)
{
	ERR_clear_error();
	return state_after(d, SSL_do_handshake(d->ssl));
}

/* The peer asks again for our last flight, which was lost: the very same records will do, since it
 * has not seen their numbers. */
static void repeat_flight(struct dtls *d)
{
	if (!d->is_server || !d->noted.flight_len || d->repeats == REPEATS_MAX)
		return;
	d->repeats++;
	d->n_repeated++;
	emit(d, d->noted.flight, d->noted.flight_len);
}

/* What is not authentic is nothing. Whoever asks for our last flight sends its Finished again. */
static enum dtls_state read_records(struct dtls *d, const uint8_t *data, size_t len)
{
	uint8_t copy[2048], *at = copy;
	struct dtls_plain plain;
	bool asks = false;
	enum err e;
	if (len > sizeof(copy))
		return DTLS_UP;
	memcpy(copy, data, len);
	do {
		e = dtls_record_open(&d->record, &at, &len, &plain);
		d->was_heard |= !e;
		if (!e && plain.type == DTLS_CONTENT_ALERT && plain.len == 2)
			d->got_alert |= plain.data[0] == SSL3_AL_FATAL ||
					plain.data[1] == SSL_AD_CLOSE_NOTIFY;
		asks |= !e && plain.type == DTLS_CONTENT_HANDSHAKE;
		if (!e && plain.type == DTLS_CONTENT_DATA && !d->got_alert)
			d->ops->data(d->arg, plain.data, plain.len);
	} while (e != ERR_NOT_FOUND);
	if (asks)
		repeat_flight(d);
	return d->got_alert ? DTLS_ALERT : DTLS_UP;
}

/* A forged record shorter than nonce and tag is no mere forgery to OpenSSL, but the end. */
static bool is_readable(const struct dtls *d, const uint8_t *record, size_t len)
{
	const SSL_CIPHER *c = SSL_get_pending_cipher(d->ssl);
	bool has_nonce = !c || SSL_CIPHER_get_cipher_nid(c) != NID_chacha20_poly1305;
	return !rd16(record + 3) || len > DTLS_RECORD_OVERHEAD - (has_nonce ? 0 : 8);
}

static void note_hello(struct dtls *d, const uint8_t *record, size_t len)
{
	struct dtls_hello h;
	if (dtls_hello_find(record, len, &h) && h.random)
		memcpy(d->hello, h.random, DTLS_RANDOM);
	dtls_flight_heard(d->messages, record + DTLS_RECORD_HEADER, len - DTLS_RECORD_HEADER);
}

/* OpenSSL reads one record. */
static enum dtls_state read_one(struct dtls *d, const uint8_t *record, size_t len)
{
	uint8_t plain[2048];
	int ret = 1;
	ERR_clear_error();
	if (!d->is_mute && dtls_hello_is(record))
		note_hello(d, record, len);
	d->in = record;
	d->in_len = len;
	if (!d->is_up)
		ret = SSL_do_handshake(d->ssl);
	/* Behind the handshake: besides data there are alerts, and repeated Finished messages,
	 * which are answered. */
	while (ret > 0 && (ret = SSL_read(d->ssl, plain, sizeof(plain))) > 0) {
		d->was_heard = true;
		d->ops->data(d->arg, plain, (size_t)ret);
	}
	d->in = NULL;
	return state_after(d, ret);
}

/* ---- who has proven nothing yet ---- */

/* The peer has our HelloVerifyRequest. OpenSSL is told the least that brings it to the same point.
 */
static void take_proof(struct dtls *d, const struct dtls_hello *h)
{
	uint8_t bare[DTLS_HELLO_BARE];
	dtls_hello_bare(h->random, bare);
	SSL_set_options(d->ssl, SSL_OP_COOKIE_EXCHANGE);
	d->is_mute = true;
	read_one(d, bare, sizeof(bare));
	d->is_mute = false;
	d->is_proven = d->did_skip = true;
	d->clear_out = h->record_seq; /* RFC 6347, 4.2.1: no number twice */
}

/* From then on the peer counts its messages from the answer on, so there is no way back; unless one
 * was heard before, which may be the peer's. */
static void ask_for_cookie(struct dtls *d, const struct dtls_hello *h)
{
	uint8_t out[DTLS_HELLO_VERIFY];
	if (!dtls_sieve_began(d->sieve)) {
		if (!d->did_ask)
			dtls_sieve_skip(d->sieve);
		d->did_ask = true;
	}
	dtls_hello_verify(h, d->cookie, out);
	if (may_send(d, sizeof(out)))
		emit(d, out, sizeof(out));
}

/* The handshake so far was another's. @return false: it goes on */
static bool start_over(struct dtls *d)
{
	SSL *ssl = d->restarts < RESTARTS_MAX ? dtls_ctx_ssl(d->ctx, d->is_server, &d->end) : NULL;
	struct dtls_sieve *sieve = ssl ? dtls_sieve_create(d->messages, true) : NULL;
	if (!sieve) {
		SSL_free(ssl);
		return false;
	}
	SSL_free(d->ssl);
	dtls_sieve_destroy(d->sieve);
	dtls_flight_restart(d->messages);
	d->ssl = ssl;
	d->sieve = sieve;
	d->restarts++;
	d->noted.flight_len = 0;
	d->did_ask = true;
	d->did_skip = false;
	dtls_sieve_skip(sieve);
	return true;
}

static bool has_cookie(const struct dtls *d, const struct dtls_hello *h)
{
	return h->seq == 1 && h->cookie_len == DTLS_COOKIE &&
	       !CRYPTO_memcmp(h->cookie, d->cookie, DTLS_COOKIE);
}

/* Is a ClientHello to be heard? One for which our flight is too much first gets a cookie, and so
 * does one that is not of the handshake at hand: whoever returns it is there, and goes before who
 * may be not. */
static bool hears(struct dtls *d, const uint8_t *data, size_t len)
{
	struct dtls_hello h;
	bool began = dtls_sieve_began(d->sieve);
	if (!d->is_server || d->is_up || dtls_sieve_did_choose(d->sieve) ||
		!dtls_hello_find(data, len, &h))
		return true;
	if (!h.random)
		return false;
	if (began && !memcmp(h.random, d->hello, DTLS_RANDOM))
		return true;
	if (!began && !h.cookie_len && h.seq == 0 && !d->did_ask && may_send(d, d->ctx->flight))
		return true;
	if (!has_cookie(d, &h)) {
		ask_for_cookie(d, &h);
		return false;
	}
	if (began && !start_over(d))
		return false;
	if (!d->did_skip)
		take_proof(d, &h);
	return true;
}

static enum dtls_state read_all(struct dtls *d)
{
	enum dtls_state st = d->is_up ? DTLS_UP : DTLS_SHAKING;
	const uint8_t *record;
	size_t len;
	while ((st == DTLS_SHAKING || st == DTLS_UP) && (record = dtls_sieve_next(d->sieve, &len)))
		if (is_readable(d, record, len))
			st = read_one(d, record, len);
	return st;
}

enum dtls_state dtls_input(struct dtls *d, const uint8_t *data, size_t len)
{
	if (!d->ssl)
		return read_records(d, data, len);
	d->got += len;
	if (!hears(d, data, len))
		return d->is_up ? DTLS_UP : DTLS_SHAKING;
	dtls_sieve_put(d->sieve, data, len);
	return read_all(d);
}

enum dtls_state dtls_expect(struct dtls *d, const struct fingerprints *who)
{
	if (!d->ssl || d->is_up)
		return DTLS_UP;
	dtls_flight_expect(d->messages, who);
	dtls_sieve_reconsider(d->sieve);
	return read_all(d);
}

bool dtls_waits(const struct dtls *d)
{
	return d->sieve && dtls_sieve_waits(d->sieve);
}

bool dtls_saw_other(const struct dtls *d)
{
	return d->sieve && dtls_sieve_saw_other(d->sieve);
}

bool dtls_heard(struct dtls *d)
{
	bool heard = d->was_heard;
	d->was_heard = false;
	return heard;
}

unsigned dtls_repeated(struct dtls *d)
{
	unsigned n = d->n_repeated;
	d->n_repeated = 0;
	return n;
}

void dtls_prove(struct dtls *d)
{
	d->is_proven = true;
}

bool dtls_heard_alert(const struct dtls *d)
{
	return d->sieve && dtls_sieve_heard_alert(d->sieve);
}

enum dtls_state dtls_tick(struct dtls *d)
{
	if (!d->ssl)
		return DTLS_UP;
	ERR_clear_error();
	int ret = DTLSv1_handle_timeout(d->ssl);
	if (ret < 0) {
		ERR_clear_error();
		return DTLS_BROKEN;
	}
	d->n_repeated += ret > 0;
	return d->is_up ? DTLS_UP : DTLS_SHAKING;
}

int64_t dtls_due_us(struct dtls *d)
{
	struct timeval tv;
	return d->ssl && DTLSv1_get_timeout(d->ssl, &tv) == 1 ? tv.tv_sec * 1000000LL + tv.tv_usec
							      : -1;
}

enum err dtls_send(struct dtls *d, const uint8_t *data, size_t len)
{
	uint8_t out[2048];
	if (!d->is_up || d->did_close || len > sizeof(out) - DTLS_RECORD_OVERHEAD)
		return ERR_STATE;
	if (d->ssl) {
		ERR_clear_error();
		return SSL_write(d->ssl, data, (int)len) > 0 ? OK : ERR_STATE;
	}
	size_t n = dtls_record_seal(&d->record, DTLS_CONTENT_DATA, data, len, out);
	if (!n)
		return ERR_STATE;
	d->ops->send(d->arg, out, n);
	return OK;
}

void dtls_close(struct dtls *d)
{
	if (d->did_close || !d->is_up)
		return;
	d->did_close = true;
	if (!d->ssl) {
		static const uint8_t close_notify[] = { SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY };
		uint8_t out[sizeof(close_notify) + DTLS_RECORD_OVERHEAD];
		size_t n = dtls_record_seal(
			&d->record, DTLS_CONTENT_ALERT, close_notify, sizeof(close_notify), out);
		if (n)
			d->ops->send(d->arg, out, n);
		return;
	}
	ERR_clear_error();
	SSL_shutdown(d->ssl);
	ERR_clear_error();
}

/* ---- from the TLS object to the bare record layer ---- */

enum err dtls_settle(struct dtls *d)
{
	struct dtls_secrets s;
	enum err e = ERR_UNSUPPORTED;
	if (!d->ssl)
		return OK;
	if (d->is_up && dtls_export_secrets(d->ssl, &s)) {
		s.is_server = d->is_server;
		s.seq_out = d->noted.seq;
		s.nonce_out = d->noted.nonce;
		e = dtls_record_init(&d->record, &s);
	}
	OPENSSL_cleanse(&s, sizeof(s));
	ERR_clear_error();
	if (e)
		return e;
	SSL_free(d->ssl);
	d->ssl = NULL;
	dtls_sieve_destroy(d->sieve);
	d->sieve = NULL;
	dtls_flight_destroy(d->messages);
	d->messages = NULL;
	return OK;
}

bool dtls_keys(struct dtls *d, struct srtp_keys *out)
{
	return dtls_export_keys(d->ssl, d->is_server, out);
}

bool dtls_identify(struct dtls *d, struct identity *out)
{
	return dtls_export_identity(d->ssl, out);
}
