/* SPDX-License-Identifier: Apache-2.0 */
/* The transport of an m-line: ICE credentials, fingerprints, a=setup, of the line itself or of the
 * session. Called by who reads attributes; bundle.c says which line's count. */
#include <ctype.h>
#include <glib.h>
#include <string.h>
#include "sdp_priv.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* "AA:BB:…" @return bytes, 0 when malformed */
static unsigned parse_hex(const char *s, uint8_t *out, unsigned max)
{
	unsigned n = 0;
	while (n < max && hex(s[0]) >= 0 && hex(s[1]) >= 0) {
		out[n++] = (uint8_t)(hex(s[0]) << 4 | hex(s[1]));
		s += 2;
		if (*s != ':')
			break;
		s++;
	}
	return *s == '\0' || *s == ' ' ? n : 0;
}

/* "sha-256 AA:BB:…"; functions that are not known are passed over. */
static void fingerprint(struct sdp_creds *c, const char *value)
{
	uint8_t bytes[FINGERPRINT_MAX];
	size_t name = strcspn(value, " "), len = fingerprint_len(value, name);
	const char *digits = value + name;
	if (len && parse_hex(digits + strspn(digits, " "), bytes, sizeof bytes) == len)
		fingerprints_add(&c->fingerprints, bytes, len);
}

static int setup(const char *value)
{
	if (strcmp(value, "actpass") == 0)
		return SETUP_ACTPASS;
	if (strcmp(value, "active") == 0)
		return SETUP_ACTIVE;
	return strcmp(value, "passive") == 0 ? SETUP_PASSIVE : SETUP_NONE;
}

bool sdp_creds_attr(struct sdp_creds *c, const char *name, const char *value)
{
	if (strcmp(name, "ice-ufrag") == 0)
		sdp_token(c->ufrag, sizeof c->ufrag, value);
	else if (strcmp(name, "ice-pwd") == 0)
		sdp_token(c->pwd, sizeof c->pwd, value);
	else if (strcmp(name, "fingerprint") == 0)
		fingerprint(c, value);
	else if (strcmp(name, "setup") == 0)
		c->setup = setup(value);
	else
		return false;
	return true;
}

void sdp_creds_merge(
	struct sdp_transport *t, const struct sdp_creds *media, const struct sdp_creds *session)
{
	memcpy(t->ufrag, media->ufrag[0] ? media->ufrag : session->ufrag, sizeof t->ufrag);
	memcpy(t->pwd, media->pwd[0] ? media->pwd : session->pwd, sizeof t->pwd);
	t->fingerprints = media->fingerprints.n ? media->fingerprints : session->fingerprints;
	t->setup = media->setup != SETUP_NONE ? media->setup : session->setup;
}

void sdp_lines_free(struct sdp_lines *l)
{
	if (l)
		g_free(l->line);
	g_free(l);
}
