/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../base/loop.h"
#include "addr.h"
#include "udp_class.h"

/** @file
 * The sockets of a worker: one unconnected UDP socket per address family on one port. Datagrams
 * come in batches, straight into packets of a pool; they leave in batches, and those that go to one
 * destination one after the other leave as one message that the kernel or the network card cuts up
 * (UDP GSO). When the socket is full, what matters most waits, bounded. One thread. */
struct udp;

struct udp_conf {
	uint16_t port; /**< 0: any */
	bool ipv6;
	bool gso;
	int dscp; /**< 0…63 */
};
struct udp_ops {
	/** A datagram. @p k is borrowed; take a reference to keep it. */
	void (*datagram)(void *arg, struct pkt *k, const struct path *from);
	/** What was committed is about to leave: complete it. NULL: it always is complete. */
	void (*complete)(void *arg);
};
/** @param pool packets to receive into; must outlive the sockets
 *  @param why 256 bytes: "UDP port 10000: Address already in use" */
enum err udp_create(struct udp **out, struct loop *l, struct pool *pool,
	const struct udp_conf *conf, const struct udp_ops *ops, void *arg, char *why);
void udp_destroy(struct udp *u);
uint16_t udp_port(const struct udp *u);
bool udp_has_ipv6(const struct udp *u);

#define UDP_MAX 2048 /**< bytes of one datagram at most */
/** Room for one datagram of at most @p max_len bytes: write it there, then commit it. Nothing else
 * may be reserved in between. @p to is borrowed until the commit. Cannot fail. */
uint8_t *udp_reserve(struct udp *u, const struct path *to, enum udp_class class, size_t max_len);
/** Queue what was reserved; 0 gives the room back. It leaves with the next udp_flush() at the
 * latest. */
void udp_commit(struct udp *u, size_t len);
/** Both with a copy. Longer than UDP_MAX: dropped and counted. */
void udp_send(struct udp *u, const struct path *to, enum udp_class class, const uint8_t *data,
	size_t len);
/** Hand what is queued to the kernel. */
void udp_flush(struct udp *u);
/** When a datagram was dropped last because the socket was full, 0: never. */
int64_t udp_full_us(const struct udp *u, bool ipv6);
/** Show the counters at /metrics. Once. */
void udp_metrics(void);
