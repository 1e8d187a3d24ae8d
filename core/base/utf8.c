/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "utf8.h"

/* Bytes that a character should have, by its first. 0: none begins with it. */
static size_t wanted(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return 2u + (first >= 0xe0) + (first >= 0xf0);
}

/* How many of @p n bytes are there, the first one of them. */
static size_t present(const char *s, size_t n)
{
	size_t i = 1;
	while (i < n && (s[i] & 0xc0) == 0x80)
		i++;
	return i;
}

size_t utf8_char(const char *s)
{
	unsigned char first = (unsigned char)s[0];
	size_t n = wanted(first);
	if (n < 2)
		return n;
	if (present(s, n) < n)
		return 0;
	unsigned char second = (unsigned char)s[1];
	/* Nothing longer than need be, no surrogates, nothing beyond U+10FFFF. */
	if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
		(first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
		return 0;
	return n;
}

void utf8_mend(char *s)
{
	char *to = s;
	while (*s) {
		size_t n = utf8_char(s), most = wanted((unsigned char)*s);
		if (n) {
			memmove(to, s, n);
			to += n;
			s += n;
		} else if (most && present(s, most) < most) {
			s += present(s, most);
		} else {
			*to++ = '?';
			s++;
		}
	}
	*to = '\0';
}

/* Of a character of @p n bytes. */
static bool is_control(const char *s, size_t n)
{
	const unsigned char *c = (const unsigned char *)s;
	if (n == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (n == 2)
		return c[0] == 0xc2 && c[1] < 0xa0; /* U+0080 to U+009F */
	/* U+2028 to U+202E, U+2066 to U+2069: ends of lines, directions */
	return n == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
		       (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* One character, or one byte that belongs to none. @return bytes written, at most 4 for each */
static size_t print_one(char *out, const char *s, size_t n)
{
	if (n && !is_control(s, n)) {
		memcpy(out, s, n);
		return n;
	}
	if (*s == '\n' || *s == '\r' || *s == '\t') {
		*out = ' ';
		return 1;
	}
	size_t len = 0;
	for (size_t i = 0; i < (n ? n : 1); i++)
		len += (size_t)sprintf(out + len, "\\x%02x", (unsigned char)s[i]);
	return len;
}

size_t utf8_printable(char *out, size_t size, const char *s)
{
	size_t at = 0;
	while (*s) {
		char one[4 * 4 + 1];
		size_t n = utf8_char(s), len = print_one(one, s, n);
		if (at + len >= size)
			break;
		memcpy(out + at, one, len);
		at += len;
		s += n ? n : 1;
	}
	out[at] = '\0';
	return at;
}
