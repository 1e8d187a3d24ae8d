/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "../rtc/addr.h"
#include "../rtc/rtc.h"
#include "event.h"
#include "handle.h"
#include "webrtc_event.h"

/* There is one transport, as this API numbers them. */
#define STREAM "stream_id", 1, "component_id", 1

enum { ICE = 1, LOCAL_CANDIDATE, REMOTE_CANDIDATE, SELECTED_PAIR, DTLS, CONNECTION };

static bool is_wanted(void)
{
	return event_wanted(CARDEA_EVENT_WEBRTC);
}

static void tell(const struct cardea_handle *h, unsigned subtype, json_t *body)
{
	handle_tell(h, CARDEA_EVENT_WEBRTC, subtype, body);
}

void webrtc_event_description(
	const struct cardea_handle *h, bool is_local, const char *type, const char *sdp)
{
	if (event_wanted(CARDEA_EVENT_JSEP))
		handle_tell(h, CARDEA_EVENT_JSEP, 0,
			json_pack("{s:s, s:{s:s, s:o}}", "owner", is_local ? "local" : "remote",
				"jsep", "type", type, "sdp", cardea_json_text(sdp)));
}

void webrtc_event_ice(const struct cardea_handle *h, const char *state)
{
	if (is_wanted())
		tell(h, ICE, json_pack("{s:s, s:i, s:i}", "ice", state, STREAM));
}

void webrtc_event_opened(const struct cardea_handle *h, unsigned worker)
{
	const char *candidate;
	if (!is_wanted())
		return;
	webrtc_event_ice(h, "gathering");
	for (unsigned i = 0; (candidate = rtc_candidate(worker, i)); i++)
		tell(h, LOCAL_CANDIDATE,
			json_pack("{s:s, s:i, s:i}", "local-candidate", candidate, "stream_id", 1,
				"component_id", 0));
}

void webrtc_event_candidate(const struct cardea_handle *h, const char *candidate)
{
	if (is_wanted())
		tell(h, REMOTE_CANDIDATE,
			json_pack("{s:s, s:i, s:i}", "remote-candidate", candidate, STREAM));
}

/* ---- up and down ---- */

static json_t *end_json(const struct addr *a, const char *type)
{
	char ip[INET6_ADDRSTRLEN];
	const char *text = addr_ip(a, ip);
	return json_pack("{s:s, s:i, s:s, s:s, s:i}", "address", text, "port", addr_port(a), "type",
		type, "transport", "udp", "family", strchr(text, ':') ? 6 : 4);
}

/* What the peer's side of it is, host or reflexive, an ICE-lite server is not told: it has seen the
 * address in a check, which makes it peer reflexive (RFC 8445, section 7.3.1.3). */
static void tell_pair(const struct cardea_handle *h, const struct addr *l, const struct addr *r)
{
	char pair[160], local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	snprintf(pair, sizeof pair, "%s:%u [host,udp] <-> %s:%u [prflx,udp]", addr_ip(l, local),
		addr_port(l), addr_ip(r, remote), addr_port(r));
	tell(h, SELECTED_PAIR,
		json_pack("{s:s, s:{s:o, s:o}, s:i, s:i}", "selected-pair", pair, "candidates",
			"local", end_json(l, "host"), "remote", end_json(r, "prflx"), STREAM));
}

static void tell_dtls(const struct cardea_handle *h, const char *state)
{
	tell(h, DTLS,
		json_pack("{s:s, s:i, s:i, s:i}", "dtls", state, STREAM, "retransmissions", 0));
}

void webrtc_event_connected(const struct cardea_handle *h, const struct report *r)
{
	if (!is_wanted())
		return;
	tell_pair(h, &r->connected.local, &r->connected.remote);
	webrtc_event_ice(h, "connected");
	webrtc_event_ice(h, "ready");
	tell_dtls(h, "trying");
	tell_dtls(h, "connected");
	tell(h, CONNECTION, json_pack("{s:s}", "connection", "webrtcup"));
}

void webrtc_event_failed(const struct cardea_handle *h, unsigned why)
{
	if (!is_wanted())
		return;
	if (why == FAIL_ICE || why == FAIL_CONSENT)
		webrtc_event_ice(h, "failed");
	else
		tell_dtls(h, "failed");
}
