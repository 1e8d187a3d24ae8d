/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "endpoint.h"
#include "settings.h"

/** @file
 * HTTP exchanges: one request, its answer, perhaps much later. A connection has one at a time: its
 * next request is read when it is answered. Web thread. */

/** The head of a request has come: begin. Whatever is wrong with it is answered. */
void exchange_begin(struct conn *c);
/** A piece of its body has come. */
void exchange_more(struct conn *c);
/** All of it: ask whoever serves it. */
void exchange_whole(struct conn *c);
/** Refuse what came, and close. @param reason a sentence; NULL: the status says it all */
void exchange_refuse(struct conn *c, int status, const char *reason);
/** It took too long. */
void exchange_late(struct endpoint *e);
/** The connection is gone. */
void exchange_closed(struct endpoint *e);
/** The network takes more of the answer. */
void exchange_writable(struct endpoint *e);
/** Has its request been asked, and is the answer not all with the network yet? */
bool exchange_waits(const struct endpoint *e);

/** The folder that static.c serves, the loop that health.c watches, the longest body. */
void exchange_configure(const struct web_conf *conf);
