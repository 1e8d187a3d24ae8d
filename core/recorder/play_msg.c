/* SPDX-License-Identifier: Apache-2.0 */
#include "play_msg.h"

#define CMD_END(member) (offsetof(struct play_cmd, member) + sizeof(((struct play_cmd *)0)->member))
#define REP_END(member) (offsetof(struct play_rep, member) + sizeof(((struct play_rep *)0)->member))

size_t play_cmd_len(const struct play_cmd *c)
{
	switch ((enum play_cmd_type)c->type) {
	case PLAY_CMD_OPEN:
		return offsetof(struct play_cmd, open.files) +
		       (c->n_files < PLAY_FILES ? c->n_files : PLAY_FILES) * (size_t)PLAY_PATH;
	case PLAY_CMD_START:
		return CMD_END(start);
	case PLAY_CMD_SEEK:
		return CMD_END(seek);
	case PLAY_CMD_RATE:
		return CMD_END(rate);
	case PLAY_CMD_PAUSE:
	case PLAY_CMD_RESUME:
	case PLAY_CMD_CLOSE:
		return offsetof(struct play_cmd, open);
	}
	return sizeof *c;
}

size_t play_rep_len(enum play_rep_type type)
{
	switch (type) {
	case PLAY_REP_OPENED:
		return REP_END(opened);
	case PLAY_REP_POSITION:
		return REP_END(position);
	case PLAY_REP_DATA:
		return REP_END(data);
	case PLAY_REP_FAILED:
		return REP_END(text);
	case PLAY_REP_END:
	case PLAY_REP_CLOSED:
		return offsetof(struct play_rep, opened);
	}
	return sizeof(struct play_rep);
}
