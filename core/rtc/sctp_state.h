/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/wheel.h"
#include "sctp_forward.h"
#include "sctp_held.h"
#include "sctp_ops.h"
#include "sctp_streams.h"

/** @file
 * What the files of an SCTP association share. No verbs: sctp.c makes and ends it, sctp_in.c gives
 * usrsctp what the peer sends, sctp_out.c what is to be sent. */
struct socket;

struct sctp {
	uint64_t id;
	uint16_t port;
	int64_t opened_us;
	struct socket *so;
	const struct sctp_ops *ops;
	void *arg;
	bool is_due, is_up, is_over, wants_room;
	struct sctp *next_due;
	struct sctp_streams streams;
	struct sctp_held held;
	struct sctp_forward forward;
	struct wheel_timer again; /* … is said */
	int64_t waits_us;         /* since when too much waits for something; 0: it does not */
	size_t unread;            /* … of what is beyond SCTP_BUFFER */
	unsigned n_out;           /* messages since all were acknowledged */
	unsigned out_wanted;      /* streams, once they are */
	bool reset_wanted;        /* once they are, too */
	bool is_resetting;        /* until reset_done() */
	uint8_t *part;            /* of a message that usrsctp delivers in pieces; NULL: none */
	size_t part_len;
	uint16_t part_stream;
};

/** What usrsctp knows an association by. */
static inline void *sctp_name(uint64_t id)
{
	return (void *)(uintptr_t)id;
}
