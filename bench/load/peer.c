/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base.h"
#include "dtls.h"
#include "ice.h"
#include "options.h"
#include "peer.h"
#include "rtcp.h"
#include "sink.h"
#include "source.h"

#define BATCH   32
#define POLLED  128 /* sockets between two looks at what is due */
#define PACKET  1600
#define RECEIVE (1 << 20) /* bytes of a socket's buffer */
/* peers at most whose sockets are all read, whether they have something or not */
#define SWEPT 500

static int room_for, epoll = -1;
static bool are_watched = true;
static struct in_addr local_ip;

void peers_init(void)
{
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0 || srtp_init() != srtp_err_status_ok)
		die("initialisation failed");
	if (inet_pton(AF_INET, opt.ip, &local_ip) != 1)
		die("--ip %s: not an address", opt.ip);
	dtls_init();
}

static void watch(struct peer *p, bool on)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };
	if (epoll_ctl(epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, p->fd, &e))
		die("epoll: %s", strerror(errno));
}

void peers_watch(bool on)
{
	on |= n_peers > SWEPT;
	for (int i = 0; i < n_peers && on != are_watched; i++)
		watch(peers[i], on);
	are_watched = on;
}

static void open_socket(struct peer *p)
{
	int one = 1, size = RECEIVE;
	socklen_t len = sizeof(p->local);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		die("socket: %s", strerror(errno));
	if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	p->local = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = local_ip };
	if (bind(p->fd, (struct sockaddr *)&p->local, len) ||
		getsockname(p->fd, (struct sockaddr *)&p->local, &len))
		die("bind %s: %s", opt.ip, strerror(errno));
	if (are_watched)
		watch(p, true);
}

struct peer *peer_create(void)
{
	static uint32_t number;
	struct peer *p = make(1, sizeof(*p));
	open_socket(p);
	ice_init(p);
	p->number = ++number;
	p->rtcp_ssrc = rand32() | 1;
	p->sink.audio_pt = p->sink.video_pt = -1;
	p->sink.until_sample = rand32() % (uint32_t)sink_sample_every;
	if (n_peers == room_for) {
		room_for = room_for ? room_for * 2 : 64;
		peers = grow(peers, sizeof(*peers) * (size_t)room_for);
	}
	p->index = n_peers;
	peers[n_peers++] = p;
	return p;
}

void peer_destroy(struct peer *p)
{
	if (!p || p->is_closed)
		return;
	p->is_closed = true;
	source_list_is_old = true;
	dtls_free(p);
	if (p->in)
		srtp_dealloc(p->in);
	if (p->out)
		srtp_dealloc(p->out);
	close(p->fd);
	source_free(&p->video);
	source_free(&p->audio);
	sink_free(&p->sink);
	free(p->feeds);
	peers[p->index] = peers[--n_peers];
	peers[p->index]->index = p->index;
	free(p);
}

void peer_feed(struct peer *p, struct peer *from)
{
	p->feeds = grow(p->feeds, sizeof(*p->feeds) * (size_t)(p->n_feeds + 1));
	p->feeds[p->n_feeds++] = from;
}

static struct sdp_self self(const struct peer *p, const char *setup)
{
	return (struct sdp_self){ p->ice.ufrag, p->ice.pwd, dtls_fingerprint(), setup, p->local,
		p->audio.ssrc, p->video.ssrc };
}

char *peer_offer(struct peer *p, enum direction d)
{
	p->ice.is_controlling = true;
	p->audio.ssrc = rand32();
	p->video.ssrc = rand32();
	p->rtcp_ssrc = opt.no_video ? p->audio.ssrc : p->video.ssrc;
	struct sdp_self s = self(p, "actpass");
	return sdp_offer(&s, d);
}

static bool set_remote(struct peer *p, const struct sdp *theirs)
{
	snprintf(p->dtls.their_fingerprint, sizeof(p->dtls.their_fingerprint), "%s",
		theirs->fingerprint);
	ice_set_remote(p, theirs);
	return theirs->fingerprint[0];
}

static void set_pt(struct peer *p, const struct sdp_media *m)
{
	if (m->kind == 'v')
		p->sink.video_pt = m->pt;
	else if (m->kind == 'a')
		p->sink.audio_pt = m->pt;
}

bool peer_accept_answer(struct peer *p, const char *text)
{
	static struct sdp s;
	if (!sdp_parse(&s, text))
		return false;
	p->dtls.role = !strcmp(s.setup, "passive") ? DTLS_CLIENT : DTLS_SERVER;
	for (int i = 0; i < s.n; i++) {
		struct sdp_media *m = &s.media[i];
		if (m->is_rejected || m->kind == 'x')
			continue;
		set_pt(p, m);
		if (m->direction == SENDRECV || m->direction == RECVONLY)
			source_start(m->kind == 'v' ? &p->video : &p->audio, m);
	}
	return set_remote(p, &s);
}

char *peer_answer(struct peer *p, const char *offer)
{
	static struct sdp s;
	if (!sdp_parse(&s, offer))
		return NULL;
	bool is_server = !strcmp(s.setup, "active") ||
			 (strcmp(s.setup, "passive") && !strcmp(opt.dtls_role, "server"));
	p->dtls.role = is_server ? DTLS_SERVER : DTLS_CLIENT;
	for (int i = 0; i < s.n; i++)
		if (!s.media[i].is_rejected)
			set_pt(p, &s.media[i]);
	struct sdp_self me = self(p, is_server ? "passive" : "active");
	return set_remote(p, &s) ? sdp_answer(&me, &s) : NULL;
}

void peer_add_candidate(struct peer *p, const char *line)
{
	struct sockaddr_in a;
	if (sdp_candidate(&a, line))
		ice_add(p, &a);
}

void peers_timers(uint64_t now)
{
	for (int i = 0; i < n_peers; i++) {
		struct peer *p = peers[i];
		if (p->has_failed)
			continue;
		ice_timer(p, now);
		dtls_timer(p);
		if (!p->dtls.is_up)
			continue;
		if (now >= p->next_rtcp_ns) {
			p->next_rtcp_ns = now + NS_PER_S;
			rtcp_report(p, now);
		}
		if (opt.nack)
			rtcp_nack(p, now);
	}
}

static uint64_t arrival(struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	struct timespec t;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return wall_ns();
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* What it is, by the first byte (RFC 7983). */
static void take(struct peer *p, uint8_t *b, int n, struct msghdr *h)
{
	if (n < 2 || p->is_closed)
		return;
	if (b[0] < 4)
		ice_in(p, b, n, h->msg_name);
	else if (b[0] >= 20 && b[0] < 64)
		dtls_in(p, b, n);
	else if (b[0] < 128 || b[0] >= 192 || !p->dtls.is_up || n < 12)
		return;
	else if (b[1] >= 192 && b[1] <= 223)
		rtcp_in(p, b, n);
	else
		sink_rtp(p, b, n, arrival(h));
}

/* No UDP_GRO here: with it the kernel would not cut a server's large messages into packets, and the
 * server's account would be relieved of what a network card costs. */
static int read_batch(struct peer *p)
{
	static uint8_t data[BATCH][PACKET], control[BATCH][64];
	static struct mmsghdr messages[BATCH];
	static struct iovec iov[BATCH];
	static struct sockaddr_in from[BATCH];
	static int used = BATCH; /* headers that the kernel has written to */
	for (int i = 0; i < used; i++) {
		iov[i] = (struct iovec){ data[i], PACKET };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &iov[i],
			.msg_iovlen = 1,
			.msg_control = control[i],
			.msg_controllen = sizeof(control[i]) };
	}
	int n = recvmmsg(p->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	used = n > 0 ? n : 0;
	for (int i = 0; i < used; i++)
		take(p, data[i], (int)messages[i].msg_len, &messages[i].msg_hdr);
	return used;
}

/* Every socket once, to its bottom. */
static int sweep(void)
{
	int total = 0, n;
	for (int i = 0; i < n_peers; i++) {
		do
			total += n = read_batch(peers[i]);
		while (n == BATCH);
		if (i % POLLED == POLLED - 1)
			sources_send(now_ns());
	}
	return total;
}

int peers_poll(int rounds)
{
	struct epoll_event events[POLLED];
	int total = 0;
	if (!are_watched)
		return sweep();
	while (rounds-- > 0) {
		int n = epoll_wait(epoll, events, POLLED, 0);
		if (n <= 0)
			break;
		for (int i = 0; i < n; i++)
			total += read_batch(events[i].data.ptr);
		/* with thousands of sockets a turn is longer than frames can wait */
		sources_send(now_ns());
	}
	return total;
}
