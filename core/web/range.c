/* SPDX-License-Identifier: Apache-2.0 */
/* Of 1000 bytes: "bytes=0-99" the first hundred, "bytes=900-" and "bytes=-100" the last,
 * "bytes=900-5000" what there is of them, "bytes=1000-" nothing that could be had. */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>
#include "range.h"

/* @return behind the digits; NULL: there are none, or too many */
static const char *read_number(const char *s, int64_t *out)
{
	const char *begin = s;
	*out = 0;
	for (; isdigit((unsigned char)*s); s++) {
		if (*out > (INT64_MAX - 9) / 10)
			return NULL;
		*out = *out * 10 + (*s - '0');
	}
	return s > begin ? s : NULL;
}

static enum range last_bytes(const char *s, int64_t size, int64_t *at, int64_t *len)
{
	int64_t n;
	s = read_number(s, &n);
	if (!s || *s)
		return RANGE_WHOLE;
	*len = n < size ? n : size;
	*at = size - *len;
	return *len ? RANGE_PART : RANGE_NONE;
}

enum range range_read(const char *s, int64_t size, int64_t *at, int64_t *len)
{
	int64_t last = size - 1;
	if (strncasecmp(s, "bytes=", 6))
		return RANGE_WHOLE;
	s += 6;
	if (*s == '-')
		return last_bytes(s + 1, size, at, len);
	s = read_number(s, at);
	if (!s || *s++ != '-')
		return RANGE_WHOLE;
	if (*s && (!(s = read_number(s, &last)) || *s || last < *at))
		return RANGE_WHOLE;
	if (*at >= size)
		return RANGE_NONE;
	*len = (last < size ? last : size - 1) - *at + 1;
	return RANGE_PART;
}
