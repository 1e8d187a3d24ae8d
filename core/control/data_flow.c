/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtc/data.h"
#include "data_flow.h"

struct data_flow *data_flow_create(void)
{
	return g_new0(struct data_flow, 1);
}

static void drop_held(gpointer m)
{
	data_msg_drop(m);
}

void data_flow_free(struct data_flow *d)
{
	if (!d)
		return;
	g_queue_clear_full(&d->held, drop_held);
	g_clear_pointer(&d->no_channel, g_hash_table_unref);
	g_free(d);
}

unsigned data_flow_waiting(const struct data_flow *d)
{
	return d ? d->n_queued : 0;
}
