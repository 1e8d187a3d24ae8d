/* SPDX-License-Identifier: Apache-2.0 */
/** Reports, NACKs and keyframe requests of a peer. */
#ifndef LOAD_RTCP_H
#define LOAD_RTCP_H
#include <stdint.h>

struct peer;

void rtcp_in(struct peer *p, uint8_t *packet, int n);
/** Sender and receiver reports, once a second. */
void rtcp_report(struct peer *p, uint64_t now);
void rtcp_nack(struct peer *p, uint64_t now);
#endif
