/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../base/work.h"
#include "../rtc/addr.h"
#include "admin_net.h"
#include "admin_table.h"
#include "error.h"
#include "lookup.h"

/** @file
 * Admin requests that look at the network. They are answered when a thread of the pool is done, or
 * has not been for too long: the thread may go on, and counts until it ends. */

#define AT_ONCE    2 /* the pool has others to serve */
#define TIMEOUT_US (6 * US_PER_S)
#define PORT_MAX   65535

struct look_up {
	struct lookup job;
	struct cardea_origin from;
	char *transaction;
	bool is_over; /* nobody waits for an answer any more */
	struct wheel_timer timeout;
};

static struct loop *loop;
static GSList *running; /* struct look_up */

void admin_net_start(struct loop *on)
{
	loop = on;
}

static void is_over(struct look_up *a)
{
	a->is_over = true;
	wheel_cancel(loop_wheel(loop), &a->timeout);
}

void admin_net_stop(void)
{
	for (GSList *l = running; l; l = l->next)
		is_over(l->data);
}

static void answer_address(const struct request *r, const struct lookup *l)
{
	char ip[INET6_ADDRSTRLEN];
	if (l->is_stun)
		request_succeed(
			r, json_pack("{s:s, s:i, s:I}", "public_ip", addr_ip(&l->public, ip),
				   "public_port", addr_port(&l->public), "elapsed",
				   (json_int_t)l->elapsed_us));
	else
		request_succeed(r, json_pack("{s:s, s:I}", "ip", addr_ip(&l->address, ip),
					   "elapsed", (json_int_t)l->elapsed_us));
}

static void answer(struct look_up *a)
{
	const struct request r = { .from = a->from, .transaction = a->transaction };
	if (!a->job.is_found)
		request_fail(&r, API_UNKNOWN, "Could not resolve address");
	else if (a->job.is_stun && !a->job.is_told)
		request_fail(&r, API_UNKNOWN, "STUN request failed");
	else
		answer_address(&r, &a->job);
}

static void give_up(void *arg)
{
	const struct look_up *a = arg;
	const struct request r = { .from = a->from, .transaction = a->transaction };
	request_fail(&r, API_UNKNOWN, "Could not resolve address");
	is_over(arg);
}

static void done(void *arg, bool cancelled)
{
	struct look_up *a = arg;
	running = g_slist_remove(running, a);
	if (!a->is_over && !cancelled)
		answer(a);
	is_over(a);
	g_free(a->transaction);
	g_free(a);
}

/* @param address checked to be a string */
static struct look_up *look_up_new(const struct request *r, const char *address)
{
	struct look_up *a = g_new0(struct look_up, 1);
	g_strlcpy(a->job.name, address, sizeof a->job.name);
	a->from = r->from;
	a->transaction = g_strdup(r->transaction);
	a->timeout = (struct wheel_timer){ .fn = give_up, .arg = a };
	return a;
}

static void begin(const struct request *r, struct look_up *a)
{
	if (g_slist_length(running) >= AT_ONCE || work_run(lookup_run, done, a) != OK) {
		request_fail(r, API_UNKNOWN, "Too many look-ups are running: ask again later");
		g_free(a->transaction);
		g_free(a);
		return;
	}
	running = g_slist_prepend(running, a);
	wheel_set(loop_wheel(loop), &a->timeout, loop_now(loop) + TIMEOUT_US);
}

#define ADDRESS_FIELD \
	{ \
		"address", CARDEA_STR, .required = true, .max = LOOKUP_NAME, \
				       .note = "host name or address" \
	}

static const struct cardea_field resolve_fields[] = {
	ADDRESS_FIELD,
	{ 0 },
};

static void on_resolve(struct request *r, const struct cardea_args *a)
{
	begin(r, look_up_new(r, cardea_str(a, "address")));
}

static const struct cardea_field stun_fields[] = {
	ADDRESS_FIELD,
	{ "port", CARDEA_UINT, .required = true, .max = PORT_MAX,
		.note = "UDP port of the STUN server" },
	{ "localport", CARDEA_UINT, .max = PORT_MAX, .note = "UDP port to ask from; 0: any" },
	{ 0 },
};

static void on_stun(struct request *r, const struct cardea_args *a)
{
	struct look_up *q = look_up_new(r, cardea_str(a, "address"));
	q->job.is_stun = true;
	q->job.port = (uint16_t)cardea_int(a, "port");
	q->job.local_port = (uint16_t)cardea_int(a, "localport");
	begin(r, q);
}

const struct admin_request admin_of_net[] = {
	{ "resolve_address", ADMIN_SERVER, resolve_fields, on_resolve,
		"Look a host name up, as the server does." },
	{ "test_stun", ADMIN_SERVER, stun_fields, on_stun,
		"Ask a STUN server for the address that it sees, as the server would." },
	{ 0 },
};
