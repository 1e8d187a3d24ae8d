/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <usrsctp.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/rtc/channels.h"
#include "../../core/rtp/rtp.h"

/** @file
 * Two peers of SCTP back to back: each with channels, or with bare SCTP to say what no channel
 * would.
 */
#define WIRE   512 /* packets on their way at most; what is beyond gets lost */
#define MTU    1160
#define HEARD  64
#define MILLIS 1000

extern struct loop *loop;
extern int64_t now_us;
extern unsigned lose_nth;              /* 0: none */
extern unsigned lose_percent;          /* by chance */
extern unsigned lose_type, lose_times; /* so many that begin with such a chunk */
extern unsigned carried;
extern size_t longest;
extern uint8_t last_init[128]; /* the last INIT of the first end */
extern size_t last_init_len;
extern uint8_t last_data[28]; /* headers of the last packet with data that the first end has sent */

/* A packet on its way to an end. */
struct packet {
	size_t len;
	uint8_t data[2048];
};
/* One of the two peers: with channels, or with bare SCTP to say what no channel would. */
struct end {
	struct channels *channels;
	struct sctp *sctp;
	unsigned ready, down, refused, room;
	size_t sent;
	struct data_msg *heard[HEARD];
	unsigned n_heard;
	bool only_counts;
	unsigned n_counted; /* of bare SCTP: what opens channels, and acknowledges that */
	uint32_t last_ppid; /* of bare SCTP */
	unsigned last_stream;
	unsigned n_resets;
	struct packet *wire, *spare; /* what it has sent; what was sent before that */
	unsigned n_wire;
};
extern struct end ends[2];

void feed(struct end *e, const uint8_t *data, size_t len);
void carry(struct end *from, struct end *to);

/* Let time pass, and packets cross. */
void pass(unsigned ms);
void forget(struct end *e);
void open_end(unsigned i);

/* ---- the end that has no channels ---- */

void open_bare(unsigned i);
enum err bare_say(uint16_t stream, uint32_t ppid, const void *data, size_t len);
void bare_close(uint16_t stream);
size_t in_use(void);

/* ---- begin and end ---- */

void begin_with(void (*first)(unsigned i));
int begin(void **state);
int begin_bare(void **state);
int finish(void **state);
void say(unsigned from, const char *label, const void *bytes, size_t len, bool is_binary);
void heard(unsigned at, unsigned i, const char *label, unsigned channel, const char *text);
