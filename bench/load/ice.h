/* SPDX-License-Identifier: Apache-2.0 */
/** A full ICE agent with one host candidate and aggressive nomination. Meets full and ICE-lite
 *  agents. */
#ifndef LOAD_ICE_H
#define LOAD_ICE_H
#include <netinet/in.h>
#include <stdint.h>
#include "sdp.h"

struct peer;

void ice_init(struct peer *p);
void ice_set_remote(struct peer *p, const struct sdp *theirs);
void ice_add(struct peer *p, const struct sockaddr_in *candidate);
void ice_in(struct peer *p, const uint8_t *message, int n, const struct sockaddr_in *from);
void ice_timer(struct peer *p, uint64_t now);
#endif
