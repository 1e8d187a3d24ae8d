/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"

#define JSON_TYPE "application/json"

static _Atomic int style;  /* 0 compact, 1 plain, 2 indented */

void answer_set_style(int json_style)
{
	style = json_style;
}

int answer_style(void)
{
	return style;
}

void answer_empty(uint64_t id, int status, const struct cardea_web_request *r, const char *location)
{
	char headers[4096] = "";
	int n = 0;

	if (r && r->ask_method[0])
		n += snprintf(headers + n, sizeof headers - (size_t)n,
			"Access-Control-Allow-Methods: %.64s\r\n", r->ask_method);
	if (r && r->ask_headers[0])
		n += snprintf(headers + n, sizeof headers - (size_t)n,
			"Access-Control-Allow-Headers: %.1024s\r\n", r->ask_headers);
	if (location)
		snprintf(headers + n, sizeof headers - (size_t)n, "Location: %.512s\r\n", location);
	cardea_web_answer(id, status, headers, NULL, NULL);
}

void answer_text(uint64_t id, struct cardea_text *text)
{
	cardea_web_answer(id, 200, NULL, JSON_TYPE, text);
}

void answer_error(uint64_t id, int status, int code, const char *fmt, ...)
{
	static const size_t flags[] = { JSON_COMPACT, 0, JSON_INDENT(3) };
	char reason[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	/* a reason may be cut within a character, or quote what was no UTF-8 to begin with */
	json_t *words = json_string(reason);
	json_t *tree = json_pack("{s:s, s:{s:i, s:o}}", "janus", "error", "error", "code", code, "reason",
		words ? words : json_string("Invalid JSON"));
	char *text = json_dumps(tree, flags[style]);
	cardea_web_answer(id, status, NULL, JSON_TYPE, text ? cardea_web_text(text, strlen(text)) : NULL);
	free(text);
	json_decref(tree);
}
