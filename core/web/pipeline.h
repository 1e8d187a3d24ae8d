/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "endpoint.h"

/** @file
 * What comes over a connection, on its way to whom it is for: requests one after the other, in
 * order, then perhaps a WebSocket. Nothing is read while an answer is due. Web thread; each is an
 * event. */
void pipeline_open(struct conn *c);
void pipeline_bytes(struct conn *c, const char *data, size_t len);
void pipeline_writable(struct conn *c);
void pipeline_woken(struct conn *c);
void pipeline_closed(struct conn *c);
