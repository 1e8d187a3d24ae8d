/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../rtc/rtc.h"
#include "data_channels.h"
#include "handle.h"
#include "hook.h"
#include "peerconn.h"
#include "plugins.h"

#define EVENT_BYTES   (64u << 20)
#define QUEUED_MAX    (1u << 20)         /* given to the association and not yet in it */
#define QUEUED_LOW    (256u << 10)       /* when it has come down to this, there is room again */
#define RETURN_AT     (64u << 10)        /* consumed bytes are given back in pieces of this */
#define REFUSED_MAX   1024               /* labels remembered */
#define RETRY_US      (50 * US_PER_MS)   /* until a full queue is tried again */
#define DEFAULT_LABEL "JanusDataChannel" /* what clients of the API open and expect */

static struct queue *events;
static struct loop *loop;
static void retry(void *arg);
static struct wheel_timer again = { .fn = retry };
static GArray *retries; /* uint64_t: peers with retry_due */

/* ---- in ---- */

/* Nothing else may ever come for it: it must be tried again. */
static void retry_later(struct peerconn *pc)
{
	if (!pc->data->retry_due)
		g_array_append_val(retries, pc->peer);
	pc->data->retry_due = true;
	if (!wheel_armed(&again))
		wheel_set(loop_wheel(loop), &again, loop_now(loop) + RETRY_US);
}

static void give_back(struct peerconn *pc)
{
	struct data_flow *d = pc->data;
	if (d->consumed < RETURN_AT)
		return;
	if (rtc_data_consumed(pc->peer, d->consumed) == OK)
		d->consumed = 0;
	else
		retry_later(pc);
}

static void consume(struct peerconn *pc, struct data_msg *m)
{
	pc->data->consumed += data_msg_cost(m);
	data_msg_drop(m);
	give_back(pc);
}

static bool offer_to_plugin(struct peerconn *pc, const struct data_msg *m)
{
	const struct cardea_plugin *api = pc->handle->plugin->api;
	const struct cardea_data what = { .size = sizeof what,
		.channel = m->channel,
		.label = m->label,
		.protocol = m->protocol,
		.is_binary = m->is_binary,
		.bytes = m->bytes,
		.len = m->len };
	return !api->data || api->data(pc->handle, &what);
}

/* The plugin may have closed the PeerConnection while it was asked. */
static bool has_gone(uint64_t peer)
{
	const struct peerconn *pc = peerconn_find(peer);
	return !pc || !pc->data;
}

static void deliver(struct peerconn *pc)
{
	const uint64_t peer = pc->peer;
	struct data_msg *m;
	while ((m = g_queue_peek_head(&pc->data->held))) {
		data_msg_ref(m);
		bool taken = offer_to_plugin(pc, m);
		data_msg_drop(m);
		if (has_gone(peer))
			return;
		/* With nothing of its own on the way nothing would ever ask it again. */
		if (!taken && (pc->data->queued || pc->data->retry_due))
			return;
		consume(pc, g_queue_pop_head(&pc->data->held));
	}
}

static void on_message(struct peerconn *pc, struct data_msg *m)
{
	bool is_first = g_queue_is_empty(&pc->data->held);
	pc->data_stats.packets_in++;
	pc->data_stats.bytes_in += m->len;
	recordings_message(&pc->handle->recordings, m);
	g_queue_push_tail(&pc->data->held, data_msg_ref(m));
	if (is_first)
		deliver(pc);
}

/* ---- out ---- */

static void tell_ready(struct peerconn *pc)
{
	pc->data->was_refused = false;
	if (pc->handle->plugin->api->data_ready)
		pc->handle->plugin->api->data_ready(pc->handle);
}

static void on_sent(struct peerconn *pc, unsigned n, size_t cost)
{
	const uint64_t peer = pc->peer;
	struct data_flow *d = pc->data;
	d->queued -= cost < d->queued ? cost : d->queued;
	d->n_queued -= n < d->n_queued ? n : d->n_queued;
	if (d->queued > QUEUED_LOW)
		return;
	deliver(pc);
	if (!has_gone(peer) && pc->data->was_refused && pc->data->queued <= QUEUED_LOW)
		tell_ready(pc);
}

static void go_on(struct peerconn *pc)
{
	const uint64_t peer = pc->peer;
	pc->data->retry_due = false;
	give_back(pc);
	if (pc->data->retry_due) /* still full */
		return;
	deliver(pc);
	if (!has_gone(peer) && pc->data->was_refused && pc->data->queued <= QUEUED_LOW)
		tell_ready(pc);
}

static void retry(void *arg)
{
	GArray *now = retries;
	(void)arg;
	retries = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	for (unsigned i = 0; i < now->len; i++) {
		struct peerconn *pc = peerconn_find(g_array_index(now, uint64_t, i));
		if (!pc || !pc->data || !pc->data->retry_due)
			continue;
		struct hook hook;
		hook_enter(&hook, pc->handle->plugin->api, "data");
		go_on(pc);
		hook_leave(&hook);
	}
	g_array_unref(now);
}

/* The label gets no more messages until a channel is free. */
static void on_no_channel(struct peerconn *pc, const struct data_msg *m)
{
	struct data_flow *d = pc->data;
	if (!d->no_channel)
		d->no_channel = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (g_hash_table_size(d->no_channel) < REFUSED_MAX)
		g_hash_table_add(d->no_channel, g_strdup(m->label));
	pc->data_stats.packets_out--;
	pc->data_stats.bytes_out -= m->len;
	on_sent(pc, 1, data_msg_cost(m));
}

static void on_space(struct peerconn *pc)
{
	g_clear_pointer(&pc->data->no_channel, g_hash_table_unref);
	pc->data->was_refused = false;
	tell_ready(pc);
}

static void on_ready(struct peerconn *pc)
{
	if (!pc->data)
		pc->data = data_flow_create();
	tell_ready(pc);
}

static void on_down(struct peerconn *pc)
{
	data_flow_free(pc->data);
	pc->data = NULL;
}

static void on_event(void *arg, const void *rec, size_t len)
{
	const struct data_event *e = rec;
	struct peerconn *pc = peerconn_find(e->peer);
	(void)arg;
	(void)len;
	if (pc && (pc->data || e->type == DATA_READY)) {
		struct hook hook;
		hook_enter(&hook, pc->handle->plugin->api, "data");
		if (e->type == DATA_READY)
			on_ready(pc);
		else if (e->type == DATA_MESSAGE)
			on_message(pc, e->msg);
		else if (e->type == DATA_SENT)
			on_sent(pc, e->n, e->cost);
		else if (e->type == DATA_REFUSED)
			on_no_channel(pc, e->msg);
		else if (e->type == DATA_ROOM)
			on_space(pc);
		else
			on_down(pc);
		hook_leave(&hook);
	}
	if (e->type == DATA_MESSAGE || e->type == DATA_REFUSED)
		data_msg_drop(e->msg);
}

static void drop_event(void *arg, const void *rec, size_t len)
{
	const struct data_event *e = rec;
	(void)arg;
	(void)len;
	if (e->type == DATA_MESSAGE || e->type == DATA_REFUSED)
		data_msg_drop(e->msg);
}

/* ---- life ---- */

enum err data_channels_start(struct loop *on)
{
	loop = on;
	retries = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	events = queue_create("data events", EVENT_BYTES);
	return events ? queue_attach(events, loop, on_event, NULL) : ERR_FULL;
}

void data_channels_stop(void)
{
	if (!events)
		return;
	wheel_cancel(loop_wheel(loop), &again);
	g_clear_pointer(&retries, g_array_unref);
	loop_del(loop, queue_fd(events));
	queue_drain(events, drop_event, NULL);
	queue_destroy(events);
	events = NULL;
}

struct queue *data_channels_events(void)
{
	return events;
}

/* ---- the SDK ---- */

static struct data_msg *message(const struct cardea_data *given)
{
	struct cardea_data what = { 0 };
	memcpy(&what, given, given->size < sizeof what ? given->size : sizeof what);
	const char *label = what.label ? what.label : DEFAULT_LABEL;
	const char *protocol = what.protocol ? what.protocol : "";
	if (what.len > DATA_MAX || strlen(label) > DATA_LABEL || strlen(protocol) > DATA_LABEL)
		return NULL;
	struct data_msg *m = data_msg_new(label, protocol, what.bytes, what.len);
	if (!m)
		return NULL;
	m->channel = what.channel;
	m->is_binary = what.is_binary;
	return m;
}

static bool send_to(struct cardea_handle *h, struct data_msg *m)
{
	struct data_flow *d = h->pc ? h->pc->data : NULL;
	if (!d || (!m->channel && d->no_channel && g_hash_table_contains(d->no_channel, m->label)))
		return false;
	if (d->queued + data_msg_cost(m) <= QUEUED_MAX) {
		if (!rtc_data_send(h->pc->peer, data_msg_ref(m))) {
			d->queued += data_msg_cost(m);
			d->n_queued++;
			h->pc->data_stats.packets_out++;
			h->pc->data_stats.bytes_out += m->len;
			return true;
		}
		data_msg_drop(m);
		retry_later(h->pc);
	}
	d->was_refused = true;
	return false;
}

unsigned cardea_data_send_all(
	struct cardea_handle *const *to, unsigned n, const struct cardea_data *what)
{
	struct data_msg *m = message(what);
	unsigned taken = 0;
	for (unsigned i = 0; m && i < n; i++)
		taken += send_to(to[i], m);
	data_msg_drop(m);
	return taken;
}

bool cardea_data_send(struct cardea_handle *h, const struct cardea_data *what)
{
	return cardea_data_send_all(&h, 1, what);
}

bool cardea_has_data(const struct cardea_handle *h)
{
	return h->pc && h->pc->data;
}

size_t cardea_data_queued(const struct cardea_handle *h)
{
	return cardea_has_data(h) ? h->pc->data->queued : 0;
}
