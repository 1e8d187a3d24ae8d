/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_capture.h"
#include "admin_net.h"
#include "auth.h"
#include "capture.h"
#include "control.h"
#include "data_channels.h"
#include "direct.h"
#include "eventhandlers.h"
#include "handle.h"
#include "http_paths.h"
#include "ice_servers.h"
#include "options.h"
#include "peerconn.h"
#include "playback.h"
#include "plugin_timers.h"
#include "plugins.h"
#include "recordings.h"
#include "reply_long.h"
#include "session.h"
#include "stats_event.h"
#include "stats_query.h"
#include "store.h"
#include "transport_inbox.h"
#include "transports.h"
#include "tune.h"
#include "turn_page.h"
#include "worker_reports.h"
#include "worker_sync.h"

enum err control_start(struct loop *loop, struct conf *conf)
{
	enum err e;
	sessions_start(loop, &handles_of_sessions);
	handles_start();
	plugin_timers_start(loop);
	stats_queries_start(loop);
	stats_events_start(loop);
	admin_net_start(loop);
	reply_long_start();
	tune_start(loop);
	playbacks_start(loop);
	stores_start(loop);
	plugins_start(conf);
	eventhandlers_start(conf);
	ice_servers_start(&settings.ice);
	if ((e = direct_start(loop)) || (e = http_paths_start(loop)))
		return e;
	auth_start(loop);
	peerconns_start();
	worker_sync_start(loop);
	if ((e = captures_start(loop)) || (e = recordings_start(loop)) ||
		(e = worker_reports_start(loop)) || (e = data_channels_start(loop)))
		return e;
	transports_start(conf);
	return transport_inbox_start(loop);
}

void control_stop(void)
{
	stats_queries_stop();
	stats_events_stop();
	admin_net_stop();
	admin_capture_stop();
	reply_long_stop();
	tune_stop();
	turn_page_stop();
	transport_inbox_close();
	transports_stop(sessions_disown);
	transport_inbox_stop();
	transports_unload();
	sessions_stop();
	direct_stop();
	http_paths_stop();
	recordings_forget_listeners();
	plugins_stop();
	eventhandlers_stop();
	stores_stop();
	playbacks_stop();
	ice_servers_stop();
	auth_stop();
	plugin_timers_stop();
}

void control_free(void)
{
	worker_sync_stop();
	peerconns_stop();
	worker_reports_stop();
	data_channels_stop();
	captures_stop();
	playbacks_free();
	recordings_stop();
}
