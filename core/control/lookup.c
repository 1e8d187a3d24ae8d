/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtc/addr.h"
#include "../rtc/stun_ask.h"
#include "lookup.h"

static bool find(struct lookup *l)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *all = NULL;
	if (getaddrinfo(l->name, NULL, &hints, &all))
		return false;
	bool fits = all && all->ai_addrlen <= sizeof l->address;
	if (fits)
		memcpy(&l->address, all->ai_addr, all->ai_addrlen);
	freeaddrinfo(all);
	return fits;
}

void lookup_run(void *lookup)
{
	struct lookup *l = lookup;
	int64_t begun_us = clock_now_us();
	l->is_found = find(l);
	if (l->is_found && l->is_stun) {
		begun_us = clock_now_us();
		addr_set_port(&l->address, l->port);
		l->is_told = stun_ask(&l->address, l->local_port, &l->public) == OK;
	}
	l->elapsed_us = clock_now_us() - begun_us;
}
