/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/metric.h"

/** @file
 * What the router refused, because it was over somebody's budget or share. */

extern struct metric router_sink_drops;
extern struct metric router_share_drops, router_wish_drops, router_nack_drops, router_rtcp_drops;
void meter_register(void); /**< Show them at /metrics. Once. */
