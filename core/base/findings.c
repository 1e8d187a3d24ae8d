/* SPDX-License-Identifier: Apache-2.0 */
#include "findings.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct findings_item {
	struct findings_item *next;
	bool is_error;
	char text[];
};

struct findings {
	struct findings_item *first, **end;
};

struct findings *findings_create(void)
{
	struct findings *list = calloc(1, sizeof *list);
	if (!list)
		abort(); /* at start, with nothing to go on with */
	list->end = &list->first;
	return list;
}

void findings_destroy(struct findings *list)
{
	if (!list)
		return;
	while (list->first) {
		struct findings_item *f = list->first;
		list->first = f->next;
		free(f);
	}
	free(list);
}

void findings_add(struct findings *list, bool is_error, const char *where, const char *fmt, ...)
{
	struct findings_item *f;
	char text[768];
	va_list args;
	int n = snprintf(text, sizeof text, "%s: ", where);
	n = n < (int)sizeof text ? n : (int)sizeof text - 1;
	va_start(args, fmt);
	vsnprintf(text + n, sizeof text - (size_t)n, fmt, args);
	va_end(args);
	for (f = list->first; f; f = f->next)
		if (!strcmp(f->text, text))
			return; /* a file is checked again when its module is loaded again */
	if (!(f = malloc(sizeof *f + strlen(text) + 1)))
		return;
	f->next = NULL;
	f->is_error = is_error;
	strcpy(f->text, text);
	*list->end = f;
	list->end = &f->next;
}

unsigned findings_each(const struct findings *list,
	void (*each)(void *arg, bool is_error, const char *text), void *arg)
{
	unsigned errors = 0;
	for (const struct findings_item *f = list->first; f; f = f->next)
		errors += f->is_error;
	for (int errors_now = 1; each && errors_now >= 0; errors_now--)
		for (const struct findings_item *f = list->first; f; f = f->next)
			if (f->is_error == errors_now)
				each(arg, f->is_error, f->text);
	return errors;
}
