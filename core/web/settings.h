/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../base/pulse.h"

/** @file
 * What the web host is told before it starts: read by main.c from the section `web`, handed down by
 * host.c. */

/** The section `web` as far as it says who may come. Texts are borrowed while the host runs; NULL
 *  or "": not set. */
struct access_conf {
	/** addresses and networks whose X-Forwarded-For is believed */
	const char *trusted_proxies;
	/** names that lead here, besides those of the machine itself */
	const char *hosts;
	/** as in struct cardea_web_place, for all that is on the ports of `web` … */
	const char *acl;
	bool acl_forwarded;
	const char *allow_origin; /**< … and these for what says nothing of its own */
	bool enforce_origin;
	unsigned max_connections_per_address; /**< 0: no bound */
	/** false: by half of the descriptors, and not this machine's */
	bool connections_are_bounded;
	/** false: mounts of the Admin API answer the machine itself only */
	bool has_admin_secret;
};

/** The section `web` of cardea.jcfg. Texts are borrowed until web_stop(). */
struct web_conf {
	unsigned port, secure_port; /**< 0: off */
	/** the options behind them, for the words; NULL: not known */
	const char *port_from, *secure_port_from;
	const char *ip;                  /**< address or interface name; NULL or "": all */
	const char *root;                /**< folder of the pages; NULL: none */
	const char *cert_pem, *cert_key; /**< NULL: self-signed, kept in state_dir */
	const char *state_dir;           /**< NULL: no self-signed certificate can be made */
	size_t max_message; /**< bytes of a message, or of the body of a request, at most */
	struct access_conf access;
	const struct pulse *control; /**< watched by /health; NULL: not */
};
