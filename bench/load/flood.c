/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base.h"
#include "flood.h"
#include "options.h"
#include "peer.h"

#define PREPARED 256
#define BATCH    32
#define PAUSE    NS_PER_MS
#define TAG      16 /* that AES-GCM adds */
#define AHEAD    16 /* sequence numbers that the replay window has not seen */

enum kind { GARBAGE, REPLAY, WRONGKEY };
static const char *const names[] = { "garbage", "replay", "wrongkey" };

static struct peer *target;
static enum kind kind;
static int fd = -1;
static uint64_t begun_ns, next_ns, sent;
static uint8_t prepared[PREPARED][SOURCE_PACKET];
static size_t length[PREPARED];

static void prepare_garbage(void)
{
	for (int i = 0; i < PREPARED; i++) {
		length[i] = 1 + rand32() % (unsigned)opt.pkt_size;
		rand_bytes(prepared[i], length[i]);
	}
}

/* The newest packets of the publisher, as they were on the wire: nothing but the replay window
 * stops them. */
static void prepare_replays(const struct source *s)
{
	for (int i = 0; i < PREPARED; i++) {
		unsigned slot = (uint16_t)(s->seq - 1 - i) % SOURCE_KEPT;
		length[i] = s->kept_len[slot];
		memcpy(prepared[i], s->kept[slot], length[i]);
		if (!length[i])
			die("flood: the publisher has not sent %d packets yet", PREPARED);
	}
}

/* No key of ours is needed for a packet that does not pass for his: what follows the header is
 * random. */
static void prepare_wrong(const struct source *s)
{
	for (int i = 0; i < PREPARED; i++) {
		length[i] = (size_t)(s->is_video ? opt.pkt_size : opt.audio_size) + TAG;
		rand_bytes(prepared[i], length[i]);
		prepared[i][0] = 0x80;
		prepared[i][1] = s->pt;
		put32(prepared[i] + 8, s->ssrc);
	}
}

static void choose_kind(void)
{
	for (int i = 0; i < 3; i++)
		if (opt.flood && !strcmp(opt.flood, names[i])) {
			kind = (enum kind)i;
			return;
		}
	die("--flood garbage, replay or wrongkey");
}

static const struct source *source_of(const struct peer *p)
{
	return p->video.is_on ? &p->video : &p->audio;
}

void flood_start(struct peer *publisher)
{
	const struct source *s = source_of(publisher);
	choose_kind();
	target = publisher;
	sent = 0;
	begun_ns = now_ns();
	next_ns = begun_ns;
	if (kind == GARBAGE)
		prepare_garbage();
	else if (kind == REPLAY)
		prepare_replays(s);
	else
		prepare_wrong(s);
	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr = publisher->local.sin_addr };
	if (fd < 0 || (kind == GARBAGE && bind(fd, (struct sockaddr *)&any, sizeof(any)) &&
			      errno != EINVAL))
		die("flood: %s", strerror(errno));
}

void flood_stop(void)
{
	target = NULL;
}

static void send_batch(uint64_t n)
{
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	for (uint64_t i = 0; i < n; i++) {
		unsigned k = (unsigned)((sent + i) % PREPARED);
		if (kind == WRONGKEY)
			put16(prepared[k] + 2, (uint16_t)(source_of(target)->seq + AHEAD + k));
		iov[i] = (struct iovec){ prepared[k], length[k] };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &target->remote,
			.msg_namelen = sizeof(target->remote),
			.msg_iov = &iov[i],
			.msg_iovlen = 1 };
	}
	int done = sendmmsg(kind == GARBAGE ? fd : target->fd, messages, (unsigned)n, 0);
	sent += done > 0 ? (uint64_t)done : 0;
}

void flood_send(uint64_t now)
{
	if (!target || now < next_ns)
		return;
	next_ns = now + PAUSE;
	uint64_t due = (uint64_t)((double)(now - begun_ns) / 1e9 * opt.flood_rate);
	for (int i = 0; sent < due && i < 256; i++)
		send_batch(due - sent < BATCH ? due - sent : BATCH);
}

uint64_t flood_next(void)
{
	return target ? next_ns : UINT64_MAX;
}

uint64_t flood_sent(void)
{
	return sent;
}
