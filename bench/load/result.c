/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "base.h"
#include "client.h"
#include "options.h"
#include "proc.h"
#include "result.h"

static json_t *result;

void result_begin(const char *title, ...)
{
	va_list ap;
	va_start(ap, title);
	vprintf(title, ap);
	va_end(ap);
	putchar('\n');
	result = json_object();
	result_text("scenario", opt.scenario);
	if (opt.label)
		result_text("label", opt.label);
	result_int("nice", getpriority(PRIO_PROCESS, 0));
	result_real("load_average", proc_load_average());
}

void result_row(const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	printf("  %-34s ", name);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

void result_int(const char *key, int64_t v)
{
	json_object_set_new(result, key, json_integer(v));
}

void result_real(const char *key, double v)
{
	char text[40];
	snprintf(text, sizeof(text), "%.6g", v);
	json_object_set_new(result, key, json_real(strtod(text, NULL)));
}

void result_text(const char *key, const char *v)
{
	json_object_set_new(result, key, json_string(v));
}

void result_invalid(const char *why, ...)
{
	char text[160];
	va_list ap;
	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	result_row("NOT VALID", "%s", text);
	if (!json_object_get(result, "invalid"))
		json_object_set_new(result, "invalid", json_array());
	json_array_append_new(json_object_get(result, "invalid"), json_string(text));
}

void result_end(void)
{
	if (client_errors)
		result_invalid(
			"the server reported %llu errors", (unsigned long long)client_errors);
	char *text = json_dumps(result, JSON_COMPACT | JSON_REAL_PRECISION(7));
	FILE *f = opt.json ? fopen(opt.json, "a") : NULL;
	fflush(stdout);
	if (f) {
		fprintf(f, "%s\n", text);
		fclose(f);
	}
	free(text);
	json_decref(result);
	result = NULL;
}
