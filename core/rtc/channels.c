/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../rtp/rtp.h"
#include "channels.h"

#define UNREAD_MAX  (512u << 10) /* of messages that control has not done with */
#define OPEN_HEADER 12

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
	bool is_closing;   /* our side has been reset, or shall be … */
	bool reset_waits;  /* … but another reset was under way */
	bool is_reset;     /* the peer has reset its side */
	uint8_t partial;
	uint32_t limit;
	char *label, *protocol;
	uint8_t *part; /* of a message in PPID_*_PART pieces */
	size_t part_len;
};

struct waiting {
	struct waiting *next;
	struct data_msg *msg;
};

struct channels {
	struct channels_conf conf;
	const struct channels_ops *ops;
	void *arg;
	struct sctp *sctp;
	struct channel *open[SCTP_STREAMS]; /* by stream */
	struct waiting *first, **last;
	size_t unread;
	bool is_up;
};

static void tell(struct channels *c, enum data_event_type type, struct data_msg *msg, size_t cost)
{
	struct data_event e = { .type = type, .peer = c->conf.id };
	if (type == DATA_MESSAGE)
		e.msg = msg;
	else
		e.cost = cost;
	c->ops->tell(c->arg, &e);
}

/* ---- channels ---- */

static struct channel *add(
	struct channels *c, uint16_t stream, const char *label, const char *protocol)
{
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
	return c->open[stream] = ch;
}

static void forget(struct channels *c, struct channel *ch)
{
	c->open[ch->stream] = NULL;
	free(ch->label);
	free(ch->protocol);
	free(ch->part);
	free(ch);
}

/* It is gone when both sides are. @p ch may be freed */
static void reset_ours(struct channels *c, struct channel *ch)
{
	if (!ch->is_closing || ch->reset_waits)
		ch->reset_waits = sctp_reset(c->sctp, ch->stream) == ERR_AGAIN;
	ch->is_closing = true;
	if (ch->is_reset && !ch->reset_waits)
		forget(c, ch);
}

static struct channel *labelled(const struct channels *c, const char *label)
{
	for (unsigned i = 0; i < SCTP_STREAMS; i++)
		if (c->open[i] && !c->open[i]->is_closing && strcmp(c->open[i]->label, label) == 0)
			return c->open[i];
	return NULL;
}

static struct channel *numbered(const struct channels *c, unsigned stream)
{
	struct channel *ch = stream < SCTP_STREAMS ? c->open[stream] : NULL;
	return ch && !ch->is_closing ? ch : NULL;
}

/* ---- DCEP ---- */

static enum err say_dcep(struct channels *c, uint16_t stream, const uint8_t *data, size_t len)
{
	const struct sctp_msg m = { .stream = stream, .ppid = PPID_DCEP, .data = data, .len = len };
	return sctp_send(c->sctp, &m);
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

/* The client of DTLS has the even streams, the server the odd ones (section 6). */
static enum err open_channel(struct channels *c, const struct data_msg *m, struct channel **out)
{
	enum err e;
	for (unsigned i = c->conf.is_dtls_server; i < SCTP_STREAMS; i += 2)
		if (!c->open[i]) {
			*out = add(c, (uint16_t)i, m->label, m->protocol);
			if (!*out)
				return ERR_INVALID;
			if ((e = say_open(c, *out)))
				forget(c, *out);
			return e;
		}
	return ERR_INVALID;
}

static char *cut(const uint8_t *at, size_t len)
{
	/* NULs would end a text early: two labels would look alike */
	return len <= DATA_LABEL && !memchr(at, 0, len) ? strndup((const char *)at, len) : NULL;
}

static bool read_open(struct channels *c, uint16_t stream, const uint8_t *data, size_t len)
{
	static const uint8_t ack[] = { DCEP_ACK };
	size_t n_label = len >= OPEN_HEADER ? rd16(data + 8) : 0;
	size_t n_protocol = len >= OPEN_HEADER ? rd16(data + 10) : 0;
	if (len != OPEN_HEADER + n_label + n_protocol || c->open[stream])
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
	ch->partial = (data[1] & 3) == TYPE_RETRANSMITS ? SCTP_RETRANSMITS
		      : (data[1] & 3) == TYPE_LIFETIME  ? SCTP_LIFETIME
							: SCTP_RELIABLE;
	/* No room for it: the peer opens no less for that, but sends in order until it has one. */
	say_dcep(c, stream, ack, sizeof(ack));
	return true;
}

static void on_dcep(struct channels *c, const struct sctp_msg *m)
{
	struct channel *ch = c->open[m->stream];
	if (m->len == 1 && m->data[0] == DCEP_ACK && ch) {
		ch->is_acked = true;
		return;
	}
	if (m->len && m->data[0] == DCEP_OPEN && read_open(c, m->stream, m->data, m->len))
		return;
	log_debug("sctp", c->conf.id, "malformed DCEP", "stream=%u bytes=%zu", m->stream, m->len);
	if (ch && !ch->is_closing)
		reset_ours(c, ch);
	else if (!ch)
		sctp_reset(c->sctp, m->stream);
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
	if (c->unread >= UNREAD_MAX)
		sctp_hold(c->sctp, true);
	tell(c, DATA_MESSAGE, m, 0);
}

static bool keep_part(struct channel *ch, const uint8_t *data, size_t len)
{
	uint8_t *part =
		ch->part_len + len <= DATA_MAX ? realloc(ch->part, ch->part_len + len + 1) : NULL;
	if (!part)
		return false;
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
	if ((is_part || ch->part) && !keep_part(ch, m->data, m->len)) {
		reset_ours(c, ch);
		return;
	}
	if (is_part)
		return;
	if (ch->part)
		pass_on(c, ch, is_binary, ch->part, ch->part_len);
	else
		pass_on(c, ch, is_binary, m->data, is_empty ? 0 : m->len);
	free(ch->part);
	ch->part = NULL;
	ch->part_len = 0;
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
	struct channel *ch = c->open[m->stream] ? c->open[m->stream] : add(c, m->stream, "", "");
	if (ch && !ch->is_closing) {
		ch->is_acked = true;
		on_user(c, ch, m);
	}
}

/* ---- the end of a channel ---- */

static void on_reset_done(void *arg)
{
	struct channels *c = arg;
	for (unsigned i = 0; i < SCTP_STREAMS; i++)
		if (c->open[i] && c->open[i]->reset_waits)
			reset_ours(c, c->open[i]);
}

/* RFC 8831, section 6.7: who sees the other's stream reset, resets its own. */
static void on_reset(void *arg, const uint16_t *streams, unsigned n)
{
	struct channels *c = arg;
	for (unsigned i = 0; i < (n ? n : SCTP_STREAMS); i++) {
		unsigned stream = n ? streams[i] : i;
		struct channel *ch = stream < SCTP_STREAMS ? c->open[stream] : NULL;
		if (!ch)
			continue;
		ch->is_reset = true;
		reset_ours(c, ch);
	}
}

/* ---- out ---- */

static enum err send_on(struct channels *c, const struct channel *ch, const struct data_msg *m)
{
	static const uint8_t nothing[1] = { 0 };
	const struct sctp_msg out = { .stream = ch->stream,
		.ppid = m->len ? (m->is_binary ? PPID_BINARY : PPID_TEXT)
			       : (m->is_binary ? PPID_BINARY_EMPTY : PPID_TEXT_EMPTY),
		.unordered = ch->is_unordered && ch->is_acked,
		.partial = ch->partial,
		.limit = ch->limit,
		.data = m->len ? m->bytes : nothing,
		.len = m->len ? m->len : 1 };
	return sctp_send(c->sctp, &out);
}

/* @return ERR_FULL: it has to wait. All else is the end of it. */
static enum err send_one(struct channels *c, const struct data_msg *m)
{
	struct channel *ch = m->channel ? numbered(c, m->channel - 1) : labelled(c, m->label);
	enum err e = OK;
	if (c->conf.max && m->len > c->conf.max)
		return ERR_INVALID;
	if (!ch && m->channel)
		return ERR_NOT_FOUND; /* it was closed meanwhile */
	if (!ch)
		e = open_channel(c, m, &ch);
	return e ? e : send_on(c, ch, m);
}

static void flush(struct channels *c)
{
	struct waiting *w;
	size_t cost = 0;
	while (c->is_up && (w = c->first) && send_one(c, w->msg) != ERR_FULL) {
		cost += data_msg_cost(w->msg);
		c->first = w->next;
		data_msg_drop(w->msg);
		free(w);
	}
	if (!c->first)
		c->last = &c->first;
	if (cost)
		tell(c, DATA_SENT, NULL, cost);
}

void channels_send(struct channels *c, struct data_msg *m)
{
	struct waiting *w = malloc(sizeof(*w));
	if (!w) {
		tell(c, DATA_SENT, NULL, data_msg_cost(m));
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
	tell(c, DATA_READY, NULL, 0);
	flush(c);
}

static void on_drained(void *arg)
{
	flush(arg);
}

static void on_down(void *arg)
{
	struct channels *c = arg;
	c->is_up = false;
	tell(c, DATA_DOWN, NULL, 0);
}

enum err channels_create(struct channels **out, const struct channels_conf *conf,
	const struct channels_ops *ops, void *arg)
{
	static const struct sctp_ops sctp_ops = { on_send, on_up, on_message, on_reset,
		on_reset_done, on_drained, on_down };
	struct channels *c = calloc(1, sizeof(*c));
	if (!c)
		return ERR_FULL;
	c->conf = *conf;
	c->ops = ops;
	c->arg = arg;
	c->last = &c->first;
	enum err e = sctp_open(&c->sctp, conf->id, conf->port, conf->mtu, &sctp_ops, c);
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

void channels_destroy(struct channels *c)
{
	if (!c)
		return;
	sctp_end(c->sctp);
	for (unsigned i = 0; i < SCTP_STREAMS; i++)
		if (c->open[i])
			forget(c, c->open[i]);
	for (struct waiting *w = c->first, *next; w; w = next) {
		next = w->next;
		data_msg_drop(w->msg);
		free(w);
	}
	free(c);
}

struct sctp *channels_sctp(const struct channels *c)
{
	return c->sctp;
}

void channels_input(struct channels *c, const uint8_t *packet, size_t len)
{
	sctp_input(c->sctp, packet, len);
}

void channels_consumed(struct channels *c, size_t cost)
{
	bool was_held = c->unread >= UNREAD_MAX;
	c->unread -= cost < c->unread ? cost : c->unread;
	if (was_held && c->unread < UNREAD_MAX)
		sctp_hold(c->sctp, false);
}
