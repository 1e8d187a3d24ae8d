/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "text.h"
#include <glib.h>

char *quote(char *text)
{
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
		else if (*at == '`')
			*at = '\'';
	return text;
}

const char *Q(const char *text)
{
	g_autofree char *copy = quote(g_strdup(text));
	return g_intern_string(copy);
}
