/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/ice.h"

/** @file
 * A mux for tests: time is faked, what it sends is kept, and a client answers when it is told to.
 */

#define UFRAG     "tagA12345678"
#define OTHER     "tagAotherone"
#define PWD       "passwordpasswordpassword"
#define PEER      2u /* a slot */
#define SECOND    3u
#define MAX_PEERS 256
#define START     (1000 * US_PER_S)

struct sent {
	struct path to;
	size_t len;
	uint8_t data[512];
};
extern struct ice *ice;
extern struct client c;
extern struct sent sent[256];
extern unsigned n_sent, n_heard, n_paths;
extern struct path chosen;
extern int64_t chosen_by, now;

void forget(void);
int setup(void **state);
int teardown(void **state);
void pass(int64_t us);
struct path path(const char *remote, uint16_t port);
int64_t owner(const struct path *from);
size_t check(const struct path *from, const char *ufrag, const char *pwd, bool nominate);

/* Checks that it made there, and answers that it gave. */
unsigned asked(const struct path *to);
unsigned answered(const struct path *to);
const struct sent *last_check(const struct path *to);
size_t make_answer(const struct path *from, uint8_t *out);

/* The peer answers the latest check that was made there. */
void answer(const struct path *from);

/* The peer comes up there. */
void prove(const struct path *p);

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
