/* SPDX-License-Identifier: Apache-2.0 */
/** A simulated PeerConnection with a socket of its own, as every browser has. All peers live in one
 *  thread. */
#ifndef LOAD_PEER_H
#define LOAD_PEER_H
#include <stdbool.h>
#include "peers.h"

void peers_init(void);
struct peer *peer_create(void);
void peer_destroy(struct peer *p);                  /**< NULL is fine. */
char *peer_offer(struct peer *p, enum direction d); /**< @return to be freed */
bool peer_accept_answer(struct peer *p, const char *sdp);
char *peer_answer(struct peer *p, const char *offer); /**< @return to be freed, or NULL */
void peer_add_candidate(struct peer *p, const char *line);
void peer_feed(struct peer *p, struct peer *from); /**< What @p from sends will be expected here. */
/** Sockets that are watched by epoll make the sender of each packet pay for its list of what is
 *  ready, some 0.3 us. So while measuring they are not, unless there are too many to be read
 *  all. */
void peers_watch(bool on);
/** Read the sockets that have something, in at most @p rounds of a hundred or so. @return
 *  packets */
int peers_poll(int rounds);
void peers_timers(uint64_t now);
#endif
