/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** @file
 * A unix socket at its path: made, found left behind, taken away. Any thread; nothing blocks. */
struct address {
	const char *path; /**< borrowed */
	int type;         /**< SOCK_SEQPACKET or SOCK_DGRAM */
	mode_t mode;      /**< of its file */
	int fd;           /**< -1: not open */
	dev_t dev;        /**< which file is ours, … */
	ino_t ino;        /**< … should another take its place */
};

/** Bind it, and listen where it has connections. A socket that is there and that nobody serves is
 *  replaced; nothing else is touched.
 *  @param send_bytes that one packet of ours may have, as far as the system allows
 *  @return whether it is open; else @p why says why not */
bool address_open(struct address *a, size_t send_bytes, char *why, size_t size);
/** Close it, and remove its file where that is still ours. Not open: fine. */
void address_close(struct address *a);
/** Let a socket send packets of so many bytes, as far as the system allows. */
void address_widen(int fd, size_t send_bytes);
