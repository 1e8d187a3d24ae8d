/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "data.h"

#define NAMES_FREE 100 /* bytes of names that are within the overhead */

struct data_msg *data_msg_new(
	const char *label, const char *protocol, const void *bytes, size_t len)
{
	size_t label_len = strlen(label), protocol_len = strlen(protocol);
	struct data_msg *m = malloc(sizeof(*m) + len + label_len + protocol_len + 3);
	if (!m)
		return NULL;
	char *texts = (char *)m->bytes + len + 1;
	memset(m, 0, sizeof(*m));
	atomic_init(&m->refs, 1);
	m->len = len;
	m->cost = len + DATA_OVERHEAD;
	if (label_len + protocol_len > NAMES_FREE)
		m->cost += label_len + protocol_len;
	memcpy(m->bytes, bytes, len);
	m->bytes[len] = 0;
	m->label = memcpy(texts, label, label_len + 1);
	m->protocol = memcpy(texts + label_len + 1, protocol, protocol_len + 1);
	return m;
}

struct data_msg *data_msg_ref(struct data_msg *m)
{
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
	return m;
}

void data_msg_drop(struct data_msg *m)
{
	if (m && atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1)
		free(m);
}
