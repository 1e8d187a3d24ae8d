/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/thread.h"
#include "candidates.h"
#include "netwatch.h"

#define INTERFACES_MAX 256 /* addresses that are looked at */
#define WORKERS_MAX    64

typedef char line[ADDR_CANDIDATE];

static struct {
	struct addr_conf conf;
	uint16_t ports[WORKERS_MAX];
	unsigned n_workers;
	struct addr_list list;
	line *lines; /* list.n for each worker */
	char address[INET6_ADDRSTRLEN];
	struct netwatch *watch;
	struct owner owner;
} own;

static void look(struct addr_list *out)
{
	struct addr_if ifs[INTERFACES_MAX];
	addr_choose(out, &own.conf, ifs, addr_interfaces(ifs, INTERFACES_MAX));
}

/* Take a list over. @return false: out of memory, all is as it was */
static bool take(const struct addr_list *l)
{
	line *lines = calloc(own.n_workers * l->n + 1, sizeof(*lines));
	if (!lines)
		return false;
	for (unsigned w = 0; w < own.n_workers; w++)
		for (unsigned i = 0; i < l->n; i++)
			addr_candidate(l, i, own.ports[w], lines[w * l->n + i]);
	free(own.lines);
	own.lines = lines;
	own.list = *l;
	strcpy(own.address, "0.0.0.0");
	if (l->n)
		addr_ip(&l->at[0].addr, own.address);
	return true;
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

/* Who looks for the reason why nobody is reached finds it here. */
static void warn_of_poor(const struct addr_list *l)
{
	if (!l->n)
		log_warn("rtc", 0, "no address to offer", "enforce=%s ignore=%s",
			or_dash(own.conf.enforce_list), or_dash(own.conf.ignore_list));
	else if (l->is_last_resort)
		log_warn("rtc", 0, "only loopback to offer: no other machine can call",
			"addresses=%u enforce=%s ignore=%s", l->n, or_dash(own.conf.enforce_list),
			or_dash(own.conf.ignore_list));
}

static void list_text(const struct addr_list *l, char *out, size_t size)
{
	char ip[INET6_ADDRSTRLEN];
	size_t at = 0;
	out[0] = 0;
	for (unsigned i = 0; i < l->n && at < size; i++)
		at += (size_t)snprintf(
			out + at, size - at, "%s%s", i ? "," : "", addr_ip(&l->at[i].addr, ip));
}

static void choose_anew(void)
{
	struct addr_list now;
	char text[512];
	OWNED_BY(own.owner);
	look(&now);
	if (addr_list_equal(&now, &own.list) || !take(&now))
		return;
	list_text(&now, text, sizeof(text));
	if (now.n && !now.is_last_resort)
		log_info("rtc", 0, "addresses changed", "offered=%s", text);
	else
		warn_of_poor(&now);
}

static void on_changed(void *arg)
{
	(void)arg;
	choose_anew();
}

enum err candidates_start(const struct addr_conf *conf, const uint16_t *ports, unsigned n_workers)
{
	struct addr_list first;
	own.conf = *conf;
	own.n_workers = n_workers < WORKERS_MAX ? n_workers : WORKERS_MAX;
	memcpy(own.ports, ports, own.n_workers * sizeof(*ports));
	own.owner = OWNER_HERE;
	look(&first);
	if (!take(&first))
		return ERR_FULL;
	for (unsigned i = 0; i < own.n_workers * own.list.n; i++)
		log_info("rtc", 0, "candidate", "worker=%u line=\"%s\"", i / own.list.n,
			own.lines[i]);
	warn_of_poor(&first);
	return OK;
}

void candidates_follow(struct loop *loop)
{
	if (netwatch_create(&own.watch, loop, on_changed, NULL))
		log_warn("rtc", 0, "a change of addresses will go unnoticed",
			"because=\"the kernel gives no notice\"");
	choose_anew(); /* what has changed before there were notices */
}

void candidates_stop(void)
{
	netwatch_destroy(own.watch);
	free(own.lines);
	memset(&own, 0, sizeof(own));
}

const char *candidates_get(unsigned worker, unsigned i)
{
	return worker < own.n_workers && i < own.list.n ? own.lines[worker * own.list.n + i] : NULL;
}

const char *candidates_address(void)
{
	return own.address;
}
