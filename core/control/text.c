/* SPDX-License-Identifier: Apache-2.0 */
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

struct cardea_text *cardea_text_ref(struct cardea_text *t)
{
	atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
	return t;
}

void cardea_text_drop(struct cardea_text *t)
{
	if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1)
		g_free(t);
}
