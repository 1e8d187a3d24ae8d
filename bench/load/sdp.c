/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sdp.h"

/* What follows @p prefix in @p line, or NULL. */
static const char *after(const char *line, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(line, prefix, n) ? NULL : line + n;
}

bool sdp_candidate(struct sockaddr_in *out, const char *line)
{
	char foundation[64], protocol[16], ip[80], type[16];
	unsigned component, port;
	unsigned long priority;
	const char *v = after(line, "a=");
	v = after(v ? v : line, "candidate:");
	if (!v || sscanf(v, "%63s %u %15s %lu %79s %u typ %15s", foundation, &component, protocol,
			  &priority, ip, &port, type) != 7)
		return false;
	if (component != 1 || strcasecmp(protocol, "udp") || port > 65535)
		return false;
	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	return inet_pton(AF_INET, ip, &out->sin_addr) == 1;
}

static void copy(char *out, size_t size, const char *from)
{
	snprintf(out, size, "%.*s", (int)size - 1, from);
}

static bool begin_media(struct sdp *s, const char *line)
{
	if (s->n == SDP_MEDIA)
		return false;
	struct sdp_media *m = &s->media[s->n++];
	int port = 0;
	m->pt = -1;
	m->kind = 'x';
	if (after(line, "m=audio"))
		m->kind = 'a';
	else if (after(line, "m=video"))
		m->kind = 'v';
	copy(m->line, sizeof(m->line), line);
	if (sscanf(line, "m=%*s %d %*s %d", &port, &m->pt) < 1)
		return false;
	m->is_rejected = port == 0;
	return true;
}

static void take_candidate(struct sdp *s, const char *line)
{
	struct sockaddr_in a;
	if (s->n_candidates == SDP_CANDIDATES || !sdp_candidate(&a, line))
		return;
	for (int i = 0; i < s->n_candidates; i++) /* every m-line repeats them */
		if (!memcmp(&s->candidate[i], &a, sizeof(a)))
			return;
	s->candidate[s->n_candidates++] = a;
}

static void take_media_attribute(struct sdp_media *m, const char *line)
{
	static const char *const directions[] = { "a=sendrecv", "a=sendonly", "a=recvonly",
		"a=inactive" };
	const char *v;
	if ((v = after(line, "a=mid:"))) {
		copy(m->mid, sizeof(m->mid), v);
	} else if ((v = after(line, "a=rtpmap:")) && atoi(v) == m->pt) {
		copy(m->rtpmap, sizeof(m->rtpmap), v);
	} else if ((v = after(line, "a=fmtp:")) && atoi(v) == m->pt) {
		copy(m->fmtp, sizeof(m->fmtp), v);
	} else if ((v = after(line, "a=extmap:"))) {
		if (strstr(v, "sdes:mid"))
			m->mid_ext = atoi(v);
		else if (strstr(v, "transport-wide-cc"))
			m->twcc_ext = atoi(v);
	}
	if (!strcmp(line, "a=bundle-only")) /* its port is 0 all the same */
		m->is_rejected = false;
	for (int i = 0; i < 4; i++)
		if (!strcmp(line, directions[i]))
			m->direction = (enum direction)i;
}

static void take_attribute(struct sdp *s, const char *line)
{
	const char *v;
	if ((v = after(line, "a=ice-ufrag:")))
		copy(s->ufrag, sizeof(s->ufrag), v);
	else if ((v = after(line, "a=ice-pwd:")))
		copy(s->pwd, sizeof(s->pwd), v);
	else if ((v = after(line, "a=fingerprint:")))
		copy(s->fingerprint, sizeof(s->fingerprint), v);
	else if ((v = after(line, "a=setup:")))
		copy(s->setup, sizeof(s->setup), v);
	else if (!strcmp(line, "a=ice-lite"))
		s->is_lite = true;
	else if (after(line, "a=candidate:"))
		take_candidate(s, line);
	else if (s->n)
		take_media_attribute(&s->media[s->n - 1], line);
}

bool sdp_parse(struct sdp *s, const char *text)
{
	char line[2048];
	memset(s, 0, sizeof(*s));
	while (*text) {
		size_t n = strcspn(text, "\r\n");
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		text += n;
		text += strspn(text, "\r\n");
		if (!after(line, "m="))
			take_attribute(s, line);
		else if (!begin_media(s, line))
			return false;
	}
	return s->n && s->ufrag[0] && s->pwd[0];
}
