/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * What the workers report, made into events for the client and hooks of the plugin. Control thread.
 */
struct peerconn;

/** One struct report from the queue. */
void report_record(void *arg, const void *rec, size_t len);
/** The m-line does not receive any more by agreement: the client hears of it at once. */
void report_stopped(struct peerconn *pc, unsigned mindex);
/** The worker has let go of a peer: its slot is free (peerconn.c). */
void peerconn_retired(uint64_t peer);
