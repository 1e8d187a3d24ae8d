/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The options of usrsctp's sockets: what it is told of an association, and what it is asked. Below
 * sctp.h. */
struct socket;

/** @param mtu bytes of a packet */
bool sctp_socket_configure(struct socket *so, unsigned mtu);
/** Set an option of SCTP. */
bool sctp_socket_set(struct socket *so, int name, const void *value, size_t len);

struct sctp_socket_use {
	uint32_t out, in;               /**< bytes that wait, either way … */
	unsigned out_chunks, in_chunks; /**< … chunks sent that the peer has not passed, and those
					   that cannot be delivered */
};
bool sctp_socket_use(struct socket *so, struct sctp_socket_use *out);
