/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * What an association may hold: agreed on with usrsctp (sctp_socket.c), with the peer
 * (sctp_streams.c), and kept to by the channels above. */
#define SCTP_STREAMS 1024         /**< stream ids of an association, either way */
#define SCTP_FIRST   48           /**< that usrsctp begins with */
#define SCTP_BUFFER  (512u << 10) /**< of an association, each way: two of the largest messages */
