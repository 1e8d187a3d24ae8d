/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"
#include "handle.h"
#include "info.h"
#include "options.h"
#include "peerconn.h"
#include "session.h"
#include "status_event.h"

enum { STATUS = 1, END };

static void tell(unsigned subtype, json_t *body)
{
	event_tell(&(struct event){ .type = CARDEA_EVENT_CORE, .subtype = subtype }, body);
}

void status_event_started(void)
{
	if (event_wanted(CARDEA_EVENT_CORE))
		tell(STATUS,
			json_pack("{s:s, s:o}", "status", "started", "info", info_answer(NULL)));
}

void status_event_update(void)
{
	if (event_wanted(CARDEA_EVENT_CORE))
		tell(STATUS,
			json_pack("{s:s, s:{s:i, s:i, s:i, s:i}}", "status", "update", "info",
				"sessions", (int)sessions_count(), "handles", (int)handles_count(),
				"peerconnections", (int)peerconns_count(), "stats-period",
				(int)settings.stats_period_s));
}

void status_event_shutdown(int signum)
{
	if (event_wanted(CARDEA_EVENT_CORE))
		tell(END, json_pack("{s:s, s:i}", "status", "shutdown", "signum", signum));
}
