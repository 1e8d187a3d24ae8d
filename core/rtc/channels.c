/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/metric.h"
#include "../rtp/rtp.h"
#include "channels.h"

/* What a peer can make us hold: messages that control has not done with, pieces of unfinished ones,
 * and channels with their names. */
#define HELD_MAX     SCTP_BUFFER
#define NAMES_MAX    (256u << 10) /* of that */
#define CHANNEL_COST 128          /* besides its names */
#define OPEN_HEADER  12
#define ROOM_STEP    16 /* channels */

static struct metric refused = { .name = "cardea_data_refused_total",
	.help = "Data channels closed or not opened because a peer had too much" };

enum ppid {
	PPID_DCEP = 50,
	PPID_TEXT = 51,
	PPID_BINARY_PART = 52, /* of old peers: up to the first without */
	PPID_BINARY = 53,
	PPID_TEXT_PART = 54,
	PPID_TEXT_EMPTY = 56,
	PPID_BINARY_EMPTY = 57,
};
enum dcep { DCEP_ACK = 2, DCEP_OPEN = 3 };
enum { TYPE_RETRANSMITS = 1, TYPE_LIFETIME = 2, TYPE_UNORDERED = 0x80 };

struct channel {
	uint16_t stream;
	bool is_unordered; /* once the peer has heard of it */
	bool is_acked;     /* it has */
	bool is_closing;   /* our side has been reset, or shall be */
	bool is_reset;     /* the peer has reset its side */
	uint8_t partial;
	uint32_t limit;
	char *label, *protocol;
	uint8_t *part; /* of a message in PPID_*_PART pieces */
	size_t part_len;
};

struct waiting_message {
	struct waiting_message *next;
	struct data_msg *msg;
};

struct channels {
	struct channels_conf conf;
	const struct channels_ops *ops;
	void *arg;
	struct sctp *sctp;
	struct channel **open; /* by stream */
	unsigned n_room;       /* … below this */
	struct waiting_message *first, **last;
	size_t unread, parts, names; /* bytes; see HELD_MAX */
	/* A bit for each stream: */
	uint32_t acks[SCTP_STREAMS / 32];   /* its opening shall be acknowledged */
	uint32_t resets[SCTP_STREAMS / 32]; /* ours shall be reset … */
	uint32_t idle[SCTP_STREAMS / 32];   /* … or has been, and it is no channel's */
	bool is_up;
	bool did_refuse; /* control waits for channels to become free */
	bool did_warn;
};

static void tell(struct channels *c, enum data_event_type type, struct data_msg *msg)
{
	struct data_event e = { .type = type, .peer = c->conf.id, .msg = msg };
	c->ops->tell(c->arg, &e);
}

static void tell_sent(struct channels *c, unsigned n, size_t cost)
{
	struct data_event e = { .type = DATA_SENT, .n = n, .peer = c->conf.id, .cost = cost };
	c->ops->tell(c->arg, &e);
}

/* Pieces count, but cannot close the window for ever. */
static void say_unread(struct channels *c)
{
	size_t parts = c->parts < HELD_MAX / 2 ? c->parts : HELD_MAX / 2;
	if (c->sctp)
		sctp_unread(c->sctp, c->unread + parts);
}

static void say_refused(struct channels *c, const char *what, unsigned stream)
{
	metric_add(&refused, 1);
	if (!c->did_warn)
		log_info("sctp", c->conf.id, "data channel refused", "why=\"%s\" stream=%u", what,
			stream);
	c->did_warn = true;
}

/* ---- sets of streams ---- */

static bool has(const uint32_t *bits, unsigned stream)
{
	return bits[stream / 32] >> stream % 32 & 1;
}

static void put(uint32_t *bits, unsigned stream)
{
	bits[stream / 32] |= 1u << stream % 32;
}

static void take(uint32_t *bits, unsigned stream)
{
	bits[stream / 32] &= ~(1u << stream % 32);
}

/* ---- channels ---- */

static struct channel *on_stream(const struct channels *c, unsigned stream)
{
	return stream < c->n_room ? c->open[stream] : NULL;
}

static bool make_room(struct channels *c, unsigned stream)
{
	unsigned n = stream / ROOM_STEP * ROOM_STEP + ROOM_STEP;
	struct channel **open = stream < c->n_room ? c->open : realloc(c->open, n * sizeof(*open));
	if (!open)
		return false;
	c->open = open;
	while (c->n_room <= stream)
		c->open[c->n_room++] = NULL;
	return true;
}

static size_t cost_of(const char *label, const char *protocol)
{
	return CHANNEL_COST + strlen(label) + strlen(protocol);
}

static struct channel *add(
	struct channels *c, uint16_t stream, const char *label, const char *protocol)
{
	size_t cost = cost_of(label, protocol);
	if (c->names + cost > NAMES_MAX || !make_room(c, stream))
		return NULL;
	struct channel *ch = calloc(1, sizeof(*ch));
	if (!ch)
		return NULL;
	ch->stream = stream;
	ch->label = strdup(label);
	ch->protocol = strdup(protocol);
	if (!ch->label || !ch->protocol) {
		free(ch->label);
		free(ch->protocol);
		free(ch);
		return NULL;
	}
	c->names += cost;
	take(c->idle, stream);
	return c->open[stream] = ch;
}

static void drop_part(struct channels *c, struct channel *ch)
{
	c->parts -= ch->part_len;
	free(ch->part);
	ch->part = NULL;
	ch->part_len = 0;
}

static void forget(struct channels *c, struct channel *ch)
{
	c->open[ch->stream] = NULL;
	put(c->idle, ch->stream);
	take(c->acks, ch->stream);
	c->names -= cost_of(ch->label, ch->protocol);
	drop_part(c, ch);
	free(ch->label);
	free(ch->protocol);
	free(ch);
	if (c->did_refuse)
		tell(c, DATA_ROOM, NULL);
	c->did_refuse = false;
}

/* A channel is gone when both sides are. */
static void end_channel(struct channels *c, struct channel *ch)
{
	if (ch && ch->is_closing && ch->is_reset && !has(c->resets, ch->stream))
		forget(c, ch);
}

/* All that wait go together: each request takes a round trip. */
static void send_resets(struct channels *c)
{
	uint16_t streams[SCTP_RESETS];
	unsigned n = 0;
	for (unsigned i = 0; i < SCTP_STREAMS && n < SCTP_RESETS; i++)
		if (has(c->resets, i))
			streams[n++] = (uint16_t)i;
	if (!n || sctp_reset(c->sctp, streams, n) == ERR_AGAIN)
		return;
	for (unsigned i = 0; i < n; i++) {
		take(c->resets, streams[i]);
		end_channel(c, on_stream(c, streams[i]));
	}
}

/* send_resets() sends it. */
static void want_reset(struct channels *c, unsigned stream)
{
	struct channel *ch = on_stream(c, stream);
	if (ch && ch->is_closing)
		return;
	put(c->resets, stream);
	if (!ch) {
		put(c->idle, stream); /* the peer's own reset of it is no reason for another */
		return;
	}
	ch->is_closing = true;
	drop_part(c, ch);
}

static void refuse(struct channels *c, const char *why, unsigned stream)
{
	say_refused(c, why, stream);
	want_reset(c, stream);
	send_resets(c);
}

static struct channel *labelled(const struct channels *c, const char *label)
{
	for (unsigned i = 0; i < c->n_room; i++)
		if (c->open[i] && !c->open[i]->is_closing && strcmp(c->open[i]->label, label) == 0)
			return c->open[i];
	return NULL;
}

static struct channel *numbered(const struct channels *c, unsigned stream)
{
	struct channel *ch = on_stream(c, stream);
	return ch && !ch->is_closing ? ch : NULL;
}

/* ---- DCEP ---- */

static enum err say_dcep(struct channels *c, uint16_t stream, const uint8_t *data, size_t len)
{
	const struct sctp_msg m = { .stream = stream, .ppid = PPID_DCEP, .data = data, .len = len };
	return sctp_send(c->sctp, &m);
}

/* Where there is no room for one now, it waits: a peer may have to hear it before it speaks. */
static void say_acks(struct channels *c)
{
	static const uint8_t ack[] = { DCEP_ACK };
	for (unsigned i = 0; i < c->n_room; i++)
		if (has(c->acks, i)) {
			if (say_dcep(c, (uint16_t)i, ack, sizeof(ack)) == ERR_FULL)
				return;
			take(c->acks, i);
		}
}

/* RFC 8832, section 5.1; ours are reliable and ordered. */
static enum err say_open(struct channels *c, const struct channel *ch)
{
	uint8_t out[OPEN_HEADER + 2 * DATA_LABEL] = { DCEP_OPEN };
	size_t label = strlen(ch->label), protocol = strlen(ch->protocol);
	wr16(out + 8, (uint16_t)label);
	wr16(out + 10, (uint16_t)protocol);
	memcpy(out + OPEN_HEADER, ch->label, label);
	memcpy(out + OPEN_HEADER + label, ch->protocol, protocol);
	return say_dcep(c, ch->stream, out, OPEN_HEADER + label + protocol);
}

/* The client of DTLS has the even streams, the server the odd ones (section 6).
 * @return ERR_NOT_FOUND: all are taken; ERR_FULL: it has to wait */
static enum err open_channel(struct channels *c, const struct data_msg *m, struct channel **out)
{
	enum err e;
	for (unsigned i = c->conf.is_dtls_server; i < sctp_limit(c->sctp); i += 2)
		if (!on_stream(c, i)) {
			*out = add(c, (uint16_t)i, m->label, m->protocol);
			if (!*out)
				return ERR_NOT_FOUND;
			if ((e = say_open(c, *out)))
				forget(c, *out);
			return e && e != ERR_FULL ? ERR_NOT_FOUND : e;
		}
	return ERR_NOT_FOUND;
}

static char *cut(const uint8_t *at, size_t len)
{
	/* NULs would end a text early: two labels would look alike */
	return len <= DATA_LABEL && !memchr(at, 0, len) ? strndup((const char *)at, len) : NULL;
}

static bool read_open(struct channels *c, uint16_t stream, const uint8_t *data, size_t len)
{
	size_t n_label = len >= OPEN_HEADER ? rd16(data + 8) : 0;
	size_t n_protocol = len >= OPEN_HEADER ? rd16(data + 10) : 0;
	if (len != OPEN_HEADER + n_label + n_protocol || on_stream(c, stream))
		return false;
	char *label = cut(data + OPEN_HEADER, n_label);
	char *protocol = cut(data + OPEN_HEADER + n_label, n_protocol);
	struct channel *ch = label && protocol ? add(c, stream, label, protocol) : NULL;
	free(label);
	free(protocol);
	if (!ch)
		return false;
	ch->is_acked = true;
	ch->is_unordered = data[1] & TYPE_UNORDERED;
	ch->limit = rd32(data + 4);
	ch->partial = SCTP_RELIABLE;
	if ((data[1] & 3) == TYPE_RETRANSMITS)
		ch->partial = SCTP_RETRANSMITS;
	else if ((data[1] & 3) == TYPE_LIFETIME)
		ch->partial = SCTP_LIFETIME;
	put(c->acks, stream);
	say_acks(c);
	return true;
}

static void on_dcep(struct channels *c, const struct sctp_msg *m)
{
	struct channel *ch = on_stream(c, m->stream);
	if (m->len == 1 && m->data[0] == DCEP_ACK && ch) {
		ch->is_acked = true;
		return;
	}
	if (m->len && m->data[0] == DCEP_OPEN && read_open(c, m->stream, m->data, m->len))
		return;
	refuse(c, "malformed DCEP, or too many names", m->stream);
}

/* ---- in ---- */

static void pass_on(struct channels *c, const struct channel *ch, bool is_binary,
	const uint8_t *data, size_t len)
{
	struct data_msg *m = data_msg_new(ch->label, ch->protocol, data, len);
	if (!m)
		return;
	m->channel = ch->stream + 1u;
	m->is_binary = is_binary;
	c->unread += data_msg_cost(m);
	say_unread(c);
	tell(c, DATA_MESSAGE, m);
}

static bool keep_part(struct channels *c, struct channel *ch, const uint8_t *data, size_t len)
{
	uint8_t *part;
	if (ch->part_len + len > DATA_MAX || c->parts + c->names + len > HELD_MAX ||
		!(part = realloc(ch->part, ch->part_len + len + 1)))
		return false;
	c->parts += len;
	memcpy(part + ch->part_len, data, len);
	ch->part = part;
	ch->part_len += len;
	return true;
}

static void on_user(struct channels *c, struct channel *ch, const struct sctp_msg *m)
{
	bool is_part = m->ppid == PPID_BINARY_PART || m->ppid == PPID_TEXT_PART;
	bool is_empty = m->ppid == PPID_BINARY_EMPTY || m->ppid == PPID_TEXT_EMPTY;
	bool is_binary = m->ppid == PPID_BINARY || m->ppid == PPID_BINARY_EMPTY;
	if ((is_part || ch->part) && !keep_part(c, ch, m->data, m->len)) {
		refuse(c, "unfinished messages", m->stream);
		return;
	}
	if (is_part)
		return;
	if (ch->part)
		pass_on(c, ch, is_binary, ch->part, ch->part_len);
	else
		pass_on(c, ch, is_binary, m->data, is_empty ? 0 : m->len);
	drop_part(c, ch);
}

static void on_message(void *arg, const struct sctp_msg *m)
{
	struct channels *c = arg;
	if (m->stream >= SCTP_STREAMS)
		return;
	if (m->ppid == PPID_DCEP) {
		on_dcep(c, m);
		return;
	}
	if (m->ppid < PPID_TEXT || m->ppid > PPID_BINARY_EMPTY || m->ppid == PPID_TEXT_PART + 1)
		return;
	/* Channels that both sides have agreed on elsewhere are not opened. */
	struct channel *ch = on_stream(c, m->stream);
	if (!ch && !(ch = add(c, m->stream, "", ""))) {
		refuse(c, "too many names", m->stream);
	} else if (!ch->is_closing) {
		ch->is_acked = true;
		on_user(c, ch, m);
	}
}

/* ---- the end of a channel ---- */

static void flush(struct channels *c);

static void on_reset_done(void *arg)
{
	struct channels *c = arg;
	send_resets(c);
	flush(c); /* streams may be free, and more can be had */
}

/* RFC 8831, section 6.7: who sees the other's stream reset, resets its own. */
static void on_reset(void *arg, const uint16_t *streams, unsigned n)
{
	struct channels *c = arg;
	for (unsigned i = 0; i < (n ? n : c->n_room); i++) {
		struct channel *ch = on_stream(c, n ? streams[i] : i);
		if (!ch && n && streams[i] < SCTP_STREAMS && !has(c->idle, streams[i]))
			want_reset(c, streams[i]); /* agreed on elsewhere, and never used */
		if (!ch)
			continue;
		ch->is_reset = true;
		want_reset(c, ch->stream);
		end_channel(c, ch);
	}
	send_resets(c);
}

/* ---- out ---- */

static uint32_t ppid_of(const struct data_msg *m)
{
	if (m->len)
		return m->is_binary ? PPID_BINARY : PPID_TEXT;
	return m->is_binary ? PPID_BINARY_EMPTY : PPID_TEXT_EMPTY;
}

static enum err send_on(struct channels *c, const struct channel *ch, const struct data_msg *m)
{
	static const uint8_t nothing[1] = { 0 };
	const struct sctp_msg out = { .stream = ch->stream,
		.ppid = ppid_of(m),
		.unordered = ch->is_unordered && ch->is_acked,
		.partial = ch->partial,
		.limit = ch->limit,
		.data = m->len ? m->bytes : nothing,
		.len = m->len ? m->len : 1 };
	return sctp_send(c->sctp, &out);
}

/* @return ERR_FULL: it has to wait; ERR_NOT_FOUND: there is no channel for it, and none to be had.
 * All else is the end of it. */
static enum err send_one(struct channels *c, const struct data_msg *m)
{
	struct channel *ch = m->channel ? numbered(c, m->channel - 1) : labelled(c, m->label);
	enum err e = OK;
	if (c->conf.max && m->len > c->conf.max)
		return ERR_INVALID;
	if (!ch && m->channel)
		return ERR_STATE; /* it was closed meanwhile */
	if (!ch)
		e = open_channel(c, m, &ch);
	return e ? e : send_on(c, ch, m);
}

static void flush(struct channels *c)
{
	struct waiting_message *w;
	size_t cost = 0;
	unsigned n = 0;
	enum err e;
	while (c->is_up && (w = c->first) && (e = send_one(c, w->msg)) != ERR_FULL) {
		c->first = w->next;
		if (e == ERR_NOT_FOUND) {
			say_refused(c, "no stream is free", 0);
			c->did_refuse = true;
			tell(c, DATA_REFUSED, w->msg);
		} else {
			n++;
			cost += data_msg_cost(w->msg);
			data_msg_drop(w->msg);
		}
		free(w);
	}
	if (!c->first)
		c->last = &c->first;
	if (n)
		tell_sent(c, n, cost);
}

void channels_send(struct channels *c, struct data_msg *m)
{
	struct waiting_message *w = malloc(sizeof(*w));
	if (!w) {
		tell_sent(c, 1, data_msg_cost(m));
		data_msg_drop(m);
		return;
	}
	w->next = NULL;
	w->msg = m;
	bool is_first = !c->first;
	*c->last = w;
	c->last = &w->next;
	if (is_first) /* else it waits behind others, and drained() will come */
		flush(c);
}

/* ---- the association ---- */

static void on_send(void *arg, const uint8_t *packet, size_t len)
{
	struct channels *c = arg;
	c->ops->send(c->arg, packet, len);
}

static void on_up(void *arg)
{
	struct channels *c = arg;
	c->is_up = true;
	tell(c, DATA_READY, NULL);
	flush(c);
}

static void on_drained(void *arg)
{
	send_resets(arg); /* it waits until all is acknowledged */
	say_acks(arg);
	flush(arg);
}

static void on_down(void *arg)
{
	struct channels *c = arg;
	c->is_up = false;
	tell(c, DATA_DOWN, NULL);
}

static enum err open_sctp(struct channels *c)
{
	static const struct sctp_ops ops = { on_send, on_up, on_message, on_reset, on_reset_done,
		on_drained, on_down };
	const struct channels_conf *conf = &c->conf;
	return sctp_open(&c->sctp, conf->id, conf->port, conf->mtu, &ops, c);
}

enum err channels_create(struct channels **out, const struct channels_conf *conf,
	const struct channels_ops *ops, void *arg)
{
	struct channels *c = calloc(1, sizeof(*c));
	if (!c)
		return ERR_FULL;
	c->conf = *conf;
	c->ops = ops;
	c->arg = arg;
	c->last = &c->first;
	enum err e = open_sctp(c);
	if (e) {
		free(c);
		return e;
	}
	*out = c;
	return OK;
}

enum err channels_begin(struct channels *c)
{
	return sctp_begin(c->sctp);
}

/* The association, and all that is of it. */
static void clear(struct channels *c)
{
	sctp_end(c->sctp);
	c->sctp = NULL;
	c->did_refuse = false;
	for (unsigned i = 0; i < c->n_room; i++)
		if (c->open[i])
			forget(c, c->open[i]);
	free(c->open);
	for (struct waiting_message *w = c->first, *next; w; w = next) {
		next = w->next;
		data_msg_drop(w->msg);
		free(w);
	}
}

void channels_destroy(struct channels *c)
{
	if (!c)
		return;
	clear(c);
	free(c);
}

/* The peer has begun anew: no channel of before is open, on either side. */
static bool restart(struct channels *c)
{
	struct channels fresh = {
		.conf = c->conf, .ops = c->ops, .arg = c->arg, .did_warn = c->did_warn
	};
	if (c->is_up)
		on_down(c);
	clear(c);
	*c = fresh;
	c->last = &c->first;
	return !open_sctp(c) && !sctp_begin(c->sctp);
}

struct sctp *channels_sctp(const struct channels *c)
{
	return c->sctp;
}

void channels_input(struct channels *c, const uint8_t *packet, size_t len)
{
	if (c->sctp && sctp_restarts(c->sctp, packet, len) && !restart(c))
		say_refused(c, "no association", 0);
	if (c->sctp)
		sctp_input(c->sctp, packet, len);
}

void channels_consumed(struct channels *c, size_t cost)
{
	c->unread -= cost < c->unread ? cost : c->unread;
	say_unread(c);
}

void channels_metrics(void)
{
	metric_register(&refused);
	sctp_metrics();
}
