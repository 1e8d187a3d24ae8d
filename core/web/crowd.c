/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/resource.h>
#include "../base/address.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "access.h"
#include "crowd.h"
#include "places.h"

#define TELL_US (60 * US_PER_S)

static struct metric n_refused = { .name = "cardea_web_connections_refused_total",
	.help = "Connections closed because their address has too many" };

static unsigned of_place[PLACES];
static unsigned option;
static bool is_given;

void crowd_configure(const struct access_conf *c)
{
	option = c->max_connections_per_address;
	is_given = c->connections_are_bounded;
}

void crowd_start(void)
{
	static bool registered;

	memset(of_place, 0, sizeof of_place);
	if (!registered)
		metric_register(&n_refused);
	registered = true;
}

/** Half of the descriptors, as it is now: the limit of a process can be moved from outside. @return
 *  0: none */
static unsigned most(void)
{
	struct rlimit r = { 0 };

	if (is_given)
		return option;
	return getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur > UINT32_MAX
		       ? 0
		       : (unsigned)(r.rlim_cur + 1) / 2;
}

static bool is_everybody(const struct cardea_address *whose, const char *ip)
{
	return address_is_none(whose) || access_is_proxy(ip) ||
	       (!is_given && address_is_loopback(whose));
}

/** A proxy that is not declared looks like one address: the line says so. */
static void tell(const struct cardea_address *whose, unsigned limit)
{
	static int64_t next_us;
	char text[ADDRESS_TEXT];
	int64_t now_us = clock_now_us();

	metric_add(&n_refused, 1);
	if (now_us < next_us)
		return;
	next_us = now_us + TELL_US;
	log_warn("web", 0, "an address has all the connections it may have",
		"address=%s option=web.max_connections_per_address limit=%u; of a proxy? then name "
		"it in web.trusted_proxies",
		address_text(whose, text), limit);
}

bool crowd_enter(const char *ip, int *place)
{
	const struct cardea_address whose = cardea_address(ip);
	unsigned limit = most();

	*place = CROWD_NOBODY;
	if (!limit || is_everybody(&whose, ip))
		return true;
	unsigned at = place_of(&whose);
	if (of_place[at] >= limit) {
		tell(&whose, limit);
		return false;
	}
	of_place[at]++;
	*place = (int)at;
	return true;
}

void crowd_leave(int place)
{
	if (place != CROWD_NOBODY)
		of_place[place]--;
}
