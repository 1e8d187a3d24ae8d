/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "options.h"
#include "sink.h"
#include "source.h"

#define GAP_ASKED 200 /* a longer gap is not asked for: something else has happened */

struct sink_checks sink_checks;
struct hist sink_latency[2];
int sink_sample_every = 64; /* until a measurement knows better */
bool sink_is_measuring;

uint64_t sink_expected(const struct sink *s)
{
	uint64_t n = 0;
	for (int i = 0; i < s->n; i++)
		n += s->stream[i].last - s->stream[i].first + 1;
	return n;
}

void sinks_mark(void)
{
	hist_reset(&sink_latency[0]);
	hist_reset(&sink_latency[1]);
	sink_checks = (struct sink_checks){ 0 };
	for (int i = 0; i < n_peers; i++) {
		struct sink *s = &peers[i]->sink;
		s->mark = s->unique;
		s->expected_mark = sink_expected(s);
		s->until_sample = rand32() % (uint32_t)sink_sample_every;
		for (int k = 0; k < s->n; k++)
			s->stream[k].has_shift = false;
	}
}

void sink_free(struct sink *s)
{
	free(s->stream);
}

struct stream *sink_find(struct sink *s, uint32_t ssrc)
{
	if (s->recent < s->n && s->stream[s->recent].ssrc == ssrc)
		return &s->stream[s->recent];
	for (int i = 0; i < s->n; i++)
		if (s->stream[i].ssrc == ssrc) {
			s->recent = i;
			return &s->stream[i];
		}
	return NULL;
}

static struct stream *add_stream(struct sink *s, uint32_t ssrc, uint8_t pt, uint16_t seq)
{
	s->stream = grow(s->stream, sizeof(*s->stream) * (size_t)(s->n + 1));
	struct stream *new = &s->stream[s->n++];
	memset(new, 0, sizeof(*new));
	new->ssrc = ssrc;
	new->pt = pt;
	new->is_video = pt == s->video_pt;
	new->first = 65536ull + seq;
	new->last = new->first - 1;
	return new;
}

static bool was_seen(const struct stream *s, uint64_t n)
{
	return s->seen[n % SINK_SEEN / 64] >> n % 64 & 1;
}

static void set_seen(struct stream *s, uint64_t n, bool seen)
{
	uint64_t bit = 1ull << n % 64;
	if (seen)
		s->seen[n % SINK_SEEN / 64] |= bit;
	else
		s->seen[n % SINK_SEEN / 64] &= ~bit;
}

static void advance(struct stream *s, int by)
{
	for (int i = 1; i <= by && i <= SINK_SEEN; i++)
		set_seen(s, s->last + (uint64_t)i, false);
	for (int i = 1;
		opt.nack && s->is_video && by < GAP_ASKED && i < by && s->n_missing < SINK_MISSING;
		i++)
		s->missing[s->n_missing++] =
			(struct missing){ (uint16_t)(s->last + (uint64_t)i), 0, 0 };
	s->last += (uint64_t)by;
	set_seen(s, s->last, true);
}

static bool fill_gap(struct sink *sink, struct stream *s, uint16_t seq, int behind)
{
	uint64_t n = s->last - (uint64_t)behind;
	if (behind >= SINK_SEEN || was_seen(s, n))
		return false;
	set_seen(s, n, true);
	for (int i = 0; i < s->n_missing; i++)
		if (s->missing[i].seq == seq) {
			sink->recovered += s->missing[i].tries > 0;
			s->missing[i] = s->missing[--s->n_missing];
			break;
		}
	return true;
}

static bool is_fed_by(const struct peer *p, uint32_t number)
{
	for (int i = 0; i < p->n_feeds; i++)
		if (p->feeds[i]->number == number)
			return true;
	return false;
}

/* The server may give a stream numbers of its own, but where the sender went on by n it must go on
 * by n. */
static void check_numbers(struct stream *s, const uint8_t *packet, const struct stamp *stamp)
{
	uint16_t seq_shift = (uint16_t)(get16(packet + 2) - stamp->count);
	uint32_t ts_shift = get32(packet + 4) - stamp->ts;
	if (!s->has_shift) {
		s->has_shift = true;
		s->seq_shift = seq_shift;
		s->ts_shift = ts_shift;
		s->number = stamp->number;
	} else if (s->seq_shift != seq_shift || s->ts_shift != ts_shift ||
		   s->number != stamp->number) {
		sink_checks.renumbered++;
		say(1, "numbers moved: sequence by %d, time by %d",
			(int16_t)(seq_shift - s->seq_shift), (int32_t)(ts_shift - s->ts_shift));
		s->has_shift = false;
	}
}

static void sample(struct peer *p, struct stream *s, uint8_t *packet, int n, uint64_t arrived_ns)
{
	struct stamp stamp;
	sink_checks.samples++;
	if (srtp_unprotect(p->in, packet, &n) != srtp_err_status_ok) {
		sink_checks.undecrypted++;
		return;
	}
	if (p->is_viewer) /* frames were cut into other packets */
		return;
	if (!stamp_read(&stamp, packet, (size_t)n)) {
		sink_checks.unstamped++;
		return;
	}
	sink_checks.altered += !stamp.is_intact;
	sink_checks.misrouted +=
		!is_fed_by(p, stamp.number / 2) || (stamp.number & 1) != s->is_video;
	check_numbers(s, packet, &stamp);
	if (sink_is_measuring)
		hist_add(&sink_latency[s->is_video],
			arrived_ns > stamp.wall_ns ? arrived_ns - stamp.wall_ns : 0);
}

void sink_rtp(struct peer *p, uint8_t *packet, int n, uint64_t arrived_ns)
{
	struct sink *sink = &p->sink;
	if (opt.loss > 0 && rand_share() * 100.0 < opt.loss) {
		sink->dropped++;
		return;
	}
	uint16_t seq = get16(packet + 2);
	struct stream *s = sink_find(sink, get32(packet + 8));
	if (!s)
		s = add_stream(sink, get32(packet + 8), packet[1] & 0x7f, seq);
	int16_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)s->last);
	if (ahead > 0) {
		advance(s, ahead);
	} else if (!fill_gap(sink, s, seq, -ahead)) {
		sink->duplicates++;
		return;
	}
	s->unique++;
	sink->unique++;
	if (sink->until_sample-- > 0)
		return;
	sink->until_sample = (uint32_t)sink_sample_every - 1;
	sample(p, s, packet, n, arrived_ns);
}
