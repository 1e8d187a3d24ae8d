/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/loop.h"
#include "addr.h"
#include "udp_class.h"

/** @file
 * The output half of udp.h: batches of messages, GSO, and the backlog of a full socket. */
struct udp_out;

/** @param fd4,fd6 borrowed; fd6 -1: none */
enum err udp_out_create(struct udp_out **out, struct loop *l, int fd4, int fd6, bool gso);
void udp_out_destroy(struct udp_out *o); /**< NULL is fine. */
uint8_t *udp_out_reserve(
	struct udp_out *o, const struct path *to, enum udp_class class, size_t max_len);
void udp_out_commit(struct udp_out *o, size_t len);
/** Call @p fn before anything of what was committed moves or is read: to whoever still writes there
 * it is the last call. NULL: nobody. */
void udp_out_before(struct udp_out *o, void (*fn)(void *arg), void *arg);
void udp_out_flush(struct udp_out *o);
/** EPOLLOUT: send the backlog. */
void udp_out_writable(struct udp_out *o, bool ipv6);
int64_t udp_out_full_us(const struct udp_out *o, bool ipv6); /**< as udp_full_us() */
void udp_out_metrics(void);
