/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/err.h"
#include "capture_msg.h"

/** @file
 * A file of captured packets, pcap or text, written by the thread of writer.h. Whatever happens
 * to the disk, it ends with a whole packet. */
struct dump;

/** Lock a file that was opened for reading and appending, and make it ready: an empty one gets its
 *  head. Any thread; it blocks. ERR_EXISTS: another writes it; ERR_INVALID: it is a file of another
 *  kind, and would be one of none; ERR_IO: it cannot be written. */
enum err dump_prepare(int fd, bool is_text);
/** @param fd of a prepared file, taken. NULL: no memory, the file is closed. */
struct dump *dump_new(int fd, bool is_text, uint64_t session, uint64_t handle);
/** @param data of @p p->kept bytes. @return 0, or the errno of the file, which has ended */
int dump_put(struct dump *d, const struct capture_packet *p, const uint8_t *data);
int dump_flush(struct dump *d); /**< The same. */
/** Write what is left. @param packets gets how many are in the file, of those that were put.
 *  @return likewise */
int dump_close(struct dump *d, uint64_t *packets);
