/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/metric.h"
#include "channel.h"
#include "channels.h"
#include "dcep.h"
#include "stream_set.h"

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
struct waiting_message {
	struct waiting_message *next;
	struct data_msg *msg;
};

struct channels {
	struct channels_conf conf;
	const struct channels_ops *ops;
	void *arg;
	struct sctp *sctp;
	struct channel_table all;
	struct waiting_message *first, **last;
	size_t unread; /* bytes of messages that control has not done with */
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
	size_t parts = c->all.parts < CHANNEL_HELD_MAX / 2 ? c->all.parts : CHANNEL_HELD_MAX / 2;
	if (c->sctp)
		sctp_unread(c->sctp, c->unread + parts);
}

static void say_refused(struct channels *c, const char *what, unsigned stream)
{
	metric_add(&refused, 1);
	if (!c->did_warn)
		log_info("sctp", c->conf.id, "data channel refused", "why=%s stream=%u",
			LOG_QUOTED(what), stream);
	c->did_warn = true;
}

/* ---- channels ---- */

static struct channel *add(
	struct channels *c, uint16_t stream, const char *label, const char *protocol)
{
	struct channel *ch = channel_add(&c->all, stream, label, protocol);
	if (ch)
		stream_set_take(c->idle, stream);
	return ch;
}

static void forget(struct channels *c, struct channel *ch)
{
	stream_set_put(c->idle, ch->stream);
	stream_set_take(c->acks, ch->stream);
	channel_remove(&c->all, ch);
	if (c->did_refuse)
		tell(c, DATA_ROOM, NULL);
	c->did_refuse = false;
}

/* A channel is gone when both sides are. */
static void end_channel(struct channels *c, struct channel *ch)
{
	if (ch && ch->is_closing && ch->is_reset && !stream_set_has(c->resets, ch->stream))
		forget(c, ch);
}

/* All that wait go together: each request takes a round trip. */
static void send_resets(struct channels *c)
{
	uint16_t streams[SCTP_RESETS];
	unsigned n = 0;
	for (unsigned i = 0; i < SCTP_STREAMS && n < SCTP_RESETS; i++)
		if (stream_set_has(c->resets, i))
			streams[n++] = (uint16_t)i;
	if (!n || sctp_reset(c->sctp, streams, n) == ERR_AGAIN)
		return;
	for (unsigned i = 0; i < n; i++) {
		stream_set_take(c->resets, streams[i]);
		end_channel(c, channel_on(&c->all, streams[i]));
	}
}

/* send_resets() sends it. */
static void want_reset(struct channels *c, unsigned stream)
{
	struct channel *ch = channel_on(&c->all, stream);
	if (ch && ch->is_closing)
		return;
	stream_set_put(c->resets, stream);
	if (!ch) {
		stream_set_put(
			c->idle, stream); /* the peer's own reset of it is no reason for another */
		return;
	}
	ch->is_closing = true;
	channel_drop_part(&c->all, ch);
}

static void refuse(struct channels *c, const char *why, unsigned stream)
{
	say_refused(c, why, stream);
	want_reset(c, stream);
	send_resets(c);
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
	for (unsigned i = 0; i < c->all.n_room; i++)
		if (stream_set_has(c->acks, i)) {
			if (say_dcep(c, (uint16_t)i, ack, sizeof(ack)) == ERR_FULL)
				return;
			stream_set_take(c->acks, i);
		}
}

/* Ours are reliable and ordered. */
static enum err say_open(struct channels *c, const struct channel *ch)
{
	uint8_t out[DCEP_OPEN_MAX];
	return say_dcep(c, ch->stream, out, dcep_write_open(out, ch->label, ch->protocol));
}

/* The client of DTLS has the even streams, the server the odd ones (section 6).
 * @return ERR_NOT_FOUND: all are taken; ERR_FULL: it has to wait */
static enum err open_channel(struct channels *c, const struct data_msg *m, struct channel **out)
{
	enum err e;
	for (unsigned i = c->conf.is_dtls_server; i < sctp_limit(c->sctp); i += 2)
		if (!channel_on(&c->all, i)) {
			*out = add(c, (uint16_t)i, m->label, m->protocol);
			if (!*out)
				return ERR_NOT_FOUND;
			if ((e = say_open(c, *out)))
				forget(c, *out);
			return e && e != ERR_FULL ? ERR_NOT_FOUND : e;
		}
	return ERR_NOT_FOUND;
}

static bool read_open(struct channels *c, uint16_t stream, const uint8_t *data, size_t len)
{
	struct dcep_open o;
	if (channel_on(&c->all, stream) || !dcep_read_open(&o, data, len))
		return false;
	struct channel *ch = add(c, stream, o.label, o.protocol);
	if (!ch)
		return false;
	ch->is_acked = true;
	ch->is_unordered = o.is_unordered;
	ch->partial = o.partial;
	ch->limit = o.limit;
	stream_set_put(c->acks, stream);
	say_acks(c);
	return true;
}

static void on_dcep(struct channels *c, const struct sctp_msg *m)
{
	struct channel *ch = channel_on(&c->all, m->stream);
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

static void on_user(struct channels *c, struct channel *ch, const struct sctp_msg *m)
{
	bool is_part = m->ppid == PPID_BINARY_PART || m->ppid == PPID_TEXT_PART;
	bool is_empty = m->ppid == PPID_BINARY_EMPTY || m->ppid == PPID_TEXT_EMPTY;
	bool is_binary = m->ppid == PPID_BINARY || m->ppid == PPID_BINARY_EMPTY;
	if ((is_part || ch->part) && !channel_keep_part(&c->all, ch, m->data, m->len)) {
		refuse(c, "unfinished messages", m->stream);
		return;
	}
	if (is_part)
		return;
	if (ch->part)
		pass_on(c, ch, is_binary, ch->part, ch->part_len);
	else
		pass_on(c, ch, is_binary, m->data, is_empty ? 0 : m->len);
	channel_drop_part(&c->all, ch);
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
	struct channel *ch = channel_on(&c->all, m->stream);
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
	for (unsigned i = 0; i < (n ? n : c->all.n_room); i++) {
		struct channel *ch = channel_on(&c->all, n ? streams[i] : i);
		if (!ch && n && streams[i] < SCTP_STREAMS && !stream_set_has(c->idle, streams[i]))
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
	struct channel *ch = m->channel ? channel_numbered(&c->all, m->channel - 1)
					: channel_labelled(&c->all, m->label);
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
	for (unsigned i = 0; i < c->all.n_room; i++)
		if (c->all.open[i])
			forget(c, c->all.open[i]);
	free(c->all.open);
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
