/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "conn.h"

/** @file
 * HTTP exchanges: one request, its answer, perhaps much later. Each function is one event of libwebsockets and
 * returns what its callback must return. Web thread. */
int exchange_begin(struct lws *wsi, struct seat *seat);
int exchange_body(struct seat *seat, const char *data, size_t len);
int exchange_complete(struct seat *seat);
int exchange_writable(struct seat *seat);
int exchange_timer(struct seat *seat);
void exchange_closed(struct seat *seat);

/** The folder that static.c serves and the loop that health.c watches. */
void exchange_configure(const struct web_conf *conf);
