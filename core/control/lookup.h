/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../rtc/msg.h"

/** @file
 * A host name looked up, and a STUN server asked: jobs for a thread of the pool, which see nothing
 * but this. admin_net.c gives them. */
#define LOOKUP_NAME 255

struct lookup {
	char name[LOOKUP_NAME + 1]; /**< or an address */
	bool is_stun;               /**< ask the STUN server there */
	uint16_t port, local_port;  /**< its; ours, 0: any */
	/* what comes of it */
	bool is_found;       /**< the name is one */
	bool is_told;        /**< the STUN server has answered */
	struct addr address; /**< the first of the name's */
	struct addr public;  /**< ours, as the STUN server sees it */
	int64_t elapsed_us;  /**< of the last step */
};

void lookup_run(void *lookup);
