/* SPDX-License-Identifier: Apache-2.0 */
#include "dcep.h"
#include <string.h>
#include "../rtp/rtp.h"
#include "sctp_ops.h"

#define OPEN_HEADER 12

enum { TYPE_RETRANSMITS = 1, TYPE_LIFETIME = 2, TYPE_UNORDERED = 0x80 };

static bool read_name(char out[DATA_LABEL + 1], const uint8_t *at, size_t len)
{
	/* NULs would end a text early: two labels would look alike */
	if (len > DATA_LABEL || memchr(at, 0, len))
		return false;
	memcpy(out, at, len);
	out[len] = 0;
	return true;
}

static uint8_t partial_of(uint8_t type)
{
	if ((type & 3) == TYPE_RETRANSMITS)
		return SCTP_RETRANSMITS;
	return (type & 3) == TYPE_LIFETIME ? SCTP_LIFETIME : SCTP_RELIABLE;
}

bool dcep_read_open(struct dcep_open *out, const uint8_t *data, size_t len)
{
	size_t n_label, n_protocol;
	if (len < OPEN_HEADER || data[0] != DCEP_OPEN)
		return false;
	n_label = rd16(data + 8);
	n_protocol = rd16(data + 10);
	if (len != OPEN_HEADER + n_label + n_protocol ||
		!read_name(out->label, data + OPEN_HEADER, n_label) ||
		!read_name(out->protocol, data + OPEN_HEADER + n_label, n_protocol))
		return false;
	out->is_unordered = data[1] & TYPE_UNORDERED;
	out->partial = partial_of(data[1]);
	out->limit = rd32(data + 4);
	return true;
}

size_t dcep_write_open(uint8_t out[DCEP_OPEN_MAX], const char *label, const char *protocol)
{
	size_t n_label = strlen(label), n_protocol = strlen(protocol);
	memset(out, 0, OPEN_HEADER);
	out[0] = DCEP_OPEN;
	wr16(out + 8, (uint16_t)n_label);
	wr16(out + 10, (uint16_t)n_protocol);
	memcpy(out + OPEN_HEADER, label, n_label);
	memcpy(out + OPEN_HEADER + n_label, protocol, n_protocol);
	return OPEN_HEADER + n_label + n_protocol;
}
