/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "metric.h"

/* The list grows at start and is read at each scrape: a lock is met by nobody in between. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *first, **last = &first;

void metric_register(struct metric *m)
{
	pthread_mutex_lock(&lock);
	m->next = NULL;
	*last = m;
	last = &m->next;
	pthread_mutex_unlock(&lock);
}

/* A name may carry labels: all that share what stands before them are one family. */
static bool same_family(const struct metric *a, const struct metric *b)
{
	size_t len = strcspn(a->name, "{");
	return len == strcspn(b->name, "{") && !memcmp(a->name, b->name, len);
}

static void print_family(FILE *out, const struct metric *m)
{
	int len = (int)strcspn(m->name, "{");
	bool counter = len > 6 && !memcmp(m->name + len - 6, "_total", 6);
	fprintf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, m->name, m->help ? m->help : "", len,
		m->name, counter ? "counter" : "gauge");
	for (const struct metric *s = m; s; s = s->next)
		if (same_family(m, s))
			fprintf(out, "%s %" PRIu64 "\n", s->name,
				atomic_load_explicit(&s->value, memory_order_relaxed));
}

char *metric_text(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	pthread_mutex_lock(&lock);
	for (const struct metric *m = first; m; m = m->next) {
		const struct metric *head = first;
		while (!same_family(head, m))
			head = head->next;
		if (head == m)
			print_family(out, m);
	}
	pthread_mutex_unlock(&lock);
	fclose(out);
	return text;
}
