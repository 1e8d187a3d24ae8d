/* SPDX-License-Identifier: Apache-2.0 */
/* Of 1000 bytes: "bytes=0-99" the first hundred, "bytes=900-" and "bytes=-100" the last,
 * "bytes=900-5000" what there is of them, "bytes=1000-" nothing that could be had. */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>
#include "range.h"

/* A number that is too large is beyond any file (RFC 9110, 14.1.2).
 * @return behind the digits; NULL: there are none */
static const char *read_number(const char *s, int64_t *out)
{
	const char *begin = s;
	*out = 0;
	for (; isdigit((unsigned char)*s); s++)
		*out = *out > (INT64_MAX - 9) / 10 ? INT64_MAX : *out * 10 + (*s - '0');
	return s > begin ? s : NULL;
}

/* @param first, last -1: not said. @return false: not one range */
static bool read_one(const char *s, int64_t *first, int64_t *last)
{
	*first = *last = -1;
	if (strncasecmp(s, "bytes=", 6))
		return false;
	s += 6;
	if (*s != '-' && !(s = read_number(s, first)))
		return false;
	if (*s++ != '-')
		return false;
	if ((*s || *first < 0) && !(s = read_number(s, last)))
		return false;
	return !*s && (*last < 0 || *last >= *first);
}

enum range range_read(const char *s, int64_t size, int64_t *at, int64_t *len)
{
	int64_t first, last;
	if (!read_one(s, &first, &last))
		return RANGE_WHOLE;
	if (first < 0) { /* the last bytes, so many */
		first = last < size ? size - last : 0;
		last = last ? size - 1 : -1;
	} else if (last < 0 || last >= size) {
		last = size - 1;
	}
	if (first > last)
		return RANGE_NONE;
	*at = first;
	*len = last - first + 1;
	return RANGE_PART;
}
