/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "msg.h"

/* Records are copied into queues by these lengths: a struct that grew a pointer or lost a union
 * member shows here. */
#define CMD_END(member) (offsetof(struct cmd, member) + sizeof(((struct cmd *)0)->member))
#define REP_END(member) (offsetof(struct report, member) + sizeof(((struct report *)0)->member))

size_t cmd_len(enum cmd_type type)
{
	switch (type) {
	case CMD_PEER_OPEN:
	case CMD_PEER_ICE:
		return CMD_END(open);
	case CMD_TRACK:
		return CMD_END(track);
	case CMD_PEER_CLOSE:
		return CMD_END(close);
	case CMD_ROUTE:
		return CMD_END(route);
	case CMD_UNROUTE:
		return CMD_END(unroute);
	case CMD_KEYFRAME:
		return CMD_END(keyframe);
	case CMD_MUTE:
		return CMD_END(mute);
	case CMD_LIMIT:
		return CMD_END(limit);
	case CMD_WATCH_LEVEL:
		return CMD_END(watch);
	case CMD_STATS:
		return CMD_END(stats);
	case CMD_SINK_OPEN:
		return CMD_END(sink);
	case CMD_SINK_CLOSE:
	case CMD_SINK_KEYFRAME:
		return CMD_END(sink_id);
	case CMD_SOURCE_OPEN:
		return CMD_END(source);
	case CMD_SOURCE_CLOSE:
		return CMD_END(source_id);
	case CMD_CAPTURE:
		return CMD_END(capture);
	case CMD_TUNE:
		return CMD_END(tuning);
	}
	return sizeof(struct cmd);
}

size_t report_len(enum report_type type)
{
	switch (type) {
	case REP_CONNECTED:
		return REP_END(connected);
	case REP_FAILED:
		return REP_END(failed);
	case REP_RETIRED:
		return offsetof(struct report, connected);
	case REP_RECEIVING:
		return REP_END(receiving);
	case REP_LAYER:
		return REP_END(layer);
	case REP_TALKING:
		return REP_END(talking);
	case REP_SLOW_LINK:
		return REP_END(slow_link);
	case REP_ESTIMATE:
		return REP_END(estimate);
	case REP_STATS:
		return REP_END(stats);
	case REP_WHY:
		return REP_END(why);
	}
	return sizeof(struct report);
}
