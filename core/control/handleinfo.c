/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "../base/clock.h"
#include "capture.h"
#include "handle.h"
#include "handleinfo.h"
#include "explain.h"
#include "handleinfo_part.h"
#include "hook.h"
#include "plugins.h"

static json_t *identity(struct cardea_handle *h)
{
	const struct session *s = h->session;
	json_t *o = json_object();
	set(o, "session_id", (int64_t)s->id);
	set(o, "session_last_activity", s->active_us);
	set(o, "session_timeout", session_timeout(s));
	if (s->owner.transport) {
		char package[80];
		snprintf(
			package, sizeof package, "janus.transport.%.60s", s->owner.transport->name);
		set_text(o, "session_transport", package);
	}
	set(o, "handle_id", (int64_t)h->id);
	set_text(o, "opaque_id", h->opaque_id);
	set_text(o, "token", h->token);
	json_object_set_new(o, "loop-running", json_true());
	set(o, "created", h->created_us);
	set(o, "current_time", clock_now_us());
	set_text(o, "plugin", h->plugin->package);
	json_t *specific = h->plugin->api->query ? h->plugin->api->query(h) : NULL;
	if (specific)
		json_object_set_new(o, "plugin_specific", specific);
	return o;
}

static bool any_line(const struct peerconn *pc, bool (*is)(const struct track *t))
{
	for (unsigned i = 0; pc && i < pc->neg.n_tracks; i++)
		if (is(&pc->neg.tracks[i]))
			return true;
	return false;
}

static bool is_data(const struct track *t)
{
	return t->kind == CARDEA_DATA && t->dir != CARDEA_INACTIVE;
}

static bool has_rtx(const struct track *t)
{
	return t->rtx_pt != 0;
}

static json_t *flags(const struct cardea_handle *h)
{
	const struct peerconn *pc = h->pc;
	bool agreed = peerconn_agreed(pc);
	const struct {
		const char *name;
		bool on;
	} rows[] = {
		{ "got-offer", pc && pc->got_offer },
		{ "got-answer", agreed },
		{ "negotiated", agreed },
		{ "processing-offer", pc && pc->offer },
		{ "starting", agreed && pc->trickles },
		{ "ice-restart", pc && pc->restarting },
		{ "ready", pc && pc->up },
		{ "stopped", false },
		{ "alert", !pc && h->had_pc },
		{ "trickle", pc && pc->trickles },
		{ "all-trickles", pc && pc->all_trickled },
		{ "resend-trickles", false },
		{ "trickle-synced", false },
		{ "data-channels", any_line(pc, is_data) },
		{ "has-audio", false },
		{ "has-video", false },
		{ "new-datachan-sdp", pc && !pc->neg.remote.old_sctpmap && any_line(pc, is_data) },
		{ "rfc4588-rtx", any_line(pc, has_rtx) },
		{ "cleaning", peerconn_is_closing(h->closed_peer) },
		{ "e2ee", h->e2ee },
	};
	json_t *o = json_object();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		json_object_set_new(o, rows[i].name, json_boolean(rows[i].on));
	return o;
}

static json_t *webrtc(const struct peerconn *pc, const struct peer_report *r)
{
	json_t *o = json_object();
	json_object_set_new(o, "ice", handle_info_ice(pc, r));
	json_object_set_new(o, "dtls", handle_info_dtls(pc, r));
	json_object_set_new(o, "extensions", handle_info_extensions(pc));
	json_object_set_new(o, "bwe", handle_info_bwe(pc));
	set_if(o, "too-large", r ? (int64_t)r->stats.too_large : 0);
	json_t *why = explain_connection(pc, r);
	if (why)
		json_object_set_new(o, "why", why);
	json_object_set_new(o, "media", handle_info_media(pc, r));
	return o;
}

/* What is on its way to the client and has to wait. */
static int64_t queued(const struct peerconn *pc, const struct peer_report *r)
{
	return (r ? (int64_t)r->stats.n_queued : 0) +
	       (pc ? (int64_t)data_flow_waiting(pc->data) : 0);
}

static void put_capture(json_t *o, const struct capture *c)
{
	bool is_text = capture_is_text(c);
	json_object_set_new(o, is_text ? "dump-to-text2pcap" : "dump-to-pcap", json_true());
	set_text(o, is_text ? "text2pcap-file" : "pcap-file", capture_path(c));
}

static void put_connection(
	json_t *o, const struct cardea_handle *h, const struct peer_report *report)
{
	const struct peerconn *pc = h->pc;
	json_t *sdps = json_object();
	json_object_set_new(o, "flags", flags(h));
	if (pc) {
		set(o, "agent-created", pc->created_us);
		set_if(o, "agent-started", pc->opened_us);
		set_text(o, "ice-mode", "lite");
		set_text(o, "ice-role", "controlled");
		set_text(sdps, "profile", pc->neg.remote.profile);
		set_text(sdps, "local", pc->local_sdp);
		set_text(sdps, "remote", pc->remote_sdp);
	}
	json_object_set_new(o, "sdps", sdps);
	set(o, "queued-packets", queued(pc, report));
	if (capture_is_on(h->capture))
		put_capture(o, h->capture);
	json_t *recordings = recordings_info(&h->recordings);
	if (recordings)
		json_object_set_new(o, "recordings", recordings);
	if (pc && pc->peer)
		json_object_set_new(o, "webrtc", webrtc(pc, report));
}

json_t *handle_info(struct cardea_handle *h, bool plugin_only, const struct peer_report *report)
{
	/* The plugin's query may end the handle: not before all has been read. */
	struct hook hook;
	hook_enter(&hook, h->plugin->api, "query");
	json_t *o = identity(h);
	if (!plugin_only)
		put_connection(o, h, report);
	hook_leave(&hook);
	return o;
}
