/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "items.h"

#define SEPARATORS " \t,"

/** Is it how an address may begin, as we print them? */
static bool is_prefix(const char *s, size_t len)
{
	return strspn(s, "0123456789abcdef.:") >= len;
}

/** A host as the field Host has it, without a port; of IPv6 in brackets. */
static bool is_host(const char *s, size_t len)
{
	return !memchr(s, '/', len) && (*s == '[' ? s[len - 1] == ']' : !memchr(s, ':', len));
}

/** RFC 6454: scheme, host and perhaps a port. Slashes at its end are let pass. */
static bool is_origin(const char *s, size_t len)
{
	size_t scheme = strcspn(s, ":");
	if ((len == 1 && *s == '*') || (len == 4 && !strncmp(s, "null", 4)))
		return true;
	while (len && s[len - 1] == '/')
		len--;
	return scheme && len > scheme + 3 && !strncmp(s + scheme, "://", 3) &&
	       !memchr(s + scheme + 3, '/', len - scheme - 3);
}

static bool all_fit(const char *list, bool (*fits)(const char *s, size_t len), const char *should,
	char why[ITEMS_WHY])
{
	while (*(list += strspn(list, SEPARATORS))) {
		size_t len = strcspn(list, SEPARATORS);
		if (!fits(list, len)) {
			snprintf(why, ITEMS_WHY, "'%.*s' matches nothing: %s",
				(int)(len < 100 ? len : 100), list, should);
			return false;
		}
		list += len;
	}
	return true;
}

bool items_fit(enum cardea_names kind, const char *text, char why[ITEMS_WHY], bool *is_error)
{
	*is_error = kind == CARDEA_NAMES_PATH;
	switch (kind) {
	case CARDEA_NAMES_PREFIXES:
		return all_fit(text, is_prefix, "write how addresses begin, like 192.168.0.", why);
	case CARDEA_NAMES_HOSTS:
		return all_fit(text, is_host, "write a name alone, without https:// and port", why);
	case CARDEA_NAMES_ORIGINS:
		return all_fit(text, is_origin,
			"write scheme and host, like https://a.example, and no path", why);
	case CARDEA_NAMES_PATH:
		snprintf(why, ITEMS_WHY, "'%.100s' is no path: it must look like /name", text);
		return *text == '/';
	default:
		return true;
	}
}
