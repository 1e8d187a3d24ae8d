/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "data.h"

/** @file
 * The wire format of DCEP, by which data channels are opened (RFC 8832). */
enum dcep { DCEP_ACK = 2, DCEP_OPEN = 3 };

struct dcep_open {
	char label[DATA_LABEL + 1], protocol[DATA_LABEL + 1];
	bool is_unordered;
	uint8_t partial; /**< as in struct sctp_msg */
	uint32_t limit;
};
/** Read a DATA_CHANNEL_OPEN (section 5.1). @return false: it is none, or its names are too long or
 *  no texts */
bool dcep_read_open(struct dcep_open *out, const uint8_t *data, size_t len);
#define DCEP_OPEN_MAX (12 + 2 * DATA_LABEL)
/** Write that of a channel that is reliable and ordered. @return bytes */
size_t dcep_write_open(uint8_t out[DCEP_OPEN_MAX], const char *label, const char *protocol);
