/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp_out.h"
#include <errno.h>
#include <string.h>
#include <usrsctp.h>
#include "sctp_clock.h"
#include "sctp_in.h"
#include "sctp_socket.h"
#include "sctp_state.h"

#define OUT_MAX 2048 /* messages that wait or are not acknowledged: 400 bytes and theirs each */

/* ---- more streams ---- */

/* Is there nothing that waits or is not acknowledged, nor given up and not yet passed by? */
static bool is_dry(const struct sctp *s)
{
	struct sctp_socket_use use;
	return sctp_socket_use(s->so, &use) && !use.out_chunks && !use.out;
}

/* usrsctp says when it is dry, but not if the last of it was a message that it gave up in part. */
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
	struct sctp_add_streams more = { .sas_outstrms = (uint16_t)sctp_streams_growth(
						 s->streams.n_out, wanted, s->streams.peer_in) };
	if (is_out(s)) {
		s->out_wanted = wanted > s->out_wanted ? wanted : s->out_wanted;
		s->wants_room = true;
		return ERR_AGAIN;
	}
	sctp_clock_busy();
	if (!sctp_socket_set(s->so, SCTP_ADD_STREAMS, &more, sizeof(more)) ||
		!s->streams.has_request)
		return ERR_AGAIN;
	sctp_feed(s, packet, sctp_streams_grant(&s->streams, packet));
	s->streams.n_out += more.sas_outstrms;
	return OK;
}

void sctp_out_dry(struct sctp *s)
{
	unsigned wanted = s->out_wanted;
	if (is_out(s))
		return;
	s->reset_wanted = false;
	s->out_wanted = 0;
	if (wanted > s->streams.n_out)
		grow_out(s, wanted);
}

void sctp_out_attend(struct sctp *s)
{
	if (s->out_wanted || s->reset_wanted || s->n_out >= OUT_MAX)
		sctp_out_dry(s);
	if (!s->is_over && s->wants_room && s->n_out < OUT_MAX && !s->out_wanted &&
		!s->reset_wanted && usrsctp_get_events(s->so) & SCTP_EVENT_WRITE) {
		s->wants_room = false;
		s->ops->drained(s->arg);
	}
}

unsigned sctp_limit(const struct sctp *s)
{
	return s->streams.peer_in;
}

/* ---- what is sent ---- */

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
	sctp_clock_busy();
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
	sctp_clock_busy();
	if (end > s->streams.n_out && grow_out(s, end))
		return ERR_AGAIN;
	s->streams.did_reset = false;
	if (!sctp_socket_set(s->so, SCTP_RESET_STREAMS, &u, sizeof(u)))
		return ERR_STATE;
	s->is_resetting = s->streams.did_reset;
	return OK;
}
