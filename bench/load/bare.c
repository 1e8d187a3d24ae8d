/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "../micro/hello.h"
#include "bare.h"
#include "base.h"
#include "dtls.h"
#include "options.h"
#include "peer.h"
#include "source.h"

#define TRIES    50
#define PATIENCE 100 /* ms */

/* What a server would have agreed to in its answer. */
static const struct sdp_media audio = { .kind = 'a', .mid = "0", .pt = 111, .mid_ext = 4 };
static const struct sdp_media video = {
	.kind = 'v', .mid = "1", .pt = 96, .mid_ext = 4, .twcc_ext = 3
};

static bool is_answered(struct peer *p, const struct hello *h)
{
	struct hello answer;
	struct pollfd readable = { p->fd, POLLIN, 0 };
	return poll(&readable, 1, PATIENCE) > 0 &&
	       recv(p->fd, &answer, sizeof(answer), 0) == (ssize_t)hello_len(h) &&
	       answer.magic == HELLO_MAGIC;
}

static void say_hello(struct peer *p, uint32_t profile)
{
	struct hello h = { .magic = HELLO_MAGIC, .number = p->number, .profile = profile };
	if (p->n_feeds > HELLO_FEEDS)
		die("%d feeds of one peer are too many", p->n_feeds);
	for (int i = 0; i < p->n_feeds; i++)
		h.feed[h.n_feeds++] = p->feeds[i]->number;
	for (int i = 0; i < TRIES; i++) {
		if (sendto(p->fd, &h, hello_len(&h), 0, (struct sockaddr *)&p->remote,
			    sizeof(p->remote)) >= 0 &&
			is_answered(p, &h))
			return;
	}
	die("there is no forwarder on port %d", opt.bare);
}

static void connect_peer(struct peer *p)
{
	bool is_gcm = !strncmp(opt.srtp, "SRTP_AEAD_", 10);
	uint8_t from_us[HELLO_MASTER], to_us[HELLO_MASTER];
	hello_master(from_us, p->number, true);
	hello_master(to_us, p->number, false);
	p->remote = p->local;
	p->remote.sin_port = htons((uint16_t)opt.bare);
	p->has_remote = true;
	if (!dtls_session(&p->out, is_gcm, from_us, from_us + DTLS_KEY, false) ||
		!dtls_session(&p->in, is_gcm, to_us, to_us + DTLS_KEY, true))
		die("libsrtp2 makes no session");
	p->dtls.profile = is_gcm ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80";
	p->next_rtcp_ns = now_ns() + rand64() % NS_PER_S;
	say_hello(p, is_gcm ? 7 : 1);
	p->dtls.is_up = true;
}

static void start_media(struct peer *p)
{
	p->audio.ssrc = rand32();
	p->video.ssrc = rand32();
	if (opt.audio)
		source_start(&p->audio, &audio);
	if (!opt.no_video)
		source_start(&p->video, &video);
}

struct handle *bare_create(enum part part, struct handle **feeds, int n_feeds)
{
	struct handle *h = make(1, sizeof(*h));
	struct peer *p = h->peer = peer_create();
	h->part = part;
	h->is_up = true;
	p->sink.audio_pt = audio.pt;
	p->sink.video_pt = video.pt;
	for (int i = 0; i < n_feeds; i++)
		peer_feed(p, feeds[i]->peer);
	if (part == PART_ECHO)
		peer_feed(p, p);
	connect_peer(p);
	if (part == PART_PUBLISHER || part == PART_ECHO)
		start_media(p);
	return h;
}
