/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtc/rtc.h"
#include "reasons.h"

#define ADDRESSES 3 /* that are named */

static const struct reason rows[REASON_END] = {
	/* ---- of the connection ---- */
	[WHY_NOT_UP] = { "not_up", "Its connection is not up yet.",
		"Wait for ICE and DTLS: a reason of the connection tells how far they are." },
	[REASON_OFFER_UNANSWERED] = { "offer_unanswered",
		"The plugin has not answered the client's offer for {since}.",
		"Look at what the plugin said to the message that the offer came with." },
	[WHY_NO_DESCRIPTION] = { "no_answer",
		"The client has not answered the server's offer for {since}.",
		"The client has to answer by a message with a jsep of type answer (videoroom: "
		"start)." },
	[REASON_NO_CANDIDATES] = { "no_candidates",
		"No packet ever came from this client, and it has no candidate of its own.",
		"It has found no network address to use: look at its network, and at policies of "
		"the browser that forbid UDP." },
	[WHY_ICE_UNHEARD] = { "never_heard",
		"No packet ever came from this client: is UDP {port} open? It was offered "
		"{addresses}.",
		"Open the UDP port in the firewall, or set nat_1_1_mapping if clients cannot reach "
		"that address." },
	[WHY_ICE_REFUSED] = { "checks_refused",
		"{packets} connectivity checks came from this client, and none was authentic.",
		"It uses other ICE credentials than those of the last description: does it set "
		"the newest answer or offer, unchanged?" },
	[WHY_DTLS_UNHEARD] = { "dtls_not_started",
		"ICE is up, but no DTLS handshake has come for {since}.",
		"The client has to begin it (a=setup): does something on the way let only small "
		"packets through?" },
	[WHY_DTLS_UNFINISHED] = { "dtls_unfinished",
		"The DTLS handshake has begun and is not finished after {since}.",
		"Packets of a handshake are long: look for a path that drops them, for the "
		"certificate's fingerprint in the description, and for a common SRTP profile." },
	[WHY_NO_CONSENT] = { "no_consent",
		"The client does not answer any more, so that nothing may be sent to it (RFC "
		"7675).",
		"Look at the client's network; an ICE restart brings it back." },
	[WHY_SOCKET_FULL] = { "socket_full",
		"The server's UDP socket is full: packets are dropped before they leave.",
		"The machine's network is at its end: fewer streams, or another worker or "
		"machine." },
	[REASON_LOST] = { "lost", "The connection was lost: {reason}.",
		"Look at the log before that, and at the client's network." },
	[REASON_CLOSED] = { "closed", "The connection was closed: {reason}.",
		"Nothing, if it was meant to.", true },
	[REASON_WORKER_SILENT] = { "worker_silent",
		"The media worker has not answered: what it told last is shown.",
		"It is overloaded or stuck: look at /health and for the watchdog's lines in the "
		"log." },
	/* ---- both directions ---- */
	[WHY_PEER_SILENT] = { "peer_silent",
		"Nothing has been heard of this client for {since}: it gets no video until it is "
		"heard again.",
		"Look at the client's network, and whether its page still runs." },
	[WHY_NOT_DESCRIBED] = { "not_described", "This m-line is not agreed on in this direction.",
		"Negotiate it again with the direction that is wanted." },
	[WHY_MUTED] = { "muted", "The room has muted this {kind}: its packets are not passed on.",
		"Unmute it (videoroom: moderate).", true },
	/* ---- what the server sends ---- */
	[WHY_NO_ROUTE] = { "no_source", "Nothing is sent to this m-line by the plugin.",
		"Subscribe it to a stream." },
	[WHY_SOURCE_ENDED] = { "source_ended", "Whoever published this {kind} has left.",
		"Unsubscribe, or subscribe to another stream." },
	[WHY_PAUSED] = { "paused", "Its subscriber has paused this {kind}.",
		"Go on (videoroom: configure with send true).", true },
	[WHY_CODEC] = { "codec_mismatch",
		"Its publisher sends a codec or payload type that was not agreed on.",
		"Offer the publisher's codec, or have both use one that all know." },
	[WHY_SOURCE_PAUSED] = { "source_paused",
		"The recording that this {kind} comes from stands still.", "Play it, or go on.",
		true },
	[WHY_SOURCE_NOT_UP] = { "source_not_up",
		"The connection of whoever publishes this {kind} is not up yet.",
		"Ask for the reasons of the publisher's handle." },
	[WHY_SOURCE_STOPPED] = { "source_stopped",
		"Whoever published this {kind} has stopped it by negotiation.",
		"Wait for another offer of the publisher's, or unsubscribe." },
	[WHY_SOURCE_EMPTY] = { "source_no_packets",
		"Its publisher has not sent a packet of this {kind} yet.",
		"Ask for the reasons of the publisher's handle; is the camera or microphone on?" },
	[WHY_SOURCE_STALLED] = { "source_stalled",
		"Its publisher has sent no packet of this {kind} for {since}.",
		"Ask for the reasons of the publisher's handle; is the camera or microphone on?" },
	[WHY_LAYER_CAP] = { "layer_cap",
		"Its publisher sends only layers above the highest that is allowed, {layer}.",
		"Allow a higher layer (videoroom: substream)." },
	[WHY_LAYER_NOT_SENT] = { "layer_not_sent",
		"Its publisher does not send the wanted layer, {layer}: a lower one is shown.",
		"Browsers leave out upper layers when they have too little bandwidth or too small "
		"a picture.",
		true },
	[WHY_KEYFRAME] = { "waits_for_keyframe",
		"The picture begins with the next keyframe of its publisher: {asked}.",
		"If it does not come in a second, the publisher does not hear or answer requests "
		"(PLI): look at loss on its way, or at its encoder." },
	[WHY_REFUSED] = { "not_sent", "Packets are there, but none has left for {since}.",
		"Look at the reasons of the connection." },
	/* ---- what the server receives ---- */
	[WHY_NO_PACKETS] = { "no_packets", "No packet of this {kind} has come from the client yet.",
		"Is the camera or microphone allowed, on, and attached to this m-line's "
		"transceiver?" },
	[WHY_STALLED] = { "stalled",
		"No packet of this {kind} has come from the client for {since}.",
		"Is the camera or microphone still on, and the page in front?" },
	[WHY_UNKNOWN_SSRC] = { "unknown_ssrc",
		"{packets} packets came that belong to no m-line, the last with SSRC {ssrc}.",
		"Packets need the mid extension, an SSRC that the description announces, or a "
		"payload type of their m-line alone." },
};

const struct reason *reason_of(unsigned code)
{
	return code < REASON_END && rows[code].code ? &rows[code] : NULL;
}

/* ---- values ---- */

static void put_span(GString *out, int64_t us)
{
	int64_t ms = us / US_PER_MS;
	if (ms < 1000)
		g_string_append_printf(out, "%d ms", (int)ms);
	else if (ms < 120000)
		g_string_append_printf(out, "%d s", (int)(ms / 1000));
	else
		g_string_append_printf(out, "%d min", (int)(ms / 60000));
}

static void put_kind(GString *out, const struct reason_values *v)
{
	g_string_append(out, v->kind ? v->kind : "media");
}

static void put_since(GString *out, const struct reason_values *v)
{
	put_span(out, v->now_us - v->why->since_us);
}

static void put_asked(GString *out, const struct reason_values *v)
{
	if (!v->why->asked) {
		g_string_append(out, "it is yet to be asked for one");
		return;
	}
	g_string_append_printf(out, "it was asked %u %s, the last time ", v->why->asked,
		v->why->asked == 1 ? "time" : "times");
	put_span(out, v->now_us - v->why->asked_us);
	g_string_append(out, " ago");
}

static void put_layer(GString *out, const struct reason_values *v)
{
	g_string_append_printf(out, "%u", v->why->layer);
}

static void put_packets(GString *out, const struct reason_values *v)
{
	g_string_append_printf(out, "%" G_GUINT64_FORMAT, v->why->packets);
}

static void put_ssrc(GString *out, const struct reason_values *v)
{
	g_string_append_printf(out, "%u", v->why->ssrc);
}

static void put_reason(GString *out, const struct reason_values *v)
{
	g_string_append(out, v->reason ? v->reason : "unknown");
}

/* Field @p at of candidate @p i: foundation, component, "udp", priority, address, port, … */
static char *candidate_field(const struct reason_values *v, unsigned i, unsigned at)
{
	const char *line = rtc_candidate(v->worker, i);
	char **fields = line ? g_strsplit(line, " ", 7) : NULL;
	char *field = fields && g_strv_length(fields) > at ? g_strdup(fields[at]) : NULL;
	g_strfreev(fields);
	return field;
}

static void put_port(GString *out, const struct reason_values *v)
{
	g_autofree char *port = candidate_field(v, 0, 5);
	g_string_append(out, port ? port : "?");
}

static void put_addresses(GString *out, const struct reason_values *v)
{
	unsigned i;
	for (i = 0; i < ADDRESSES && rtc_candidate(v->worker, i); i++) {
		g_autofree char *address = candidate_field(v, i, 4);
		g_string_append_printf(out, "%s%s", i ? ", " : "", address);
	}
	if (!i)
		g_string_append(out, "no address");
	else if (rtc_candidate(v->worker, i))
		g_string_append(out, " and others");
}

static const struct {
	const char *name;
	void (*put)(GString *out, const struct reason_values *v);
} values[] = {
	{ "kind", put_kind },
	{ "since", put_since },
	{ "asked", put_asked },
	{ "layer", put_layer },
	{ "packets", put_packets },
	{ "ssrc", put_ssrc },
	{ "reason", put_reason },
	{ "port", put_port },
	{ "addresses", put_addresses },
};

static void put_value(GString *out, const char *name, size_t len, const struct reason_values *v)
{
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
			values[i].put(out, v);
}

char *reason_text(const struct reason *r, const struct reason_values *v)
{
	GString *out = g_string_new(NULL);
	for (const char *at = r->text; *at;) {
		size_t len = strcspn(at, "{");
		g_string_append_len(out, at, (gssize)len);
		at += len;
		if (!*at)
			break;
		len = strcspn(++at, "}");
		put_value(out, at, len, v);
		at += len + (at[len] == '}');
	}
	return g_string_free(out, FALSE);
}
