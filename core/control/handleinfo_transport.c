/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The transport of a PeerConnection, as a part of handle_info: handleinfo.c calls it. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "../rtp/ext.h"
#include "../rtc/addr.h"
#include "../rtc/rtc.h"
#include "candidate.h"
#include "handleinfo_part.h"

#define CANDIDATES_MAX 64 /* shown of a client's */

static void print_addr(const struct addr *a, char *out, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "";
	bool v6 = a->sa.sa_family == AF_INET6;
	inet_ntop(a->sa.sa_family,
		v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr, ip, sizeof ip);
	snprintf(out, size, "%s:%u", ip, ntohs(v6 ? a->v6.sin6_port : a->v4.sin_port));
}

/* What is no candidate, or not of UDP, has nothing to meet it. */
static void add_candidate(json_t *list, const char *text, size_t len)
{
	char line[256];
	struct candidate c;
	if (len >= sizeof line || json_array_size(list) == CANDIDATES_MAX)
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	if (candidate_read(&c, line) && c.is_udp)
		json_array_append_new(list, cardea_json_text(line));
}

/* The client's candidates: those of the m-line whose transport is used, and those that came after
 * it. */
static json_t *remote_candidates(const struct peerconn *pc)
{
	static const char prefix[] = "a=candidate:";
	json_t *list = json_array();
	int at = -1;
	for (const char *line = pc->remote_sdp; line && *line && at <= pc->neg.tag;) {
		size_t len = strcspn(line, "\r\n");
		at += strncmp(line, "m=", 2) == 0;
		if (at >= 0 && at == pc->neg.tag && strncmp(line, prefix, strlen(prefix)) == 0)
			add_candidate(list, line + strlen(prefix), len - strlen(prefix));
		line += len + strspn(line + len, "\r\n");
	}
	for (unsigned i = 0; pc->trickled && i < pc->trickled->len; i++) {
		const char *text = pc->trickled->pdata[i];
		add_candidate(list, text, strlen(text));
	}
	return list;
}

static json_t *local_candidates(const struct peerconn *pc)
{
	const char *candidate;
	json_t *list = json_array();
	for (unsigned i = 0; (candidate = rtc_candidate(pc->worker, i)); i++)
		json_array_append_new(list, json_string(candidate));
	return list;
}

/* An address that no candidate of the client's names has been found by its checks. */
static enum candidate_type type_of(const json_t *candidates, const struct addr *remote)
{
	size_t i;
	json_t *text;
	struct candidate c;
	json_array_foreach(candidates, i, text)
		if (candidate_read(&c, json_string_value(text)) && addr_equal(&c.addr, remote))
			return c.type;
	return CANDIDATE_PRFLX;
}

/* Ours are all of this machine, or mapped to it one to one. */
static void set_pair(json_t *o, const struct peer_stats *s)
{
	char local[64], remote[64], pair[180];
	if (!s || !s->local.sa.sa_family || !s->remote.sa.sa_family)
		return;
	print_addr(&s->local, local, sizeof local);
	print_addr(&s->remote, remote, sizeof remote);
	snprintf(pair, sizeof pair, "%s [host,udp] <-> %s [%s,udp]", local, remote,
		candidate_word(type_of(json_object_get(o, "remote-candidates"), &s->remote)));
	set_text(o, "selected-pair", pair);
}

static bool is_of_ice(unsigned failure)
{
	return failure == FAIL_ICE || failure == FAIL_CONSENT;
}

/* There is nothing to gather: what can be offered is known beforehand. */
static const char *ice_state(const struct peerconn *pc, const struct peer_stats *s)
{
	if (s && is_of_ice(s->failure))
		return "failed";
	if (pc->up || (s && s->is_proven))
		return "ready";
	if (s && s->ice_connected_us)
		return "connected";
	return pc->agreed ? "connecting" : "disconnected";
}

json_t *handle_info_ice(const struct peerconn *pc, const struct peer_report *r)
{
	const struct peer_stats *s = r ? &r->stats : NULL;
	json_t *o = json_object();
	set(o, "stream_id", 1);
	set(o, "component_id", 1);
	set_text(o, "state", ice_state(pc, s));
	if (s && is_of_ice(s->failure)) {
		set(o, "failed-detected", s->failed_us);
		json_object_set_new(o, "icetimer-started", json_false());
	}
	set(o, "gathered", pc->opened_us);
	if (s)
		set_if(o, "connected", s->ice_connected_us);
	json_object_set_new(o, "local-candidates", local_candidates(pc));
	json_object_set_new(o, "remote-candidates", remote_candidates(pc));
	set_pair(o, s);
	set(o, "ready", pc->up || (s && s->is_proven));
	return o;
}

static const char *profile_name(unsigned profile)
{
	switch (profile) {
	case 1:
		return "SRTP_AES128_CM_SHA1_80";
	case 2:
		return "SRTP_AES128_CM_SHA1_32";
	case 7:
		return "SRTP_AEAD_AES_128_GCM";
	case 8:
		return "SRTP_AEAD_AES_256_GCM";
	}
	return "none";
}

static void set_fingerprint(json_t *o, const struct sdp_transport *t)
{
	const struct fingerprints *f = &t->fingerprints;
	char text[3 * FINGERPRINT_MAX + 1] = "";
	if (!f->n)
		return;
	for (unsigned i = 0; i < f->len; i++)
		sprintf(text + 3 * i, "%02X%s", f->bytes[i], i + 1u < f->len ? ":" : "");
	set_text(o, "remote-fingerprint", text);
	set_text(o, "remote-fingerprint-hash", fingerprint_name(f->len));
}

static const char *dtls_state(const struct peerconn *pc, const struct peer_stats *s)
{
	if (s && s->failure && !is_of_ice(s->failure))
		return "failed";
	if (pc->up || (s && s->dtls_connected))
		return "connected";
	return s && s->dtls_started_us ? "trying" : "created";
}

json_t *handle_info_dtls(const struct peerconn *pc, const struct peer_report *r)
{
	const struct peer_stats *s = r ? &r->stats : NULL;
	static const char *const roles[] = {
		[DTLS_UNDECIDED] = "actpass", [DTLS_CLIENT] = "active", [DTLS_SERVER] = "passive"
	};
	json_t *o = json_object();
	bool connected = pc->up || (s && s->dtls_connected);
	set_text(o, "fingerprint", rtc_fingerprint());
	set_fingerprint(o, &pc->neg.remote);
	set_text(o, "dtls-role", roles[pc->dtls_role]);
	set_text(o, "dtls-state", dtls_state(pc, s));
	set(o, "retransmissions", s ? s->dtls_repeats : 0);
	json_object_set_new(o, "valid", json_boolean(connected));
	set_text(o, "srtp-profile", profile_name(s ? s->srtp_profile : 0));
	json_object_set_new(o, "ready", json_boolean(connected));
	if (s) {
		set_if(o, "handshake-started", s->dtls_started_us);
		set_if(o, "connected", s->dtls_connected_us);
	}
	json_object_set_new(o, "sctp-association", json_boolean(pc->data != NULL));
	if (s)
		json_object_set_new(o, "stats",
			json_pack("{s:{s:I, s:I}, s:{s:I, s:I}}", "in", "packets",
				(json_int_t)s->dtls_in.packets, "bytes",
				(json_int_t)s->dtls_in.bytes, "out", "packets",
				(json_int_t)s->dtls_out.packets, "bytes",
				(json_int_t)s->dtls_out.bytes));
	return o;
}

json_t *handle_info_extensions(const struct peerconn *pc)
{
	json_t *o = json_object();
	for (unsigned e = 0; e < CARDEA_N_EXT; e++)
		for (unsigned i = 0; i < pc->neg.n_tracks; i++)
			if (pc->neg.tracks[i].ext[e])
				set(o, ext_uri(e), pc->neg.tracks[i].ext[e]);
	return o;
}

json_t *handle_info_bwe(const struct peerconn *pc)
{
	unsigned id = 0;
	for (unsigned i = 0; i < pc->neg.n_tracks && !id; i++)
		id = pc->neg.tracks[i].ext[CARDEA_EXT_TWCC];
	json_t *o = json_pack("{s:b}", "twcc", id != 0);
	set_if(o, "twcc-ext-id", id);
	return o;
}
