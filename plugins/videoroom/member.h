/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * What a handle is in this plugin: the data of every handle. A leaf. */

struct publisher;
struct subscriber;
struct sfu_client;

struct member {
	/** decided by its first join, for life */
	enum { ROLE_NONE, ROLE_PUBLISHER, ROLE_SUBSCRIBER } role;
	struct publisher *publisher;   /**< of ROLE_PUBLISHER */
	struct subscriber *subscriber; /**< of ROLE_SUBSCRIBER */
	/** the client on /sfu that the handle serves; NULL: none, or it has left the room */
	struct sfu_client *sfu;
};
