/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "addr.h"

/** @file
 * The addresses that clients are told of, and the candidate lines made of them. They follow the
 * network: every description from then on has what is true then. The media sockets take what comes
 * to any address of the machine, so that nothing else has to change. Control thread. */
struct loop;

/** Choose for the first time. @param conf borrowed, with its texts, until the end
 *  @param ports one for each worker, copied; at most 64
 *  @return ERR_FULL: out of memory */
enum err candidates_start(const struct addr_conf *conf, const uint16_t *ports, unsigned n_workers);
void candidates_stop(void); /**< Before the loop. Not started: fine. */
/** Choose anew whenever the kernel says that the network has changed. Where it says nothing, one
 * warning is logged. */
void candidates_follow(struct loop *loop);
/** Candidate @p i of a worker, as after "a=candidate:", NULL: no more. Borrowed until the next turn
 * of the loop. */
const char *candidates_get(unsigned worker, unsigned i);
/** For o= and c= lines, likewise borrowed: the public or else the first local one; "0.0.0.0": there
 * is none. */
const char *candidates_address(void);
