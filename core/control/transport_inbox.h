/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"

/** @file
 * What transports hand over, on its way from their threads to the control thread: requests to
 * dispatch.c, ends of connections to session.c. What intake.c does not take is refused at once.
 * The functions of <cardea/transport.h> that fill it are called on any thread. */
struct loop;

enum err transport_inbox_start(struct loop *loop);
void transport_inbox_close(void); /**< Nothing is taken from here on. */
void transport_inbox_stop(void);  /**< Forget what still waits; after the transports' end. */
