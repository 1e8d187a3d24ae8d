/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "json.h"
#include "utf8.h"

#define WHY_LEN    160
#define TEXT_OF(x) TEXT(x)
#define TEXT(x)    #x

/* Does the first value of the text stay within our bounds? Checked before parsing, because the
 * parser recurses. It need not be right about bad JSON: up to the first mistake it counts what the
 * parser would; an array or object behind a comma counts twice.
 * @return what there is too much of, or NULL */
static const char *too_much(const char *s, size_t len, unsigned *line)
{
	unsigned depth = 0, values = 0;
	bool in_string = false;
	*line = 1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n')
			++*line;
		if (in_string) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				in_string = false;
		} else if (s[i] == '"') {
			in_string = true;
		} else if (s[i] == '{' || s[i] == '[') {
			if (++depth > JSON_MAX_NESTING)
				return "nested deeper than " TEXT_OF(JSON_MAX_NESTING);
			values++;
		} else if (s[i] == ',') {
			values++;
		} else if ((s[i] == '}' || s[i] == ']') && (!depth || !--depth)) {
			return NULL;
		}
		if (values > JSON_MAX_VALUES)
			return "more than " TEXT_OF(JSON_MAX_VALUES) " values";
	}
	return NULL;
}

/* The text is cut, here to fit and by the parser where it met a mistake, be it inside a character:
 * but it goes into JSON. */
static void word(char *why, int line, const char *text)
{
	snprintf(why, WHY_LEN, "on line %d: %.*s", line, WHY_LEN - 22, text); /* 22: the rest */
	utf8_mend(why);
}

json_t *json_read(const char **text, size_t *len, char *why)
{
	const char *s = *text;
	unsigned line;
	json_error_t e;
	json_t *tree;
	size_t at;
	const char *excess = too_much(s, *len, &line);
	if (excess) {
		snprintf(why, WHY_LEN, "on line %u: %s", line, excess);
		return NULL;
	}
	if (!(tree = json_loadb(s, *len, JSON_DISABLE_EOF_CHECK, &e))) {
		word(why, e.line > 0 ? e.line : 1, e.text);
		return NULL;
	}
	at = (size_t)e.position;
	while (at < *len && (s[at] == ' ' || s[at] == '\t' || s[at] == '\r' || s[at] == '\n'))
		at++;
	*text += at;
	*len -= at;
	return tree;
}

char *json_write(const json_t *tree, enum json_style style, size_t *len)
{
	static const size_t flags[] = {
		[JSON_STYLE_COMPACT] = JSON_COMPACT,
		[JSON_STYLE_PLAIN] = 0,
		[JSON_STYLE_INDENTED] = JSON_INDENT(3),
	};
	char *text = json_dumps(tree, flags[style] | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
	if (len)
		*len = text ? strlen(text) : 0;
	return text;
}

json_t *cardea_json_text(const char *s)
{
	json_t *text = json_string(s ? s : "");
	if (text)
		return text;
	char *copy = strdup(s);
	if (!copy)
		return json_null();
	utf8_mend(copy);
	text = json_string(copy);
	free(copy);
	return text;
}

int cardea_style(const char *word)
{
	if (word && !strcasecmp(word, "indented"))
		return JSON_STYLE_INDENTED;
	if (word && !strcasecmp(word, "plain"))
		return JSON_STYLE_PLAIN;
	return word && !strcasecmp(word, "compact") ? JSON_STYLE_COMPACT : -1;
}
