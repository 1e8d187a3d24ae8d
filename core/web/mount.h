/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * What has been mounted: a list that is filled by the start hooks and does not change while the web
 * thread runs. */
struct mount {
	struct mount *next;
	bool is_socket;
	char *name;                    /**< a subprotocol, or a path that begins with '/' */
	struct cardea_web_place place; /**< ip and secure_ip: addresses, or NULL */
	char ip[64], secure_ip[64];
	struct cardea_web_socket socket;
	struct cardea_web_pages pages;
	void *arg;
};

const struct mount *mount_first(void);
void mount_clear(void);
/** Is the mount for sockets that name a subprotocol? */
bool mount_has_subprotocol(const struct mount *m);

/** Is the text of a header more than one line? */
bool mount_is_broken(const char *header);
/** The address that @p name stands for: an address, or the first of the interface of that name.
 *  @return false when it is neither */
bool mount_resolve(const char *name, char *out, size_t size);
