/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp_in.h"
#include <string.h>
#include <usrsctp.h>
#include "../base/log.h"
#include "sctp_limits.h"
#include "sctp_state.h"

#define FULL (SCTP_BUFFER + SCTP_BUFFER / 4) /* what is on its way behind a closed window */

void sctp_feed(const struct sctp *s, const uint8_t *packet, size_t len)
{
	usrsctp_conninput(sctp_name(s->id), packet, len, 0);
}

static size_t feed_resets(struct sctp *s, uint8_t *packet, size_t len)
{
	uint8_t part[SCTP_RESET_BYTES];
	size_t n;
	while ((n = sctp_streams_part(&s->streams, packet, len, part))) {
		sctp_feed(s, part, n);
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

void sctp_in_control(struct sctp *s, uint8_t *packet, size_t len)
{
	if (!sctp_streams_is_ours(&s->streams, packet, len))
		return;
	refuse_beginnings(s, packet, len);
	sctp_held_control(&s->held, packet, len);
	sctp_forward_in(&s->forward, packet, len);
	len = feed_resets(s, packet, len);
	sctp_streams_in(&s->streams, packet, len);
	sctp_feed(s, packet, len);
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
			sctp_feed(s, part, n_part);
			n_part = SCTP_COMMON;
		}
		memcpy(part + n_part, c, size);
		n_part += size;
	}
	if (len <= SCTP_SMALL)
		sctp_feed(s, packet, len);
	else if (n_part > SCTP_COMMON)
		sctp_feed(s, part, n_part);
}

static bool grow_in(struct sctp *s, unsigned wanted)
{
	uint8_t packet[SCTP_STREAMS_PACKET];
	unsigned n = sctp_streams_growth(s->streams.n_in, wanted, SCTP_STREAMS);
	for (unsigned n_try = 0; n_try < 2 && s->streams.n_in < wanted; n_try++) {
		sctp_streams_ask(&s->streams, n, n_try, packet);
		sctp_feed(s, packet, SCTP_STREAMS_ASK);
		s->streams.is_asking = false;
		if (s->streams.result != 1)
			continue;
		s->streams.n_in += n;
		s->streams.added_in++;
	}
	return s->streams.n_in >= wanted;
}

void sctp_in_data(struct sctp *s, uint8_t *packet, size_t len)
{
	unsigned wanted = sctp_streams_used(packet, len);
	if (!sctp_streams_is_ours(&s->streams, packet, len))
		return;
	sctp_held_data(&s->held, packet, len, s->unread >= FULL);
	if (wanted > s->streams.n_in && wanted <= SCTP_STREAMS && !grow_in(s, wanted))
		log_debug("sctp", s->id, "no more streams", "wanted=%u", wanted);
	feed_data(s, packet, len);
}
