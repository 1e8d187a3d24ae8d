/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../jsep/bundle.h"
#include "../rtc/rtc.h"
#include "capture.h"
#include "description.h"
#include "error.h"
#include "handle.h"
#include "media_event.h"
#include "options.h"
#include "peerconn.h"
#include "webrtc_event.h"
#include "worker_sync.h"

#define CANDIDATES_MAX 64

/* ---- the transport begins and ends ---- */

static struct peerconn *create(struct cardea_handle *h)
{
	struct peerconn *pc = g_new0(struct peerconn, 1);
	pc->handle = h;
	pc->dtls_role = DTLS_UNDECIDED;
	pc->created_us = clock_now_us();
	h->pc = pc;
	h->was_lost = false;
	return pc;
}

/* Where it cannot be opened, nothing was agreed on: the next description begins anew. */
static bool not_opened(struct peerconn *pc)
{
	peerconn_give_slot(pc);
	negotiation_clear(&pc->neg);
	pc->dtls_role = DTLS_UNDECIDED;
	pc->we_offered = pc->agreed = false;
	return false;
}

static bool open_peer(struct peerconn *pc, struct cardea_error *e)
{
	if (!peerconn_take_slot(pc, pc->handle->place_key)) {
		cardea_fail(
			e, API_UNKNOWN, "Too many PeerConnections (%u)", settings.rtc.max_peers);
		return not_opened(pc);
	}
	rtc_ice_credentials(pc->worker, pc->ufrag, pc->pwd);
	if (!worker_sync_open(pc)) {
		cardea_fail(e, API_UNKNOWN, "The media worker is overloaded");
		return not_opened(pc);
	}
	pc->opened_us = clock_now_us();
	capture_of_peer(pc->handle->capture, pc->worker, pc->peer);
	webrtc_event_opened(pc->handle, pc->worker);
	return true;
}

/* All m-lines are stopped: the transport ends with them, and what is agreed on later has another
 * one, as in browsers (RFC 8829, section 5.11). The old id goes its way through the worker by
 * itself. @return what stands in the place of @p pc */
static struct peerconn *end_transport(struct peerconn *pc)
{
	struct peerconn *next = g_new(struct peerconn, 1);
	for (unsigned i = 0; i < pc->n_lines; i++)
		media_event_stopped(pc, i);
	recordings_end(&pc->handle->recordings);
	data_flow_free(pc->data);
	*next = *pc;
	next->peer = 0;
	next->agreed = true;
	next->up = next->feeds = next->restarting = next->waits = false;
	next->transport_due = next->tracks_due = false;
	next->wishes_due = next->limit_due = next->limit_bps != 0;
	next->dtls_role = DTLS_UNDECIDED;
	next->data = NULL;
	next->n_told = 0;
	next->n_reported = 0;
	g_clear_pointer(&next->reported, g_free);
	g_clear_pointer(&next->told_ice, g_free);
	memset(&next->told_fingerprints, 0, sizeof next->told_fingerprints);
	memset(&next->sctp, 0, sizeof next->sctp);
	memset(&next->told_sctp, 0, sizeof next->told_sctp);
	next->handle->pc = next;
	*pc = (struct peerconn){
		.peer = pc->peer, .worker = pc->worker, .place_key = pc->place_key
	};
	worker_sync_close(pc);
	return next;
}

/* What was agreed on is in force from here on, and told the worker as soon as that can be. */
static void agree(struct peerconn *pc)
{
	if (!pc->agreed)
		webrtc_event_ice(pc->handle, "connecting");
	pc->agreed = pc->transport_due = pc->tracks_due = true;
	peerconn_lines(pc, pc->neg.n_tracks);
	for (unsigned i = 0; i < pc->neg.n_tracks; i++)
		if (!(pc->neg.tracks[i].dir & CARDEA_RECV))
			media_event_stopped(pc, i);
	worker_sync(pc);
}

/* ---- the client's descriptions ---- */

/* What we are, given what the peer is; a first choice stands for the life of the
 * association. Another certificate brings another one (RFC 8842, section 4). */
static void choose_role(struct peerconn *pc)
{
	if (pc->dtls_role == DTLS_UNDECIDED ||
		fingerprints_differ(&pc->told_fingerprints, &pc->neg.remote.fingerprints))
		pc->dtls_role = pc->neg.remote.setup == SETUP_PASSIVE ? DTLS_CLIENT : DTLS_SERVER;
}

/* An SCTP association ends with its m-line, and is another one at another port (RFC 8841, section
 * 9): it is counted, as the worker may hear of two changes at once. A direction means nothing to
 * one that runs. */
static void choose_association(struct peerconn *pc)
{
	int line = negotiate_data_line(&pc->neg);
	const char *mid = line < 0 ? "" : pc->neg.tracks[line].mid;
	uint16_t port = line < 0 ? 0 : pc->neg.remote.sctp_port;
	bool same = line >= 0 && strcmp(mid, pc->sctp.mid) == 0;
	if (!negotiate_has_data(&pc->neg) && !(same && pc->sctp.port))
		port = 0;
	if (port == pc->sctp.port && (same || !port))
		return;
	g_strlcpy(pc->sctp.mid, mid, sizeof pc->sctp.mid);
	pc->sctp.port = port;
	pc->sctp.number++;
}

static bool take_answer(struct peerconn *pc, struct remote *r, struct cardea_error *e)
{
	char why[160] = "Invalid answer";
	struct sdp_transport before = pc->neg.remote;
	pc->neg.remote = r->transport;
	if (negotiate_accept(&pc->neg, r->desc, why)) {
		pc->neg.remote = before;
		return cardea_fail(e, API_JSEP_SDP, "%s", why);
	}
	if (pc->neg.tag < 0) {
		end_transport(pc);
		return true;
	}
	sdp_transport_of(r->desc, (unsigned)pc->neg.tag, &pc->neg.remote);
	choose_role(pc);
	choose_association(pc);
	if (pc->restarting) {
		memcpy(pc->ufrag, pc->next_ufrag, sizeof pc->ufrag);
		memcpy(pc->pwd, pc->next_pwd, sizeof pc->pwd);
	}
	pc->restarting = false;
	agree(pc);
	return true;
}

/* What was trickled for a description goes when the next one begins ICE anew. */
static void note_trickle(struct peerconn *pc, bool trickles, bool anew)
{
	pc->trickles = trickles;
	if (!anew)
		return;
	pc->all_trickled = false;
	g_clear_pointer(&pc->trickled, g_ptr_array_unref);
}

/* A description of the client's is in force: it has been answered, or answers ours. */
static void take_in(struct peerconn *pc, const struct remote *r, bool anew)
{
	note_trickle(pc, r->trickles, anew);
	g_free(pc->remote_sdp);
	pc->remote_sdp = g_strdup(r->sdp);
	pc->handle->e2ee = r->desc->e2ee;
	if (r->desc->e2ee)
		recordings_encrypt(&pc->handle->recordings, pc);
}

/* An offer waits for the plugin's answer, an answer completes our offer and is told to the worker.
 * @return false with @p e filled, nothing changed */
static bool take_remote(struct cardea_handle *h, struct remote *r, struct cardea_error *e)
{
	struct peerconn *pc = h->pc;
	if (r->desc->type == CARDEA_ANSWER) {
		const struct sdp_transport before = pc->neg.remote;
		if (!take_answer(pc, r, e))
			return false;
		take_in(h->pc, r, negotiate_is_restart(&before, &h->pc->neg.remote));
		return true;
	}
	if (!pc)
		pc = create(h);
	remote_drop(pc->offer);
	pc->offer = remote_ref(r);
	pc->got_offer = true;
	return true;
}

/* Does it fit the state of the PeerConnection? An answer needs an offer of ours. */
static bool check_answer(
	const struct cardea_handle *h, const struct remote *r, struct cardea_error *e)
{
	if (!peerconn_offer_pending(h->pc))
		return cardea_fail(e, API_UNEXPECTED_ANSWER, "Unexpected ANSWER (did we offer?)");
	/* Not as if the client had turned all of them down: it takes them for accepted. */
	if (r->transport.lacks_mux)
		return cardea_fail(
			e, API_JSEP_SDP, "The answer accepts m-lines, but without a=rtcp-mux");
	return true;
}

struct remote *description_take(struct cardea_handle *h, const json_t *jsep, struct cardea_error *e)
{
	struct remote *r = remote_read(jsep, h->id, e);
	if (!r)
		return NULL;
	if (r->desc->type == CARDEA_OFFER || check_answer(h, r, e)) {
		webrtc_event_description(
			h, false, r->desc->type == CARDEA_OFFER ? "offer" : "answer", r->sdp);
		if (h->pc)
			negotiate_hear(&h->pc->neg, r->desc);
		r->desc->update = peerconn_agreed(h->pc);
		r->desc->e2ee = h->e2ee || r->desc->e2ee;
		if (take_remote(h, r, e))
			return r;
	}
	remote_drop(r);
	return NULL;
}

/* ---- our descriptions ---- */

static const char *or_default(const char *text, const char *dflt)
{
	return text[0] ? text : dflt;
}

/* Behind a 1:1 NAT the address that others see is the one to tell. */
static const char *address(void)
{
	return settings.address && !settings.rtc.nat_1_1 ? settings.address : rtc_address();
}

static char *print(const struct peerconn *pc, const struct cardea_desc *d, const char *setup)
{
	const struct sdp_transport *t = &pc->neg.remote;
	const char *candidates[CANDIDATES_MAX + 1] = { NULL };
	bool answer = d->type == CARDEA_ANSWER;
	for (unsigned i = 0; i < CANDIDATES_MAX && (candidates[i] = rtc_candidate(pc->worker, i));
		i++)
		;
	struct sdp_local l = {
		.ufrag = pc->restarting ? pc->next_ufrag : pc->ufrag,
		.pwd = pc->restarting ? pc->next_pwd : pc->pwd,
		.fingerprint = rtc_fingerprint(),
		.setup = setup,
		.address = address(),
		.origin_id = answer ? t->origin_id : pc->neg.origin_id,
		.origin_version = answer ? t->origin_version : pc->neg.version,
		.profile = or_default(t->profile, "UDP/TLS/RTP/SAVPF"),
		.data_proto = or_default(t->data_proto, "UDP/DTLS/SCTP"),
		.old_sctpmap = t->old_sctpmap,
		.firefox = t->firefox,
		.bundle_only = !answer && !(pc->agreed && pc->neg.bundles),
		.candidates = candidates,
		.end_of_candidates = true,
		.ice_lite = true,
		.tracks = pc->neg.tracks,
	};
	return sdp_print(d, &l);
}

/* An answer of ours begins a transport, or changes it. */
static bool carry_answer(struct peerconn *pc, bool restart, struct cardea_error *e)
{
	choose_role(pc);
	choose_association(pc);
	if (restart)
		rtc_ice_credentials(pc->worker, pc->ufrag, pc->pwd);
	if (!pc->peer && !open_peer(pc, e))
		return false;
	agree(pc);
	return true;
}

static bool make_answer(struct peerconn *pc, struct cardea_desc *desc, struct cardea_error *e)
{
	char why[160] = "Invalid description";
	struct remote *offer = pc->offer;
	if (!offer)
		return cardea_fail(
			e, API_UNEXPECTED_ANSWER, "The plugin answers, but there is no offer");
	if (negotiate_answer(&pc->neg, offer->desc, desc, why))
		return cardea_fail(e, pc->agreed ? API_UNEXPECTED_ANSWER : API_JSEP_SDP, "%s", why);
	if (pc->neg.tag >= 0)
		sdp_transport_of(offer->desc, (unsigned)pc->neg.tag, &offer->transport);
	bool restart = pc->peer && negotiate_is_restart(&pc->neg.remote, &offer->transport);
	pc->neg.remote = offer->transport;
	pc->restarting = false; /* an offer of ours that crossed theirs is void */
	if (pc->neg.tag < 0)
		pc = end_transport(pc);
	else if (!carry_answer(pc, restart, e))
		return false;
	take_in(pc, offer, restart);
	pc->offer = NULL;
	free(pc->local_sdp);
	pc->local_sdp = print(pc, desc, pc->dtls_role == DTLS_CLIENT ? "active" : "passive");
	remote_drop(offer);
	return true;
}

/* Takes @p desc. */
static bool make_offer(struct peerconn *pc, struct cardea_desc *desc, struct cardea_error *e)
{
	char why[160] = "Invalid description";
	bool restart = desc->restart && pc->agreed;
	remote_drop(pc->offer);
	pc->offer = NULL;
	if (pc->agreed && !pc->neg.remote.mixed_ext)
		desc->mixed_ext = false;
	if (negotiate_offer(&pc->neg, desc, why))
		return cardea_fail(e, API_UNKNOWN, "%s", why);
	if (!pc->peer) {
		pc->we_offered = true;
		if (!open_peer(pc, e))
			return false;
	}
	pc->restarting = restart;
	if (restart)
		rtc_ice_credentials(pc->worker, pc->next_ufrag, pc->next_pwd);
	peerconn_lines(pc, pc->neg.n_tracks);
	free(pc->local_sdp);
	pc->local_sdp = print(pc, pc->neg.pending, "actpass");
	return true;
}

json_t *description_make(struct cardea_handle *h, struct cardea_desc *desc, struct cardea_error *e)
{
	struct peerconn *pc = h->pc;
	bool made;
	if (h->dying) {
		cardea_desc_free(desc);
		cardea_fail(e, API_WEBRTC_STATE, "The handle is going away");
		return NULL;
	}
	if (desc->type == CARDEA_OFFER) {
		h->e2ee = h->e2ee || desc->e2ee;
		made = make_offer(pc ? pc : create(h), desc, e);
	} else {
		made = pc ? make_answer(pc, desc, e)
			  : cardea_fail(e, API_WEBRTC_STATE, "Invalid PeerConnection");
		cardea_desc_free(desc);
	}
	if (!made)
		return NULL;
	pc = h->pc;
	const char *type = pc->neg.pending ? "offer" : "answer";
	webrtc_event_description(h, true, type, pc->local_sdp);
	json_t *jsep = json_pack("{s:s, s:s}", "type", type, "sdp", pc->local_sdp);
	if (h->e2ee)
		json_object_set_new(jsep, "e2ee", json_true());
	return jsep;
}
