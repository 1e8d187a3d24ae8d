/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <glib.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "text.h"

struct cardea_text *text_print(const json_t *tree, enum json_style style)
{
	size_t len;
	char *printed = json_write(tree, style, &len);
	if (!printed) {
		log_error("core", 0, "text lost: it cannot be written as JSON", "");
		return NULL;
	}
	struct cardea_text *t = g_malloc(sizeof *t + len + 1);
	atomic_init(&t->refs, 1);
	t->len = len;
	memcpy(t->data, printed, len);
	t->data[len] = '\0';
	free(printed);
	return t;
}

struct cardea_text *text_around(const json_t *tree, const char *inner, size_t inner_len)
{
	size_t len, head;
	char *printed = json_write(tree, JSON_STYLE_COMPACT, &len);
	for (head = len; head && printed[head - 1] == '}'; head--)
		;
	assert(head > 4 && memcmp(printed + head - 4, "null", 4) == 0);
	size_t tail = len - head;
	head -= 4;
	struct cardea_text *t = g_malloc(sizeof *t + head + inner_len + tail + 1);
	atomic_init(&t->refs, 1);
	t->len = head + inner_len + tail;
	memcpy(t->data, printed, head);
	memcpy(t->data + head, inner, inner_len);
	memset(t->data + head + inner_len, '}', tail);
	t->data[t->len] = '\0';
	free(printed);
	return t;
}
