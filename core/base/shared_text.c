/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that several readers share by reference count (cardea/transport.h): printed once, by
 * control or a mount, and on their way to any number of clients. Any thread. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/transport.h>

CARDEA_API struct cardea_text *cardea_web_text(const char *data, size_t len)
{
	struct cardea_text *t = malloc(sizeof *t + len + 1);
	if (!t)
		return NULL;
	atomic_init(&t->refs, 1);
	t->len = len;
	memcpy(t->data, data, len);
	t->data[len] = '\0';
	return t;
}

CARDEA_API struct cardea_text *cardea_text_ref(struct cardea_text *t)
{
	atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
	return t;
}

CARDEA_API void cardea_text_drop(struct cardea_text *t)
{
	if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1)
		free(t);
}
