/* SPDX-License-Identifier: Apache-2.0 */
#include "meter.h"

struct metric router_share_drops = { .name = "cardea_router_share_drops",
	.help = "Packets let go early because their publisher had its share of the pool" };
struct metric router_wish_drops = { .name = "cardea_router_keyframe_wish_drops",
	.help = "Keyframe wishes refused to subscribers that had too many" };
struct metric router_nack_drops = { .name = "cardea_router_nack_drops",
	.help = "Packets not sent again because too much was asked for" };
struct metric router_rtcp_drops = { .name = "cardea_router_rtcp_drops",
	.help = "RTCP items not read because their peer sent too many" };
struct metric router_sink_drops = { .name = "cardea_router_sink_drops",
	.help = "Packets that a sink's reader was too slow for" };

void meter_register(void)
{
	struct metric *all[] = { &router_share_drops, &router_wish_drops, &router_nack_drops,
		&router_rtcp_drops, &router_sink_drops };
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		metric_register(all[i]);
}
