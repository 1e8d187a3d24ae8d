/* SPDX-License-Identifier: Apache-2.0 */
/* The SDP that our peers send, offer or answer: the way out of sdp.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "options.h"
#include "sdp.h"

#define URI_MID  "urn:ietf:params:rtp-hdrext:sdes:mid"
#define URI_TWCC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

static void header(FILE *f)
{
	fprintf(f, "v=0\r\no=- %llu 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE",
		(unsigned long long)(rand64() >> 2));
}

static void transport(FILE *f, const struct sdp_self *self, bool with_candidate)
{
	char ip[INET_ADDRSTRLEN];
	fprintf(f,
		"c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
		"a=ice-options:trickle\r\na=fingerprint:%s\r\na=setup:%s\r\na=rtcp-mux\r\n",
		self->ufrag, self->pwd, self->fingerprint, self->setup);
	if (!with_candidate)
		return;
	inet_ntop(AF_INET, &self->address.sin_addr, ip, sizeof(ip));
	fprintf(f,
		"a=candidate:1 1 udp 2130706431 %s %u typ host generation "
		"0\r\na=end-of-candidates\r\n",
		ip, ntohs(self->address.sin_port));
}

static void offer_media(FILE *f, const struct sdp_self *self, bool video, enum direction direction)
{
	static const char *const words[] = { "sendrecv", "sendonly", "recvonly", "inactive" };
	int pt = video ? 96 : 111;
	fprintf(f, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\n", video ? "video" : "audio", pt);
	transport(f, self, true);
	fprintf(f, "a=mid:%d\r\na=%s\r\n", video, words[direction]);
	if (video)
		fputs("a=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 "
		      "nack pli\r\n"
		      "a=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 goog-remb\r\n",
			f);
	else
		fputs("a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n", f);
	if (!opt.no_ext)
		fprintf(f, "a=extmap:4 %s\r\n", URI_MID);
	if (!opt.no_twcc)
		fprintf(f, "a=extmap:3 %s\r\na=rtcp-fb:%d transport-cc\r\n", URI_TWCC, pt);
	fprintf(f, "a=msid:load %s\r\na=ssrc:%u cname:load\r\n", video ? "v0" : "a0",
		video ? self->video_ssrc : self->audio_ssrc);
}

char *sdp_offer(const struct sdp_self *self, enum direction direction)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	header(f);
	fprintf(f, "%s%s\r\na=msid-semantic: WMS load\r\n", opt.audio ? " 0" : "",
		opt.no_video ? "" : " 1");
	if (opt.audio)
		offer_media(f, self, false, direction);
	if (!opt.no_video)
		offer_media(f, self, true, direction);
	fclose(f);
	return text;
}

/* The m-line as it was offered, with port 0. */
static void refuse_media(FILE *f, const struct sdp_media *m)
{
	const char *port = strchr(m->line, ' ');
	const char *rest = port ? strchr(port + 1, ' ') : NULL;
	fprintf(f, "%.*s 0%s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=inactive\r\n",
		port ? (int)(port - m->line) : 7, m->line, rest ? rest : " UDP/TLS/RTP/SAVPF 0",
		m->mid);
}

static bool is_wanted(const struct sdp_media *m)
{
	return !m->is_rejected && m->kind != 'x';
}

static void answer_media(
	FILE *f, const struct sdp_self *self, const struct sdp_media *m, bool is_first)
{
	fprintf(f, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\n", m->kind == 'v' ? "video" : "audio", m->pt);
	transport(f, self, is_first);
	fprintf(f, "a=mid:%s\r\na=%s\r\n", m->mid,
		m->direction == INACTIVE ? "inactive" : "recvonly");
	if (m->rtpmap[0])
		fprintf(f, "a=rtpmap:%s\r\n", m->rtpmap);
	if (m->fmtp[0])
		fprintf(f, "a=fmtp:%s\r\n", m->fmtp);
	if (!opt.no_ext && m->mid_ext)
		fprintf(f, "a=extmap:%d %s\r\n", m->mid_ext, URI_MID);
	if (m->kind == 'v')
		fprintf(f, "a=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\na=rtcp-fb:%d ccm fir\r\n",
			m->pt, m->pt, m->pt);
}

char *sdp_answer(const struct sdp_self *self, const struct sdp *offer)
{
	char *text;
	size_t len;
	bool is_first = true;
	FILE *f = open_memstream(&text, &len);
	header(f);
	for (int i = 0; i < offer->n; i++)
		if (is_wanted(&offer->media[i]))
			fprintf(f, " %s", offer->media[i].mid);
	fputs("\r\na=msid-semantic: WMS *\r\n", f);
	for (int i = 0; i < offer->n; i++) {
		if (!is_wanted(&offer->media[i])) {
			refuse_media(f, &offer->media[i]);
			continue;
		}
		answer_media(f, self, &offer->media[i], is_first);
		is_first = false;
	}
	fclose(f);
	return text;
}
