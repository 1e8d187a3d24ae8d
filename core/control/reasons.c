/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtc/rtc.h"
#include "reasons.h"

#define ADDRESSES 3 /* that are named */

static const struct reason rows[REASON_END] = {
	/* ---- of the connection ---- */
	[WHY_NOT_UP] = { "not_up", REASON_OF_CONNECTION, "Its connection is not up yet.",
		"Wait for ICE and DTLS: a reason of the connection tells how far they are.",
		"The connection is still being set up." },
	[REASON_OFFER_UNANSWERED] = { "offer_unanswered", REASON_OF_CONNECTION,
		"The plugin has not answered the client's offer for {since}.",
		"Look at what the plugin said to the message that the offer came with.",
		"The server has not answered your browser yet." },
	[WHY_NO_DESCRIPTION] = { "no_answer", REASON_OF_CONNECTION,
		"The client has not answered the server's offer for {since}.",
		"The client has to answer by a message with a jsep of type answer (videoroom: "
		"start).",
		"Your browser has not answered the server yet." },
	[REASON_NO_CANDIDATES] = { "no_candidates", REASON_OF_CONNECTION,
		"No packet ever came from this client, and it has no candidate of its own.",
		"It has found no network address to use: look at its network, and at policies of "
		"the browser that forbid UDP.",
		"Your browser finds no network to use: a setting, an extension or a policy may "
		"forbid it." },
	[WHY_ICE_UNHEARD] = { "never_heard", REASON_OF_CONNECTION,
		"No packet ever came from this client: is UDP {port} open? It was offered "
		"{addresses}.",
		"Open the UDP port in the firewall, or set nat_1_1_mapping if clients cannot reach "
		"that address.",
		"Nothing from your browser reaches the server: a firewall may be in the way (UDP "
		"port {port})." },
	[WHY_ICE_REFUSED] = { "checks_refused", REASON_OF_CONNECTION,
		"{packets} connectivity checks came from this client, and none was authentic.",
		"It uses other ICE credentials than those of the last description: does it set "
		"the newest answer or offer, unchanged?",
		"Your browser and the server do not agree on this connection. Reload the page." },
	[WHY_DTLS_UNHEARD] = { "dtls_not_started", REASON_OF_CONNECTION,
		"ICE is up, but no DTLS handshake has come for {since}.",
		"The client has to begin it (a=setup): does something on the way let only small "
		"packets through?",
		"Your browser reaches the server, but their encrypted connection does not begin." },
	[WHY_DTLS_UNFINISHED] = { "dtls_unfinished", REASON_OF_CONNECTION,
		"The DTLS handshake has begun and is not finished after {since}.",
		"Packets of a handshake are long: look for a path that drops them, for the "
		"certificate's fingerprint in the description, and for a common SRTP profile.",
		"The encrypted connection to the server is not complete: your network may drop "
		"large packets." },
	[WHY_NO_CONSENT] = { "no_consent", REASON_OF_CONNECTION,
		"The client does not answer any more, so that nothing may be sent to it (RFC "
		"7675).",
		"Look at the client's network; an ICE restart brings it back.",
		"The server does not hear you any more. Is your network well?" },
	[WHY_SOCKET_FULL] = { "socket_full", REASON_OF_CONNECTION,
		"The server's UDP socket is full: packets are dropped before they leave.",
		"The machine's network is at its end: fewer streams, or another worker or "
		"machine.",
		"The server has too much to do at the moment." },
	[REASON_LOST] = { "lost", REASON_OF_CONNECTION,
		"The connection was lost: {reason}.{before}",
		"Look at the log before that, and at the client's network.",
		"Your connection was lost. Is your network well?" },
	[REASON_CLOSED] = { "closed", REASON_OF_CONNECTION, "The connection was closed: {reason}.",
		"Nothing, if it was meant to.", "This call has ended.", true },
	[REASON_WORKER_SILENT] = { "worker_silent", REASON_OF_CONNECTION,
		"The media worker has not answered: what it told last is shown.",
		"It is overloaded or stuck: look at /health and for the watchdog's lines in the "
		"log.",
		"The server does not answer for its media at the moment." },
	/* ---- both directions ---- */
	[WHY_PEER_SILENT] = { "peer_silent", REASON_OF_BOTH,
		"Nothing has been heard of this client for {since}: it gets no video until it is "
		"heard again.",
		"Look at the client's network, and whether its page still runs.",
		"The server does not hear you any more. Is your network well?" },
	[WHY_NOT_DESCRIBED] = { "not_described", REASON_OF_BOTH,
		"This m-line is not agreed on in this direction.",
		"Negotiate it again with the direction that is wanted.",
		"Your browser and the server have not agreed on {whose} {what}." },
	[WHY_MUTED] = { "muted", REASON_OF_BOTH,
		"The room has muted this {kind}: its packets are not passed on.",
		"Unmute it (videoroom: moderate).", "The host has turned {whose} {what} off.",
		true },
	/* ---- what the server sends ---- */
	[WHY_NO_ROUTE] = { "no_source", REASON_OF_SENDING,
		"Nothing is sent to this m-line by the plugin.", "Subscribe it to a stream.",
		"Nobody is shown here at the moment." },
	[WHY_SOURCE_ENDED] = { "source_ended", REASON_OF_SENDING,
		"Whoever published this {kind} has left.",
		"Unsubscribe, or subscribe to another stream.", "This person has left." },
	[WHY_PAUSED] = { "paused", REASON_OF_SENDING, "Its subscriber has paused this {kind}.",
		"Go on (videoroom: configure with send true).", "You have paused this {what}.",
		true },
	[WHY_CODEC] = { "codec_mismatch", REASON_OF_SENDING,
		"Its publisher sends a codec or payload type that was not agreed on.",
		"Offer the publisher's codec, or have both use one that all know.",
		"This person sends a format that your browser has not agreed to." },
	[WHY_SOURCE_PAUSED] = { "source_paused", REASON_OF_SENDING,
		"The recording that this {kind} comes from stands still.", "Play it, or go on.",
		"The recording is paused.", true },
	[WHY_SOURCE_NOT_UP] = { "source_not_up", REASON_OF_SENDING,
		"The connection of whoever publishes this {kind} is not up yet.",
		"Ask for the reasons of the publisher's handle.",
		"This person's connection is not up yet." },
	[WHY_SOURCE_STOPPED] = { "source_stopped", REASON_OF_SENDING,
		"Whoever published this {kind} has stopped it by negotiation.",
		"Wait for another offer of the publisher's, or unsubscribe.",
		"This person has stopped this {what}." },
	[WHY_SOURCE_EMPTY] = { "source_no_packets", REASON_OF_SENDING,
		"Its publisher has not sent a packet of this {kind} yet.",
		"Ask for the reasons of the publisher's handle; is the camera or microphone on?",
		"This person's {what} has not reached the server yet." },
	[WHY_SOURCE_STALLED] = { "source_stalled", REASON_OF_SENDING,
		"Its publisher has sent no packet of this {kind} for {since}.",
		"Ask for the reasons of the publisher's handle; is the camera or microphone on?",
		"This person's {what} does not reach the server any more." },
	[WHY_LAYER_CAP] = { "layer_cap", REASON_OF_SENDING,
		"Its publisher sends only layers above the highest that is allowed, {layer}.",
		"Allow a higher layer (videoroom: substream).",
		"This person sends only larger pictures than you have asked for." },
	[WHY_LAYER_NOT_SENT] = { "layer_not_sent", REASON_OF_SENDING,
		"Its publisher does not send the wanted layer, {layer}: a lower one is shown.",
		"Browsers leave out upper layers when they have too little bandwidth or too small "
		"a picture.",
		"You see a smaller picture, because the larger one does not come.", true },
	[WHY_KEYFRAME] = { "waits_for_keyframe", REASON_OF_SENDING,
		"The picture begins with the next keyframe of its publisher: {asked}.",
		"If it does not come in a second, the publisher does not hear or answer requests "
		"(PLI): look at loss on its way, or at its encoder.",
		"This picture begins as soon as a complete one comes." },
	[WHY_REFUSED] = { "not_sent", REASON_OF_SENDING,
		"Packets are there, but none has left for {since}.",
		"Look at the reasons of the connection.",
		"The server cannot send you this {what} at the moment." },
	[WHY_QUIET] = { "peer_quiet", REASON_OF_SENDING,
		"This {kind} is sent, but nothing has been heard of the client for {since}.",
		"What is sent may not arrive either: look at the client's network. Who sends no "
		"reports is silent by nature.",
		"The server sends this {what}, but has not heard from you for a moment. Is your "
		"network well?",
		true },
	/* ---- what the server receives ---- */
	[WHY_NO_PACKETS] = { "no_packets", REASON_OF_RECEIVING,
		"No packet of this {kind} has come from the client yet.",
		"Is the camera or microphone allowed, on, and attached to this m-line's "
		"transceiver?",
		"Your {what} has not reached the server yet. Is your {device} on and allowed?" },
	[WHY_STALLED] = { "stalled", REASON_OF_RECEIVING,
		"No packet of this {kind} has come from the client for {since}.",
		"Is the camera or microphone still on, and the page in front?",
		"Your {what} does not reach the server any more. Is your {device} still on?" },
	[WHY_UNKNOWN_SSRC] = { "unknown_ssrc", REASON_OF_RECEIVING,
		"{packets} packets came that belong to no m-line, the last with SSRC {ssrc}.",
		"Packets need the mid extension, an SSRC that the description announces, or a "
		"payload type of their m-line alone.",
		"The server cannot tell what your browser sends. Reload the page." },
	[WHY_PAYLOAD_TYPE] = { "wrong_payload_type", REASON_OF_RECEIVING,
		"All packets of this {kind} have a payload type that was not agreed on.",
		"The client has to send what the answer says: does it set the newest description, "
		"unchanged?",
		"Your browser sends your {what} in a format that was not agreed on. Reload the "
		"page." },
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

/* A visitor's word for it. */
static void put_what(GString *out, const struct reason_values *v)
{
	g_string_append(out, v->kind && strcmp(v->kind, "audio") == 0 ? "sound" : "picture");
}

static void put_device(GString *out, const struct reason_values *v)
{
	g_string_append(out, v->kind && strcmp(v->kind, "audio") == 0 ? "microphone" : "camera");
}

static void put_whose(GString *out, const struct reason_values *v)
{
	g_string_append(out, v->sends ? "this" : "your");
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

static void put_before(GString *out, const struct reason_values *v)
{
	if (v->before)
		g_string_append_printf(out, " Before that: %s", v->before);
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
	{ "what", put_what },
	{ "device", put_device },
	{ "whose", put_whose },
	{ "since", put_since },
	{ "asked", put_asked },
	{ "layer", put_layer },
	{ "packets", put_packets },
	{ "ssrc", put_ssrc },
	{ "reason", put_reason },
	{ "before", put_before },
	{ "port", put_port },
	{ "addresses", put_addresses },
};

static void put_value(GString *out, const char *name, size_t len, const struct reason_values *v)
{
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
			values[i].put(out, v);
}

char *reason_text(const char *sentence, const struct reason_values *v)
{
	GString *out = g_string_new(NULL);
	for (const char *at = sentence; *at;) {
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
