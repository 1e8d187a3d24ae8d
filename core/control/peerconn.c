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
#include "../rtc/rtc.h"
#include "data.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "peerconn.h"
#include "place.h"
#include "report.h"

#define REPORTS_MAX    (4 << 20)        /* bytes of one batch: some 3,000 of the largest */
#define RETRY_US       (50 * US_PER_MS) /* until a full worker queue is asked again to close a peer */
#define CANDIDATES_MAX 64
#define TRICKLED_MAX   32
#define TRICKLED_CHARS 255

static struct ids *peers;
static struct queue *reports;
static struct loop *loop;
static GQueue unclosed = G_QUEUE_INIT; /* closing, but the worker's queue was full */
static void retry_close(void *arg);
static struct wheel_timer retry = { .fn = retry_close };
static struct metric n_peers = { .name = "cardea_control_peers",
	.help = "PeerConnections now, closing ones too." };

enum err peerconns_start(struct loop *on)
{
	static bool registered;
	loop = on;
	peers = ids_create(settings.rtc.max_peers);
	place_setup(settings.rtc.workers, settings.peers_together);
	reports = queue_create("reports", REPORTS_MAX);
	if (!registered)
		metric_register(&n_peers);
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
	g_free(pc->told_tracks);
	g_free(pc->wanted);
	g_free(pc->receiving);
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
	g_queue_clear(&unclosed);
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

/* ---- closing ---- */

static bool post_close(struct peerconn *pc)
{
	struct cmd c = { .type = CMD_PEER_CLOSE };
	return peerconn_post(pc, &c);
}

static void retry_close(void *arg)
{
	(void)arg;
	struct peerconn *pc;
	while ((pc = g_queue_peek_head(&unclosed)) && post_close(pc))
		g_queue_pop_head(&unclosed);
	if (pc)
		wheel_set(loop_wheel(loop), &retry, loop_now(loop) + RETRY_US);
}

void peerconn_close(struct peerconn *pc)
{
	pc->handle = NULL;
	pc->up = false;
	if (!pc->peer) {
		release(pc);
		return;
	}
	/* A close must not get lost, or the slot would never come back. */
	if (post_close(pc))
		return;
	g_queue_push_tail(&unclosed, pc);
	if (!wheel_armed(&retry))
		wheel_set(loop_wheel(loop), &retry, loop_now(loop) + RETRY_US);
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
	o->sctp_port = negotiate_has_data(&pc->neg) ? t->sctp_port : 0;
	o->sctp_max = t->sctp_max;
}

static bool open_peer(struct peerconn *pc, struct cardea_error *e)
{
	struct cmd c = { .type = CMD_PEER_OPEN };
	pc->peer = ids_take(peers, pc);
	if (!pc->peer)
		return cardea_fail(
			e, API_UNKNOWN, "Too many PeerConnections (%u)", settings.rtc.max_peers);
	pc->place_key = pc->handle->place_key;
	pc->worker = place_take(pc->place_key);
	metric_set(&n_peers, ids_count(peers));
	rtc_ice_credentials(pc->worker, pc->ufrag, pc->pwd);
	fill_open(pc, &c.open);
	if (!peerconn_post(pc, &c)) {
		give_slot(pc);
		return cardea_fail(e, API_UNKNOWN, "The media worker is overloaded");
	}
	pc->told = pc->neg.remote;
	pc->told_data = c.open.sctp_port != 0;
	pc->opened_us = clock_now_us();
	return true;
}

static bool same_transport(const struct sdp_transport *a, const struct sdp_transport *b)
{
	return strcmp(a->ufrag, b->ufrag) == 0 && strcmp(a->pwd, b->pwd) == 0 &&
	       fingerprints_equal(&a->fingerprints, &b->fingerprints);
}

static bool tell_transport(struct peerconn *pc, bool ours_changed, struct cardea_error *e)
{
	struct cmd c = { .type = CMD_PEER_ICE };
	bool data_changed = negotiate_has_data(&pc->neg) && !pc->told_data;
	if (!ours_changed && !data_changed && same_transport(&pc->told, &pc->neg.remote))
		return true;
	fill_open(pc, &c.open);
	if (!peerconn_post(pc, &c))
		return cardea_fail(e, API_UNKNOWN, "The media worker is overloaded");
	pc->told = pc->neg.remote;
	pc->told_data = c.open.sctp_port != 0;
	return true;
}

static void grow_lines(struct peerconn *pc, unsigned n)
{
	if (n <= pc->n_lines)
		return;
	pc->wanted = g_renew(struct wanted, pc->wanted, n);
	pc->receiving = g_renew(uint8_t, pc->receiving, n);
	memset(pc->wanted + pc->n_lines, 0, (n - pc->n_lines) * sizeof *pc->wanted);
	memset(pc->receiving + pc->n_lines, 0, n - pc->n_lines);
	pc->n_lines = n;
}

/* The routes of @p to that begin or end at @p pc. */
static void repeat_into(struct peerconn *to, const struct peerconn *pc)
{
	for (unsigned i = 0; i < to->n_lines; i++) {
		struct cmd c = { .type = CMD_ROUTE, .route = to->wanted[i].route };
		uint64_t from = to->wanted[i].from_peer;
		/* A source that is gone may have given its slot to someone else. */
		if ((to == pc || from == pc->peer) && peerconn_find(from))
			peerconn_post(to, &c);
	}
}

/* Routes into and out of a changed m-line are said again: the worker drops those that named a track
 * it did not have. Only for one that others have had routes from all peers are looked at. */
static void repeat_routes(struct peerconn *pc)
{
	uint32_t slot = 0;
	struct peerconn *to;
	if (!pc->feeds) {
		repeat_into(pc, pc);
		return;
	}
	while ((to = ids_next(peers, &slot)))
		if (to->handle)
			repeat_into(to, pc);
}

static bool tell_tracks(struct peerconn *pc, struct cardea_error *e)
{
	const struct negotiation *n = &pc->neg;
	bool changed = false;
	grow_lines(pc, n->n_tracks);
	if (n->n_tracks > pc->n_told)
		pc->told_tracks = g_renew(struct track, pc->told_tracks, n->n_tracks);
	for (unsigned i = 0; i < n->n_tracks; i++) {
		struct cmd c = { .type = CMD_TRACK, .track = n->tracks[i] };
		if (i < pc->n_told &&
			memcmp(&pc->told_tracks[i], &n->tracks[i], sizeof *n->tracks) == 0)
			continue;
		if (!peerconn_post(pc, &c))
			return cardea_fail(e, API_UNKNOWN, "The media worker is overloaded");
		pc->told_tracks[i] = n->tracks[i];
		pc->n_told = i + 1 > pc->n_told ? i + 1 : pc->n_told;
		changed = true;
		if (!(n->tracks[i].dir & CARDEA_RECV))
			report_stopped(pc, i);
	}
	if (changed)
		repeat_routes(pc);
	return true;
}

/* ---- the client's descriptions ---- */

/* What we are, given what the peer says it is; a first choice stands for the life of the
 * association. Another certificate brings another one (RFC 8842, section 4). */
static void choose_role(struct peerconn *pc)
{
	if (pc->dtls_server == 2 ||
		fingerprints_differ(&pc->told.fingerprints, &pc->neg.remote.fingerprints))
		pc->dtls_server = pc->neg.remote.setup == SETUP_PASSIVE ? 0 : 1;
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
	choose_role(pc);
	if (pc->restarting) {
		memcpy(pc->ufrag, pc->next_ufrag, sizeof pc->ufrag);
		memcpy(pc->pwd, pc->next_pwd, sizeof pc->pwd);
	}
	bool ours_changed = pc->restarting;
	pc->restarting = false;
	pc->agreed = true;
	return tell_transport(pc, ours_changed, e) && tell_tracks(pc, e);
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
	if (!candidate) {
		pc->all_trickled = true;
		return;
	}
	if (!pc->trickled)
		pc->trickled = g_ptr_array_new_with_free_func(g_free);
	if (candidate[0] && strlen(candidate) <= TRICKLED_CHARS && pc->trickled->len < TRICKLED_MAX)
		g_ptr_array_add(pc->trickled, g_strdup(candidate));
}

bool peerconn_remote(struct cardea_handle *h, struct remote *r, struct cardea_error *e)
{
	struct peerconn *pc = h->pc;
	bool anew = pc && negotiate_is_restart(&pc->told, &r->transport);
	if (r->desc->type == CARDEA_ANSWER) {
		if (!take_answer(pc, r, e))
			return false;
	} else {
		if (!pc)
			pc = create(h);
		remote_drop(pc->offer);
		pc->offer = remote_ref(r);
	}
	note_trickle(pc, r->trickles, anew);
	g_free(pc->remote_sdp);
	pc->remote_sdp = g_strdup(r->sdp);
	h->e2ee = r->desc->e2ee;
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
		.candidates = candidates,
		.end_of_candidates = true,
		.ice_lite = true,
		.tracks = pc->neg.tracks,
	};
	return sdp_print(d, &l);
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
	pc->neg.remote = offer->transport;
	pc->restarting = false; /* an offer of ours that crossed theirs is void */
	choose_role(pc);
	bool restart = pc->peer && negotiate_is_restart(&pc->told, &pc->neg.remote);
	if (restart)
		rtc_ice_credentials(pc->worker, pc->ufrag, pc->pwd);
	if (!(pc->peer ? tell_transport(pc, restart, e) : open_peer(pc, e)) || !tell_tracks(pc, e))
		return false;
	pc->offer = NULL;
	pc->agreed = true;
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
	grow_lines(pc, pc->neg.n_tracks);
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

/* ---- queries and routes ---- */

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

bool peerconn_route(
	struct peerconn *to, unsigned mindex, struct peerconn *from, const struct route *route)
{
	struct cmd c = { .type = CMD_ROUTE, .route = *route };
	from->feeds |= from != to;
	to->wanted[mindex] = (struct wanted){ from->peer, *route };
	return peerconn_post(to, &c);
}

void peerconn_unroute(struct peerconn *to, unsigned mindex)
{
	struct cmd c = { .type = CMD_UNROUTE, .unroute = { (uint16_t)mindex } };
	if (mindex >= to->n_lines || !to->wanted[mindex].from_peer)
		return;
	to->wanted[mindex].from_peer = 0;
	peerconn_post(to, &c);
}
