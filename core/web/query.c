/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <cardea/transport.h>
#include "query.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char query_char(const char **s, const char *end, bool is_form)
{
	char c = *(*s)++;
	if (c == '+' && is_form)
		return ' ';
	if (c != '%' || end - *s < 2 || hex((*s)[0]) < 0 || hex((*s)[1]) < 0)
		return c;
	c = (char)(hex((*s)[0]) << 4 | hex((*s)[1]));
	*s += 2;
	return c;
}

CARDEA_API bool cardea_web_query(const char *query, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	while (*query) {
		size_t len = strcspn(query, "&");
		if (len >= name_len && !strncmp(query, name, name_len) &&
			(len == name_len || query[name_len] == '=')) {
			const char *s = query + name_len + (len > name_len), *end = query + len;
			size_t n = 0;
			while (s < end && n + 1 < size)
				out[n++] = query_char(&s, end, true);
			out[n] = '\0';
			return true;
		}
		query += len + (query[len] == '&');
	}
	return false;
}
