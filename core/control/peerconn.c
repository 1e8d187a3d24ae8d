/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "../jsep/bundle.h"
#include "../rtc/rtc.h"
#include "candidate.h"
#include "data.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "peerconn.h"
#include "place.h"
#include "report.h"

#define REPORTS_MAX    (4 << 20)        /* bytes of one batch: some 3,000 of the largest */
#define RETRY_US       (50 * US_PER_MS) /* until a full worker queue is asked again */
#define CANDIDATES_MAX 64
#define TRICKLED_MAX   32
#define TRICKLED_CHARS 255

static struct ids *peers;
static struct queue *reports;
static struct loop *loop;
static void retry_all(void *arg);
static struct wheel_timer retry = { .fn = retry_all };
static struct metric n_peers = { .name = "cardea_control_peers",
	.help = "PeerConnections now, closing ones too." };
static struct metric n_untold = { .name = "cardea_control_late_commands",
	.help = "Times that a PeerConnection had to wait because its worker's queue, or its share "
		"of it, was full." };

enum err peerconns_start(struct loop *on)
{
	static bool registered;
	loop = on;
	peers = ids_create(settings.rtc.max_peers);
	place_setup(settings.rtc.workers, settings.peers_together);
	reports = queue_create("reports", REPORTS_MAX);
	if (!registered)
		metric_register(&n_peers), metric_register(&n_untold);
	registered = true;
	return queue_attach(reports, loop, report_record, NULL);
}

static void give_slot(struct peerconn *pc)
{
	if (!pc->peer)
		return;
	ids_free(peers, pc->peer);
	place_give(pc->place_key, pc->worker);
	metric_set(&n_peers, ids_count(peers));
	pc->peer = 0;
}

static void release(struct peerconn *pc)
{
	give_slot(pc);
	negotiation_clear(&pc->neg);
	remote_drop(pc->offer);
	data_free(pc->data);
	told_free(pc);
	g_free(pc->told_ice);
	free(pc->local_sdp);
	g_free(pc->remote_sdp);
	g_clear_pointer(&pc->trickled, g_ptr_array_unref);
	g_free(pc);
}

void peerconns_stop(void)
{
	uint32_t slot = 0;
	struct peerconn *pc;
	if (!peers)
		return;
	wheel_cancel(loop_wheel(loop), &retry);
	while ((pc = ids_next(peers, &slot)))
		release(pc);
	loop_del(loop, queue_fd(reports));
	queue_destroy(reports);
	ids_destroy(peers);
	place_end();
	reports = NULL;
	peers = NULL;
}

struct queue *peerconns_reports(void)
{
	return reports;
}

unsigned peerconns_count(void)
{
	return peers ? ids_count(peers) : 0;
}

struct peerconn *peerconn_find(uint64_t peer)
{
	struct peerconn *pc = ids_get(peers, peer);
	return pc && pc->handle ? pc : NULL;
}

bool peerconn_is_closing(uint64_t peer)
{
	const struct peerconn *pc = ids_get(peers, peer);
	return pc && !pc->handle;
}

struct peerconn *peerconn_next(uint32_t *slot)
{
	struct peerconn *pc;
	while ((pc = ids_next(peers, slot)) && !pc->handle)
		;
	return pc;
}

void peerconn_retired(uint64_t peer)
{
	struct peerconn *pc = ids_get(peers, peer);
	if (pc && !pc->handle)
		release(pc);
}

bool peerconn_post(const struct peerconn *pc, struct cmd *c)
{
	c->peer = pc->peer;
	return rtc_post(pc->worker, c) == OK;
}

/* ---- telling its worker ---- */

static bool tell_transport(struct peerconn *pc);

/* @return all is told */
static bool tell(struct peerconn *pc)
{
	struct cmd end = { .type = CMD_PEER_CLOSE };
	if (!pc->handle)
		return pc->told_close || (pc->told_close = peerconn_post(pc, &end));
	return tell_transport(pc) && told_tracks(pc) && told_wishes(pc);
}

static void wait_for_room(struct peerconn *pc)
{
	if (!pc->waits)
		metric_add(&n_untold, 1);
	pc->waits = true;
	if (!wheel_armed(&retry))
		wheel_set(loop_wheel(loop), &retry, loop_now(loop) + RETRY_US);
}

/* Each gets its turn: a queue that is full is that of one worker, or a share of one peer's. */
static void retry_all(void *arg)
{
	uint32_t slot = 0;
	struct peerconn *pc;
	(void)arg;
	while ((pc = ids_next(peers, &slot)))
		if (pc->waits)
			peerconn_tell(pc);
}

void peerconn_tell(struct peerconn *pc)
{
	if (!pc->peer)
		return;
	if (tell(pc))
		pc->waits = false;
	else
		wait_for_room(pc);
}

void peerconn_tell_wishes(struct peerconn *pc)
{
	if (!pc->waits && !told_wishes(pc))
		wait_for_room(pc);
}

void peerconn_close(struct peerconn *pc)
{
	pc->handle = NULL;
	pc->up = false;
	/* A close must not get lost, or the slot would never come back. */
	if (pc->peer)
		peerconn_tell(pc);
	else
		release(pc);
}

/* ---- what the worker is told ---- */

static struct peerconn *create(struct cardea_handle *h)
{
	struct peerconn *pc = g_new0(struct peerconn, 1);
	pc->handle = h;
	pc->dtls_server = 2;
	pc->created_us = clock_now_us();
	h->pc = pc;
	return pc;
}

static void fill_open(const struct peerconn *pc, struct cmd_peer_open *o)
{
	const struct sdp_transport *t = &pc->neg.remote;
	memcpy(o->ufrag, pc->ufrag, sizeof o->ufrag);
	memcpy(o->pwd, pc->pwd, sizeof o->pwd);
	memcpy(o->peer_ufrag, t->ufrag, sizeof o->peer_ufrag);
	memcpy(o->peer_pwd, t->pwd, sizeof o->peer_pwd);
	o->fingerprints = t->fingerprints;
	o->dtls_server = pc->dtls_server;
	o->sctp_port = pc->sctp.port;
	o->sctp_number = pc->sctp.number;
	o->sctp_max = t->sctp_max;
}

/* What names a peer's ICE agent: neither part has a blank (RFC 8839, section 5.4). */
static char *ice_of(const struct sdp_transport *t)
{
	return g_strdup_printf("%s %s", t->ufrag, t->pwd);
}

static void note_told(struct peerconn *pc)
{
	g_free(pc->told_ice);
	pc->told_ice = ice_of(&pc->neg.remote);
	pc->told_fingerprints = pc->neg.remote.fingerprints;
	pc->told_sctp = pc->sctp;
	memcpy(pc->told_ufrag, pc->ufrag, sizeof pc->told_ufrag);
}

/* Where it cannot be opened, nothing was agreed on: the next description begins anew. */
static bool not_opened(struct peerconn *pc)
{
	give_slot(pc);
	negotiation_clear(&pc->neg);
	pc->dtls_server = 2;
	pc->we_offered = pc->agreed = false;
	return false;
}

static bool open_peer(struct peerconn *pc, struct cardea_error *e)
{
	struct cmd c = { .type = CMD_PEER_OPEN };
	pc->peer = ids_take(peers, pc);
	if (!pc->peer) {
		cardea_fail(
			e, API_UNKNOWN, "Too many PeerConnections (%u)", settings.rtc.max_peers);
		return not_opened(pc);
	}
	pc->place_key = pc->handle->place_key;
	pc->worker = place_take(pc->place_key);
	metric_set(&n_peers, ids_count(peers));
	rtc_ice_credentials(pc->worker, pc->ufrag, pc->pwd);
	fill_open(pc, &c.open);
	if (!peerconn_post(pc, &c)) {
		cardea_fail(e, API_UNKNOWN, "The media worker is overloaded");
		return not_opened(pc);
	}
	note_told(pc);
	pc->opened_us = clock_now_us();
	return true;
}

static bool knows_transport(const struct peerconn *pc)
{
	g_autofree char *ice = ice_of(&pc->neg.remote);
	return strcmp(pc->ufrag, pc->told_ufrag) == 0 && pc->sctp.number == pc->told_sctp.number &&
	       g_strcmp0(pc->told_ice, ice) == 0 &&
	       fingerprints_equal(&pc->told_fingerprints, &pc->neg.remote.fingerprints);
}

static bool tell_transport(struct peerconn *pc)
{
	struct cmd c = { .type = CMD_PEER_ICE };
	if (!pc->transport_due)
		return true;
	if (!knows_transport(pc)) {
		fill_open(pc, &c.open);
		if (!peerconn_post(pc, &c))
			return false;
		note_told(pc);
	}
	pc->transport_due = false;
	return true;
}

/* All m-lines are stopped: the transport ends with them, and what is agreed on later has another
 * one, as in browsers (RFC 8829, section 5.11). The old id goes its way through the worker by
 * itself. @return what stands in the place of @p pc */
static struct peerconn *end_transport(struct peerconn *pc)
{
	struct peerconn *next = g_new(struct peerconn, 1);
	for (unsigned i = 0; i < pc->n_lines; i++)
		report_stopped(pc, i);
	data_free(pc->data);
	*next = *pc;
	next->peer = 0;
	next->agreed = true;
	next->up = next->feeds = next->restarting = next->waits = false;
	next->transport_due = next->tracks_due = false;
	next->wishes_due = next->limit_due = next->limit_bps != 0;
	next->dtls_server = 2;
	next->data = NULL;
	next->n_told = 0;
	g_clear_pointer(&next->told_ice, g_free);
	memset(&next->told_fingerprints, 0, sizeof next->told_fingerprints);
	memset(&next->sctp, 0, sizeof next->sctp);
	memset(&next->told_sctp, 0, sizeof next->told_sctp);
	next->handle->pc = next;
	*pc = (struct peerconn){
		.peer = pc->peer, .worker = pc->worker, .place_key = pc->place_key
	};
	peerconn_close(pc);
	return next;
}

/* What was agreed on is in force from here on, and told the worker as soon as that can be. */
static void agree(struct peerconn *pc)
{
	pc->agreed = pc->transport_due = pc->tracks_due = true;
	want_lines(pc, pc->neg.n_tracks);
	for (unsigned i = 0; i < pc->neg.n_tracks; i++)
		if (!(pc->neg.tracks[i].dir & CARDEA_RECV))
			report_stopped(pc, i);
	peerconn_tell(pc);
}

/* ---- the client's descriptions ---- */

/* What we are, given what the peer says it is; a first choice stands for the life of the
 * association. Another certificate brings another one (RFC 8842, section 4). */
static void choose_role(struct peerconn *pc)
{
	if (pc->dtls_server == 2 ||
		fingerprints_differ(&pc->told_fingerprints, &pc->neg.remote.fingerprints))
		pc->dtls_server = pc->neg.remote.setup == SETUP_PASSIVE ? 0 : 1;
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

void peerconn_trickled(struct peerconn *pc, const char *candidate)
{
	struct candidate c;
	if (!candidate) {
		pc->all_trickled = true;
		return;
	}
	if (!pc->trickled)
		pc->trickled = g_ptr_array_new_with_free_func(g_free);
	if (strlen(candidate) <= TRICKLED_CHARS && pc->trickled->len < TRICKLED_MAX &&
		candidate_read(&c, candidate))
		g_ptr_array_add(pc->trickled, g_strdup(candidate));
}

/* A description of the client's is in force: it has been answered, or answers ours. */
static void take_in(struct peerconn *pc, const struct remote *r, bool anew)
{
	note_trickle(pc, r->trickles, anew);
	g_free(pc->remote_sdp);
	pc->remote_sdp = g_strdup(r->sdp);
	pc->handle->e2ee = r->desc->e2ee;
}

bool peerconn_remote(struct cardea_handle *h, struct remote *r, struct cardea_error *e)
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
	pc->local_sdp = print(pc, desc, pc->dtls_server ? "passive" : "active");
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
	want_lines(pc, pc->neg.n_tracks);
	free(pc->local_sdp);
	pc->local_sdp = print(pc, pc->neg.pending, "actpass");
	return true;
}

json_t *peerconn_local(struct cardea_handle *h, struct cardea_desc *desc, struct cardea_error *e)
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
	json_t *jsep = json_pack(
		"{s:s, s:s}", "type", pc->neg.pending ? "offer" : "answer", "sdp", pc->local_sdp);
	if (h->e2ee)
		json_object_set_new(jsep, "e2ee", json_true());
	return jsep;
}

/* ---- queries ---- */

bool peerconn_offer_pending(const struct peerconn *pc)
{
	return pc && pc->neg.pending;
}

bool peerconn_agreed(const struct peerconn *pc)
{
	return pc && pc->agreed;
}

bool peerconn_has(const struct peerconn *pc, unsigned mindex, enum cardea_dir dir)
{
	if (!pc || !pc->peer)
		return false;
	if (mindex < pc->neg.n_tracks && pc->neg.tracks[mindex].dir & dir)
		return true;
	const struct cardea_desc *pending = pc->neg.pending;
	return pending && mindex < pending->n_media && pending->media[mindex].dir & dir;
}
