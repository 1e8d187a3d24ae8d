/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * Data channels, where a data m-line was accepted or offered. Control thread. */
struct cardea_handle;

/** A message on a data channel. Borrowed for the call. */
struct cardea_data {
	size_t size;
	const char *label;    /**< of the channel; NULL when sent: "JanusDataChannel" */
	const char *protocol; /**< of the channel, mostly "" */
	/** as received, to answer on the very same channel; 0 when sent: the one of this label,
	 *  which is opened, reliable and ordered, when there is none */
	unsigned channel;
	bool is_binary;
	const void *bytes; /**< when received NUL-terminated behind @p len */
	size_t len;        /**< 256 KiB at most */
};

/** Can data be sent: is the SCTP association up? */
CARDEA_API bool cardea_has_data(const struct cardea_handle *h);
/** Send a message. @return false: there is no association, it is too large, more than a megabyte is
 *  on its way already, or earlier ones have shown that there is no channel for its label and none
 *  can be opened, of some five hundred (`data_ready` says when there is room). A message
 *  longer than the peer takes is dropped. */
CARDEA_API bool cardea_data_send(struct cardea_handle *h, const struct cardea_data *what);
/** The same to several, copied once. @return how many have taken it */
CARDEA_API unsigned cardea_data_send_all(
	struct cardea_handle *const *to, unsigned n, const struct cardea_data *what);
/** Bytes given to cardea_data_send() that have not found room in the association yet, with some for
 *  each message. */
CARDEA_API size_t cardea_data_queued(const struct cardea_handle *h);
