/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"

#define JSON_TYPE "application/json"
#define MAX_ASKED 2048 /* bytes of what a preflight asks for */

static _Atomic int style; /* 0 compact, 1 plain, 2 indented */

void answer_set_style(int json_style)
{
	style = json_style;
}

int answer_style(void)
{
	return style;
}

/** Names with commas between (RFC 9110, 5.6.2): nothing else of a request goes into the head of an
 *  answer. */
static bool are_names(const char *s)
{
	return *s &&
	       !s[strspn(s, "!#$%&'*+-.^_`|~"
			    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, ")];
}

/** Allow what a preflight asks for. @return bytes */
static int allow(char *out, size_t size, const struct cardea_web_request *r)
{
	int n = 0;
	*out = '\0';
	if (are_names(r->ask_method))
		n += snprintf(out, size, "Access-Control-Allow-Methods: %s\r\n", r->ask_method);
	if (are_names(r->ask_headers))
		n += snprintf(out + n, size - (size_t)n, "Access-Control-Allow-Headers: %s\r\n",
			r->ask_headers);
	return n;
}

void answer_empty(uint64_t id, int status, const struct cardea_web_request *r, const char *location)
{
	char headers[MAX_ASKED + 1024] = "";
	int n = 0;

	if (r && strlen(r->ask_method) + strlen(r->ask_headers) > MAX_ASKED)
		status = 431;
	else if (r)
		n += allow(headers + n, sizeof headers - (size_t)n, r);
	if (location)
		snprintf(headers + n, sizeof headers - (size_t)n, "Location: %s\r\n", location);
	cardea_web_answer(id, status, headers, NULL, NULL);
}

void answer_text(uint64_t id, struct cardea_text *text)
{
	cardea_web_answer(id, 200, NULL, JSON_TYPE, text);
}

static struct cardea_text *print_error(int code, const char *reason)
{
	static const size_t flags[] = { JSON_COMPACT, 0, JSON_INDENT(3) };
	json_t *tree = json_pack("{s:s, s:{s:i, s:o}}", "janus", "error", "error", "code", code,
		"reason", cardea_json_text(reason));
	char *printed = json_dumps(tree, flags[style]);
	struct cardea_text *text = printed ? cardea_web_text(printed, strlen(printed)) : NULL;
	free(printed);
	json_decref(tree);
	return text;
}

void answer_error(uint64_t id, int status, int code, const char *fmt, ...)
{
	char reason[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	cardea_web_answer(id, status, NULL, JSON_TYPE, print_error(code, reason));
}

void answer_busy(uint64_t id, int code, const char *reason, unsigned retry_s)
{
	char headers[64];

	snprintf(headers, sizeof headers, "Retry-After: %u\r\n", retry_s);
	cardea_web_answer(id, 503, headers, JSON_TYPE, print_error(code, reason));
}
