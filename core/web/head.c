/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "head.h"
#include "query.h"

void head_free(struct head *h)
{
	if (h)
		free(h->text);
	free(h);
}

const char *head_each(const struct head *h, const char *name, unsigned *at)
{
	while (*at < h->n) {
		const struct head_field *f = &h->fields[(*at)++];
		if (!strcasecmp(h->text + f->name, name))
			return h->text + f->value;
	}
	return NULL;
}

const char *head_get(const struct head *h, const char *name)
{
	unsigned at = 0;
	const char *value = head_each(h, name, &at);
	return value ? value : "";
}

bool head_lists(const struct head *h, const char *name, const char *token)
{
	size_t n = strlen(token);
	unsigned at = 0;
	const char *v;

	while ((v = head_each(h, name, &at)))
		while (*v) {
			v += strspn(v, " \t,");
			size_t len = strcspn(v, " \t,");
			if (len == n && !strncasecmp(v, token, n))
				return true;
			v += len;
		}
	return false;
}

bool head_make_relative(struct head *h)
{
	size_t scheme = 0;
	if (!strncasecmp(h->text, "http://", 7))
		scheme = 7;
	else if (!strncasecmp(h->text, "https://", 8))
		scheme = 8;
	const char *host = h->text + scheme, *given = head_get(h, "Host");
	size_t len = strcspn(host, "/?#");

	if (!scheme)
		return true;
	if (*given && (strlen(given) != len || strncasecmp(given, host, len)))
		return false;
	bool has_path = host[len] == '/';
	memmove(h->text + !has_path, host + len, strlen(host + len) + 1);
	h->text[0] = '/';
	return true;
}

bool head_path(const struct head *h, char *out, size_t size)
{
	const char *s = h->text, *end = s + strcspn(s, "?#");
	size_t n = 0;

	if (*s != '/')
		return false;
	while (s < end && n + 1 < size) {
		out[n] = query_char(&s, end, false);
		if (!out[n++])
			return false;
	}
	out[n] = '\0';
	return s == end;
}

const char *head_query(const struct head *h)
{
	const char *q = strchr(h->text, '?');
	return q ? q + 1 : "";
}
