/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtc/addr.h"
#include "../rtc/stun_ask.h"
#include "lookup.h"

#define ANSWER_S 2 /* that each name server has */

/* Name servers that do not answer shall not hold up the end of the program: nothing can call a
 * look-up back. The resolver's settings are each thread's own. */
static void be_brief(void)
{
	res_init(); /* as the machine's file is now */
	_res.retrans = ANSWER_S;
	_res.retry = 1;
}

static bool find(struct lookup *l)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *all = NULL;
	be_brief();
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
