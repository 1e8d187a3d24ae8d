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
#include "sctp_clock.h"
#include "sctp_in.h"
#include "sctp_socket.h"
#include "sctp_state.h"

#define PORT       5000
#define CHUNKS     4096              /* … in so many pieces */
#define RESTART_US (250 * US_PER_MS) /* from one association to the next that the peer begins */
#define STUCK_US   (10 * US_PER_S)   /* while too much waits for something */
#define LET_GO_MS  20                /* usrsctp tries again to let go of what was aborted … */
#define LET_GO     5                 /* … so often, at the end */
#define AGAIN_US   (500 * US_PER_MS) /* a FORWARD TSN that nothing has answered */

static struct metric abused = { .name = "cardea_data_abused_total",
	.help = "SCTP associations ended because a peer left too many messages unfinished" };

static struct {
	struct loop *loop;
	struct sctp *(*find)(void *arg, uint64_t id);
	void *arg;
	struct sctp *due;
	uint8_t *buffer; /* one message; DATA_MAX and one more */
} host;

static struct sctp *named(void *name)
{
	return host.find(host.arg, (uint64_t)(uintptr_t)name);
}

/* ---- what there is to do ---- */

static void be_due(struct sctp *s)
{
	if (s->is_due || s->is_over)
		return;
	s->is_due = true;
	s->next_due = host.due;
	host.due = s;
	sctp_clock_arm(0);
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

/* ---- usrsctp calls ---- */

static void say_forward(void *arg)
{
	struct sctp *s = arg;
	if (s->is_over || !s->forward.packet)
		return;
	sctp_seal(s->forward.packet, s->forward.len);
	s->ops->send(s->arg, s->forward.packet, s->forward.len);
	wheel_set(loop_wheel(host.loop), &s->again, sctp_clock_now() + AGAIN_US);
}

static int on_output(void *name, void *packet, size_t len, uint8_t tos, uint8_t df)
{
	struct sctp *s = named(name);
	(void)tos;
	(void)df;
	sctp_clock_stay_busy();
	if (!s || !(len = sctp_streams_out(&s->streams, packet, len))) /* the packet is a copy */
		return 0;
	sctp_held_out(&s->held, packet, len, s->unread);
	sctp_forward_out(&s->forward, packet, len);
	if (s->forward.packet && !wheel_armed(&s->again))
		wheel_set(loop_wheel(host.loop), &s->again, sctp_clock_now() + AGAIN_US);
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
		sctp_out_dry(s); /* by now it may have been given more */
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
	if (!s->is_over)
		sctp_out_attend(s);
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

/* ---- life ---- */

/* Once in a process: when it has been finished and is begun again, usrsctp's own thread, which
 * looks through the endpoints for each address that is gone, ends at once, and what it leaves
 * undone keeps endpoints for ever. */
static void begin_usrsctp(void)
{
	static bool has_begun;
	if (has_begun)
		return;
	has_begun = true;
	usrsctp_init_nothreads(0, on_output, NULL);
	usrsctp_enable_crc32c_offload(); /* we change packets on their way: checksums are ours */
	usrsctp_sysctl_set_sctp_max_chunks_on_queue(CHUNKS);
	usrsctp_sysctl_set_sctp_ecn_enable(0);
	usrsctp_sysctl_set_sctp_asconf_enable(0);
	usrsctp_sysctl_set_sctp_auth_enable(0);
	usrsctp_sysctl_set_sctp_blackhole(2); /* no answer to packets of no association */
}

enum err sctp_start(struct loop *loop, struct sctp *(*find)(void *arg, uint64_t id), void *arg)
{
	host.loop = loop;
	host.find = find;
	host.arg = arg;
	sctp_clock_start(loop, attend_all);
	host.buffer = malloc(DATA_MAX + 1);
	if (!host.buffer)
		return ERR_FULL;
	begin_usrsctp();
	return OK;
}

void sctp_stop(void)
{
	if (!host.buffer)
		return;
	for (int i = 0; i < LET_GO; i++)
		usrsctp_handle_timers(LET_GO_MS);
	sctp_clock_stop(); /* what it still says asks for the time */
	free(host.buffer);
	memset(&host, 0, sizeof(host));
}

static struct sockaddr_conn address(uint64_t id, uint16_t port)
{
	return (struct sockaddr_conn){
		.sconn_family = AF_CONN, .sconn_port = htons(port), .sconn_addr = sctp_name(id)
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
	s->opened_us = sctp_clock_now();
	s->ops = ops;
	s->arg = arg;
	s->streams.n_out = SCTP_FIRST;
	s->again = (struct wheel_timer){ .fn = say_forward, .arg = s };
	sctp_held_begin(&s->held);
	usrsctp_register_address(sctp_name(id));
	sctp_clock_begin();
	s->so = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
	if (!s->so || !sctp_socket_configure(s->so, mtu) ||
		usrsctp_bind(s->so, (struct sockaddr *)&local, sizeof(local)) ||
		usrsctp_set_upcall(s->so, on_upcall, sctp_name(id))) {
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
	sctp_clock_busy();
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
	usrsctp_deregister_address(sctp_name(s->id));
	sctp_held_end(&s->held);
	wheel_cancel(loop_wheel(host.loop), &s->again);
	sctp_forward_end(&s->forward);
	forget_due(s);
	sctp_clock_end();
	free(s->part);
	free(s);
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
		sctp_clock_now() - s->opened_us < RESTART_US)
		return false;
	tag = sctp_streams_init(packet, len);
	return tag && tag != s->streams.tags[0] && tag != s->streams.tags[1];
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
	int64_t now_us = sctp_clock_now();
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
	sctp_clock_busy();
	size_t n_data = sctp_split(control, &len, data);
	bool data_goes_first = s->held.is_known; /* but for the beginning: resets are behind data */
	if (n_data && data_goes_first)
		sctp_in_data(s, data, n_data);
	if (len)
		sctp_in_control(s, control, len);
	if (n_data && !data_goes_first)
		sctp_in_data(s, data, n_data);
	attend_all();
	if (!s->is_over)
		check_unfinished(s);
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
	sctp_clock_busy();
	sctp_feed(s, packet, sizeof(packet));
}

void sctp_metrics(void)
{
	metric_register(&abused);
}
