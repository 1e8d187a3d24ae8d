/* SPDX-License-Identifier: Apache-2.0 */
#include "sink_queue.h"

/* Whoever reads an entry has got its number by a queue, and so after it was written. */
static struct queue *queues[SINK_QUEUES];

enum err sink_queue_add(struct queue *q, uint8_t *number)
{
	for (uint8_t i = 0; i < SINK_QUEUES; i++)
		if (!queues[i]) {
			queues[i] = q;
			*number = i;
			return OK;
		}
	return ERR_FULL;
}

void sink_queue_remove(uint8_t number)
{
	queues[number] = NULL;
}

struct queue *sink_queue_get(uint8_t number)
{
	return number < SINK_QUEUES ? queues[number] : NULL;
}
