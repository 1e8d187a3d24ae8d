/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"
#include "answer_far.h"
#include "ask.h"
#include "auth.h"
#include "control.h"
#include "data.h"
#include "direct.h"
#include "ice_servers.h"
#include "options.h"
#include "peerconn.h"
#include "plugin.h"
#include "sdk.h"
#include "session.h"
#include "transport.h"
#include "tune.h"
#include "turn_page.h"

enum err control_start(struct loop *loop, struct conf *conf)
{
	enum err e;
	sessions_start(loop);
	sdk_start(loop);
	asks_start(loop);
	admin_start(loop);
	answer_far_start();
	tune_start(loop);
	plugins_start(conf);
	ice_servers_start(&settings.ice);
	if ((e = direct_start(loop)))
		return e;
	auth_start(loop);
	if ((e = peerconns_start(loop)) || (e = data_start(loop)))
		return e;
	return transports_start(loop, conf);
}

void control_stop(void)
{
	asks_stop();
	admin_stop();
	answer_far_stop();
	tune_stop();
	turn_page_stop();
	transports_stop();
	sessions_stop();
	direct_stop();
	plugins_stop();
	ice_servers_stop();
	auth_stop();
	sdk_stop();
}

void control_free(void)
{
	peerconns_stop();
	data_stop();
}
