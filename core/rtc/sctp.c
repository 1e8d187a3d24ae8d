/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usrsctp.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "data.h"
#include "sctp_forward.h"
#include "sctp_held.h"
#include "sctp_socket.h"
#include "sctp_streams.h"

#define PORT   5000
#define CHUNKS 4096                            /* … in so many pieces */
#define FULL   (SCTP_BUFFER + SCTP_BUFFER / 4) /* what is on its way behind a closed window */
/* messages that wait or are not acknowledged: 400 bytes and theirs each */
#define OUT_MAX      2048
#define TICK_US      (10 * US_PER_MS)
#define IDLE_TICK_US (250 * US_PER_MS)
#define RESTART_US   (250 * US_PER_MS) /* from one association to the next that the peer begins */
#define STUCK_US     (10 * US_PER_S)   /* while too much waits for something */
#define AGAIN_US     (500 * US_PER_MS) /* a FORWARD TSN that nothing has answered */
/* behind the last packet: longer than any retransmission waits */
#define BUSY_US (4 * US_PER_S)

struct sctp {
	uint64_t id;
	uint16_t port;
	int64_t opened_us;
	struct socket *so;
	const struct sctp_ops *ops;
	void *arg;
	bool is_due, is_up, is_over, wants_room;
	struct sctp *next_due;
	struct sctp_streams streams;
	struct sctp_held held;
	struct sctp_forward forward;
	struct wheel_timer again; /* … is sent */
	int64_t waits_us;         /* since when too much waits for something; 0: it does not */
	size_t unread;            /* … of what is beyond SCTP_BUFFER */
	unsigned n_out;           /* messages since all were acknowledged */
	unsigned out_wanted;      /* streams, once they are */
	bool reset_wanted;        /* once they are, too */
	bool is_resetting;        /* until reset_done() */
	uint8_t *part;            /* of a message that usrsctp delivers in pieces; NULL: none */
	size_t part_len;
	uint16_t part_stream;
};

static struct metric abused = { .name = "cardea_data_abused_total",
	.help = "SCTP associations ended because a peer left too many messages unfinished" };

static struct {
	struct loop *loop;
	struct sctp *(*find)(void *arg, uint64_t id);
	void *arg;
	struct wheel_timer tick;
	int64_t ticked_us, busy_until_us;
	unsigned n;
	struct sctp *due;
	uint8_t *buffer; /* one message; DATA_MAX and one more */
} host;

static void *name_of(uint64_t id)
{
	return (void *)(uintptr_t)id;
}

static struct sctp *named(void *name)
{
	return host.find(host.arg, (uint64_t)(uintptr_t)name);
}

/* ---- time ---- */

static void catch_up(void)
{
	int64_t ms = (loop_now(host.loop) - host.ticked_us) / US_PER_MS;
	if (ms <= 0)
		return;
	host.ticked_us += ms * US_PER_MS;
	usrsctp_handle_timers((uint32_t)ms);
}

static void arm(int64_t in_us)
{
	int64_t at = loop_now(host.loop) + in_us;
	if (host.n && (!wheel_armed(&host.tick) || host.tick.at_us > at))
		wheel_set(loop_wheel(host.loop), &host.tick, at);
}

/* Timers are about to be set: usrsctp counts them from its last tick on. */
static void be_busy(void)
{
	catch_up();
	host.busy_until_us = loop_now(host.loop) + BUSY_US;
	arm(TICK_US);
}

static void be_due(struct sctp *s)
{
	if (s->is_due || s->is_over)
		return;
	s->is_due = true;
	s->next_due = host.due;
	host.due = s;
	arm(0);
}

static void forget_due(struct sctp *s)
{
	for (struct sctp **at = &host.due; *at; at = &(*at)->next_due)
		if (*at == s) {
			*at = s->next_due;
			break;
		}
	s->is_due = false;
}

/* ---- more streams ---- */

static void feed(const struct sctp *s, const uint8_t *packet, size_t len)
{
	usrsctp_conninput(name_of(s->id), packet, len, 0);
}

/* Twice as many, or as many as are wanted. */
static unsigned growth(unsigned now, unsigned wanted, unsigned limit)
{
	unsigned n = 2 * now > wanted ? 2 * now : wanted;
	return (n < limit ? n : limit) - now;
}

/* Is there nothing that waits or is not acknowledged, nor given up and not yet passed by? */
static bool is_dry(const struct sctp *s)
{
	struct sctp_socket_use use;
	return sctp_socket_use(s->so, &use) && !use.out_chunks && !use.out;
}

/* usrsctp tells when it is dry, but not if the last of it was a message that it gave up in part. */
static bool is_out(struct sctp *s)
{
	if (s->n_out && is_dry(s))
		s->n_out = 0;
	return s->n_out;
}

/* Not while a reset is under way: usrsctp has one request at a time. Nor while a message may be
 * sent in part: usrsctp would go on with another, and no peer could read either (RFC 9260, 6.9). */
static enum err grow_out(struct sctp *s, unsigned wanted)
{
	uint8_t packet[SCTP_STREAMS_PACKET];
	struct sctp_add_streams more = { .sas_outstrms = (uint16_t)growth(
						 s->streams.n_out, wanted, s->streams.peer_in) };
	if (is_out(s)) {
		s->out_wanted = wanted > s->out_wanted ? wanted : s->out_wanted;
		s->wants_room = true;
		return ERR_AGAIN;
	}
	be_busy();
	if (!sctp_socket_set(s->so, SCTP_ADD_STREAMS, &more, sizeof(more)) ||
		!s->streams.has_request)
		return ERR_AGAIN;
	feed(s, packet, sctp_streams_grant(&s->streams, packet));
	s->streams.n_out += more.sas_outstrms;
	return OK;
}

/* What waits for that goes on. */
static void on_dry(struct sctp *s)
{
	unsigned wanted = s->out_wanted;
	if (is_out(s))
		return;
	s->reset_wanted = false;
	s->out_wanted = 0;
	if (wanted > s->streams.n_out)
		grow_out(s, wanted);
}

/* ---- usrsctp calls ---- */

static void say_forward(void *arg)
{
	struct sctp *s = arg;
	if (s->is_over || !s->forward.packet)
		return;
	sctp_seal(s->forward.packet, s->forward.len);
	s->ops->send(s->arg, s->forward.packet, s->forward.len);
	wheel_set(loop_wheel(host.loop), &s->again, loop_now(host.loop) + AGAIN_US);
}

static int on_output(void *name, void *packet, size_t len, uint8_t tos, uint8_t df)
{
	struct sctp *s = named(name);
	(void)tos;
	(void)df;
	host.busy_until_us = loop_now(host.loop) + BUSY_US;
	if (!s || !(len = sctp_streams_out(&s->streams, packet, len))) /* the packet is a copy */
		return 0;
	sctp_held_out(&s->held, packet, len, s->unread);
	sctp_forward_out(&s->forward, packet, len);
	if (s->forward.packet && !wheel_armed(&s->again))
		wheel_set(loop_wheel(host.loop), &s->again, loop_now(host.loop) + AGAIN_US);
	sctp_seal(packet, len);
	s->ops->send(s->arg, packet, len);
	return 0;
}

/* It is called in the middle of usrsctp's work: what there is to do is done later. */
static void on_upcall(struct socket *so, void *name, int flags)
{
	struct sctp *s = named(name);
	(void)so;
	(void)flags;
	if (s)
		be_due(s);
}

/* The peer is told, if it does not know: its channels close. */
static void close_socket(struct sctp *s)
{
	if (s->so)
		usrsctp_close(s->so);
	s->so = NULL;
}

static void end(struct sctp *s)
{
	if (s->is_over)
		return;
	close_socket(s);
	s->is_over = true;
	s->ops->down(s->arg);
}

static void on_change(struct sctp *s, const struct sctp_assoc_change *c)
{
	if (c->sac_state == SCTP_COMM_UP && !s->is_up) {
		s->is_up = true;
		s->ops->up(s->arg);
	} else if (c->sac_state != SCTP_COMM_UP && c->sac_state != SCTP_RESTART) {
		end(s);
	}
}

static void drop_part(struct sctp *s)
{
	free(s->part);
	s->part = NULL;
	s->part_len = 0;
}

static void on_notice(struct sctp *s, const uint8_t *data, size_t len)
{
	const union sctp_notification *n = (const void *)data;
	if (len < sizeof(n->sn_header) || n->sn_header.sn_length > len)
		return;
	if (n->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
		on_change(s, &n->sn_assoc_change);
	} else if (n->sn_header.sn_type == SCTP_STREAM_RESET_EVENT) {
		const struct sctp_stream_reset_event *e = &n->sn_strreset_event;
		unsigned listed = (unsigned)((e->strreset_length - sizeof(*e)) / sizeof(uint16_t));
		if (e->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN)
			s->ops->reset(s->arg, e->strreset_stream_list, listed);
		if (e->strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) {
			s->is_resetting = false;
			s->ops->reset_done(s->arg);
		}
	} else if (n->sn_header.sn_type == SCTP_PARTIAL_DELIVERY_EVENT) {
		/* RFC 6458, 6.1.7: its sender has given it up. There is one at a time. */
		drop_part(s);
	} else if (n->sn_header.sn_type == SCTP_SENDER_DRY_EVENT) {
		on_dry(s); /* by now it may have been given more */
	}
}

/* A message larger than what is agreed on ends the association: there is no other way to refuse. */
static bool keep_part(struct sctp *s, uint16_t stream, size_t len)
{
	if (s->part_len + len > DATA_MAX) {
		log_debug("sctp", s->id, "message too large", "bytes=%zu", s->part_len + len);
		return false;
	}
	uint8_t *part = realloc(s->part, s->part_len + len + 1);
	if (!part)
		return false;
	memcpy(part + s->part_len, host.buffer, len);
	s->part = part;
	s->part_len += len;
	s->part_stream = stream;
	return true;
}

static void on_message(struct sctp *s, const struct sctp_rcvinfo *info, size_t len, bool whole)
{
	struct sctp_msg m = { .stream = info->rcv_sid,
		.ppid = ntohl(info->rcv_ppid),
		.unordered = info->rcv_flags & SCTP_UNORDERED,
		.data = host.buffer,
		.len = len };
	if (s->part && s->part_stream != m.stream)
		drop_part(s);
	if ((s->part || !whole || len > DATA_MAX) && !keep_part(s, m.stream, len)) {
		end(s);
		return;
	}
	if (!whole)
		return;
	if (s->part) {
		m.data = s->part;
		m.len = s->part_len;
	}
	s->ops->message(s->arg, &m);
	drop_part(s);
}

/* @return false when there is nothing more */
static bool take_one(struct sctp *s)
{
	struct sctp_rcvinfo info;
	socklen_t info_len = sizeof(info), from_len = 0;
	unsigned type = 0;
	int flags = 0;
	ssize_t n = usrsctp_recvv(
		s->so, host.buffer, DATA_MAX + 1, NULL, &from_len, &info, &info_len, &type, &flags);
	if (n <= 0) {
		if (n == 0 || (errno != EWOULDBLOCK && errno != EINPROGRESS))
			end(s);
		return false;
	}
	if (flags & MSG_NOTIFICATION)
		on_notice(s, host.buffer, (size_t)n);
	else if (type == SCTP_RECVV_RCVINFO)
		on_message(s, &info, (size_t)n, flags & MSG_EOR);
	return true;
}

static void attend(struct sctp *s)
{
	while (!s->is_over && take_one(s))
		;
	if (!s->is_over && (s->out_wanted || s->reset_wanted || s->n_out >= OUT_MAX))
		on_dry(s);
	if (!s->is_over && s->wants_room && s->n_out < OUT_MAX && !s->out_wanted &&
		!s->reset_wanted && usrsctp_get_events(s->so) & SCTP_EVENT_WRITE) {
		s->wants_room = false;
		s->ops->drained(s->arg);
	}
}

static void attend_all(void)
{
	struct sctp *s;
	while ((s = host.due)) {
		host.due = s->next_due;
		s->is_due = false;
		attend(s);
	}
}

static void on_tick(void *arg)
{
	(void)arg;
	catch_up();
	attend_all();
	arm(loop_now(host.loop) < host.busy_until_us ? TICK_US : IDLE_TICK_US);
}

/* ---- life ---- */

enum err sctp_start(struct loop *loop, struct sctp *(*find)(void *arg, uint64_t id), void *arg)
{
	host.loop = loop;
	host.find = find;
	host.arg = arg;
	host.tick.fn = on_tick;
	host.ticked_us = loop_now(loop);
	host.buffer = malloc(DATA_MAX + 1);
	if (!host.buffer)
		return ERR_FULL;
	usrsctp_init_nothreads(0, on_output, NULL);
	usrsctp_enable_crc32c_offload(); /* we change packets on their way: checksums are ours */
	usrsctp_sysctl_set_sctp_max_chunks_on_queue(CHUNKS);
	usrsctp_sysctl_set_sctp_ecn_enable(0);
	usrsctp_sysctl_set_sctp_asconf_enable(0);
	usrsctp_sysctl_set_sctp_auth_enable(0);
	usrsctp_sysctl_set_sctp_blackhole(2); /* no answer to packets of no association */
	return OK;
}

void sctp_stop(void)
{
	if (!host.buffer)
		return;
	wheel_cancel(loop_wheel(host.loop), &host.tick);
	/* It refuses while it has not let go of associations that were aborted. */
	for (int i = 0; usrsctp_finish() && i < 100; i++)
		usrsctp_handle_timers(100);
	free(host.buffer);
	memset(&host, 0, sizeof(host));
}

static struct sockaddr_conn address(uint64_t id, uint16_t port)
{
	return (struct sockaddr_conn){
		.sconn_family = AF_CONN, .sconn_port = htons(port), .sconn_addr = name_of(id)
	};
}

enum err sctp_open(struct sctp **out, uint64_t id, uint16_t port, unsigned mtu,
	const struct sctp_ops *ops, void *arg)
{
	struct sockaddr_conn local = address(id, PORT);
	struct sctp *s = calloc(1, sizeof(*s));
	if (!s)
		return ERR_FULL;
	s->id = id;
	s->port = port;
	s->opened_us = loop_now(host.loop);
	s->ops = ops;
	s->arg = arg;
	s->streams.n_out = SCTP_FIRST;
	s->again = (struct wheel_timer){ .fn = say_forward, .arg = s };
	sctp_held_begin(&s->held);
	usrsctp_register_address(name_of(id));
	host.n++;
	s->so = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
	if (!s->so || !sctp_socket_configure(s->so, mtu) ||
		usrsctp_bind(s->so, (struct sockaddr *)&local, sizeof(local)) ||
		usrsctp_set_upcall(s->so, on_upcall, name_of(id))) {
		log_warn("sctp", id, "no association", "errno=%d", errno);
		sctp_end(s);
		return ERR_FULL;
	}
	*out = s;
	return OK;
}

enum err sctp_begin(struct sctp *s)
{
	struct sockaddr_conn remote = address(s->id, s->port);
	be_busy();
	if (usrsctp_connect(s->so, (struct sockaddr *)&remote, sizeof(remote)) &&
		errno != EINPROGRESS)
		return ERR_IO;
	return OK;
}

void sctp_end(struct sctp *s)
{
	if (!s)
		return;
	s->is_over = true;
	close_socket(s);
	usrsctp_deregister_address(name_of(s->id));
	sctp_held_end(&s->held);
	wheel_cancel(loop_wheel(host.loop), &s->again);
	sctp_forward_end(&s->forward);
	forget_due(s);
	if (!--host.n)
		wheel_cancel(loop_wheel(host.loop), &host.tick);
	free(s->part);
	free(s);
}

static bool grow_in(struct sctp *s, unsigned wanted)
{
	uint8_t packet[SCTP_STREAMS_PACKET];
	unsigned n = growth(s->streams.n_in, wanted, SCTP_STREAMS);
	for (unsigned n_try = 0; n_try < 2 && s->streams.n_in < wanted; n_try++) {
		sctp_streams_ask(&s->streams, n, n_try, packet);
		feed(s, packet, SCTP_STREAMS_ASK);
		s->streams.is_asking = false;
		if (s->streams.result != 1)
			continue;
		s->streams.n_in += n;
		s->streams.added_in++;
	}
	return s->streams.n_in >= wanted;
}

unsigned sctp_limit(const struct sctp *s)
{
	return s->streams.peer_in;
}

/* ---- in and out ---- */

static bool is_init(const uint8_t *packet, size_t len)
{
	return len > SCTP_COMMON && packet[SCTP_COMMON] == CHUNK_INIT;
}

/* Not for a late INIT of this one. What the last one has heard is still on its way to control: that
 * is why they do not follow each other faster. */
bool sctp_restarts(const struct sctp *s, const uint8_t *packet, size_t len)
{
	uint32_t tag;
	if (!(s->is_up || s->is_over) || !is_init(packet, len) ||
		loop_now(host.loop) - s->opened_us < RESTART_US)
		return false;
	tag = sctp_streams_init(packet, len);
	return tag && tag != s->streams.tags[0] && tag != s->streams.tags[1];
}

static size_t feed_resets(struct sctp *s, uint8_t *packet, size_t len)
{
	uint8_t part[SCTP_RESET_BYTES];
	size_t n;
	while ((n = sctp_streams_part(&s->streams, packet, len, part))) {
		feed(s, part, n);
		s->streams.is_asking = false;
		s->held.n_deferred += s->streams.result == RECONFIG_IN_PROGRESS;
		if (s->streams.result != RECONFIG_PERFORMED &&
			s->streams.result != RECONFIG_IN_PROGRESS)
			break;
		len = sctp_streams_cut(&s->streams, packet, len);
	}
	return len;
}

/* One that is up begins anew by sctp_restarts() alone, and what it came up with may come again. */
static void refuse_beginnings(const struct sctp *s, uint8_t *packet, size_t len)
{
	bool is_late = s->is_up && !sctp_streams_is_up_with(&s->streams, packet);
	uint8_t *c;
	size_t n;
	for (size_t at = SCTP_COMMON; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n))
		if ((s->is_up && (c[0] == CHUNK_INIT || c[0] == CHUNK_INIT_ACK)) ||
			(is_late && c[0] == CHUNK_COOKIE_ECHO))
			c[0] = CHUNK_UNKNOWN;
}

static void hear_control(struct sctp *s, uint8_t *packet, size_t len)
{
	if (!sctp_streams_is_ours(&s->streams, packet, len))
		return;
	refuse_beginnings(s, packet, len);
	sctp_held_control(&s->held, packet, len);
	sctp_forward_in(&s->forward, packet, len);
	len = feed_resets(s, packet, len);
	sctp_streams_in(&s->streams, packet, len);
	feed(s, packet, len);
}

/* Of a large packet usrsctp keeps all for each of its chunks: it gets small ones. */
static void feed_data(struct sctp *s, uint8_t *packet, size_t len)
{
	uint8_t part[SCTP_PACKET];
	size_t at = SCTP_COMMON, n_part = SCTP_COMMON, n;
	const uint8_t *c;
	memcpy(part, packet, SCTP_COMMON);
	for (; len > SCTP_SMALL && (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n)) {
		size_t size = sctp_padded(n) < len - at ? sctp_padded(n) : len - at;
		if (n_part > SCTP_COMMON && n_part + size > SCTP_SMALL) {
			feed(s, part, n_part);
			n_part = SCTP_COMMON;
		}
		memcpy(part + n_part, c, size);
		n_part += size;
	}
	if (len <= SCTP_SMALL)
		feed(s, packet, len);
	else if (n_part > SCTP_COMMON)
		feed(s, part, n_part);
}

static void hear_data(struct sctp *s, uint8_t *packet, size_t len)
{
	unsigned wanted = sctp_streams_used(packet, len);
	if (!sctp_streams_is_ours(&s->streams, packet, len))
		return;
	sctp_held_data(&s->held, packet, len, s->unread >= FULL);
	if (wanted > s->streams.n_in && wanted <= SCTP_STREAMS && !grow_in(s, wanted))
		log_debug("sctp", s->id, "no more streams", "wanted=%u", wanted);
	feed_data(s, packet, len);
}

/* What is whole has been taken: what there is waits for something. */
static void look(struct sctp *s)
{
	struct sctp_socket_use use;
	if (sctp_socket_use(s->so, &use))
		sctp_held_look(&s->held, use.in_chunks, use.in);
}

static void check_unfinished(struct sctp *s)
{
	int64_t now_us = loop_now(host.loop);
	if (sctp_held_wonders(&s->held))
		look(s);
	if (!s->held.is_waiting)
		s->waits_us = 0;
	else if (!s->waits_us)
		s->waits_us = now_us;
	if (!s->held.is_abused && (!s->waits_us || now_us - s->waits_us < STUCK_US))
		return;
	metric_add(&abused, 1);
	log_info("sctp", s->id, "too many unfinished messages", "pieces=%u left_bytes=%u",
		s->held.n_run, s->held.left);
	end(s);
}

void sctp_input(struct sctp *s, const uint8_t *packet, size_t len)
{
	uint8_t control[SCTP_PACKET], data[SCTP_PACKET];
	if (s->is_over && (len = sctp_refusal(packet, len, control)))
		s->ops->send(s->arg, control, len); /* our ABORT may have been lost */
	if (s->is_over || len > sizeof(control) || (s->is_up && is_init(packet, len)))
		return;
	memcpy(control, packet, len);
	if (!sctp_is_sealed(control, len))
		return;
	be_busy();
	size_t n_data = sctp_split(control, &len, data);
	bool data_goes_first = s->held.is_known; /* but for the beginning: resets are behind data */
	if (n_data && data_goes_first)
		hear_data(s, data, n_data);
	if (len)
		hear_control(s, control, len);
	if (n_data && !data_goes_first)
		hear_data(s, data, n_data);
	attend_all();
	if (!s->is_over)
		check_unfinished(s);
}

enum err sctp_send(struct sctp *s, const struct sctp_msg *m)
{
	struct sctp_sendv_spa spa = { .sendv_flags = SCTP_SEND_SNDINFO_VALID };
	if (s->is_over || !s->is_up)
		return ERR_STATE;
	if (m->stream >= s->streams.peer_in)
		return ERR_INVALID;
	/* usrsctp counts bytes, however many messages they are. */
	if ((s->n_out >= OUT_MAX && is_out(s)) || s->out_wanted || s->reset_wanted ||
		(m->stream >= s->streams.n_out && grow_out(s, m->stream + 1u))) {
		s->wants_room = true;
		return ERR_FULL;
	}
	spa.sendv_sndinfo.snd_sid = m->stream;
	spa.sendv_sndinfo.snd_ppid = htonl(m->ppid);
	spa.sendv_sndinfo.snd_flags = m->unordered ? SCTP_UNORDERED : 0;
	if (m->partial != SCTP_RELIABLE) {
		spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
		spa.sendv_prinfo.pr_policy =
			m->partial == SCTP_LIFETIME ? SCTP_PR_SCTP_TTL : SCTP_PR_SCTP_RTX;
		spa.sendv_prinfo.pr_value = m->limit;
	}
	be_busy();
	if (usrsctp_sendv(s->so, m->data, m->len, NULL, 0, &spa, sizeof(spa), SCTP_SENDV_SPA, 0) >=
		0) {
		s->n_out++;
		return OK;
	}
	if (errno != EWOULDBLOCK && errno != EAGAIN && errno != ENOBUFS)
		return errno == EMSGSIZE ? ERR_INVALID : ERR_STATE;
	s->wants_room = true;
	return ERR_FULL;
}

enum err sctp_reset(struct sctp *s, const uint16_t *streams, unsigned n)
{
	union {
		struct sctp_reset_streams r;
		uint8_t room[sizeof(struct sctp_reset_streams) + SCTP_RESETS * sizeof(uint16_t)];
	} u = { .r = { .srs_flags = SCTP_STREAM_RESET_OUTGOING } };
	unsigned end = 0;
	for (unsigned i = 0; i < n; i++) {
		if (streams[i] >= s->streams.peer_in)
			continue;
		memcpy(u.room + sizeof(u.r) + u.r.srs_number_streams++ * sizeof(uint16_t),
			&streams[i], sizeof(uint16_t));
		end = streams[i] >= end ? streams[i] + 1u : end;
	}
	if (!end || s->is_over)
		return ERR_STATE;
	if (s->is_resetting) /* usrsctp would do it then, whatever is on its way then */
		return ERR_AGAIN;
	/* Behind data that is lost, usrsctp as peer puts it off, and forgets it until more comes.
	 */
	if (is_out(s)) {
		s->reset_wanted = s->wants_room = true;
		return ERR_AGAIN;
	}
	be_busy();
	if (end > s->streams.n_out && grow_out(s, end))
		return ERR_AGAIN;
	s->streams.did_reset = false;
	if (!sctp_socket_set(s->so, SCTP_RESET_STREAMS, &u, sizeof(u)))
		return ERR_STATE;
	s->is_resetting = s->streams.did_reset;
	return OK;
}

/* A window that was nearly closed and is open again is announced at once. */
void sctp_unread(struct sctp *s, size_t bytes)
{
	uint8_t packet[SCTP_HELD_REPEAT], to_us[8];
	s->unread = bytes > SCTP_BUFFER ? bytes - SCTP_BUFFER : 0;
	size_t window = s->unread < SCTP_BUFFER ? SCTP_BUFFER - s->unread : 0;
	if (s->is_over || !s->held.is_known || window < SCTP_BUFFER / 16 ||
		s->held.window >= window / 2)
		return;
	memcpy(to_us, s->streams.ports, 4);
	memcpy(to_us + 4, s->streams.tag, 4);
	sctp_held_repeat(&s->held, to_us, packet);
	be_busy();
	feed(s, packet, sizeof(packet));
}

void sctp_metrics(void)
{
	metric_register(&abused);
}
