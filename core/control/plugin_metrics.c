/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Figures of plugins (cardea/metrics.h). They stay for good: /metrics reads them on another thread,
 * and a plugin that is loaded again goes on counting. */

#include <glib.h>
#include <string.h>
#include <cardea/metrics.h>
#include <cardea/plugin.h>
#include "../base/metric.h"
#include "hook.h"

#define NAME_MAX_BYTES 60

struct cardea_metric {
	struct metric metric;
};

static GHashTable *all;    /* name, whole → struct cardea_metric */
static GHashTable *counts; /* plugin → number */

static bool is_name(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return len && !s[len] && len <= NAME_MAX_BYTES;
}

static struct cardea_metric *make(char *name, const char *help)
{
	struct cardea_metric *m = g_new0(struct cardea_metric, 1);
	char *line = g_strdup(help);
	g_strdelimit(line, "\r\n\\", ' ');
	m->metric.name = name;
	m->metric.help = line;
	g_hash_table_insert(all, name, m);
	metric_register(&m->metric);
	return m;
}

struct cardea_metric *cardea_metric(const char *name, const char *help)
{
	const char *plugin = hook_of()->name;
	if (!all) {
		all = g_hash_table_new(g_str_hash, g_str_equal);
		counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	}
	if (!is_name(name))
		return NULL;
	char *whole = g_strdup_printf("cardea_%s_%s", plugin, name);
	g_strdelimit(whole, ".-", '_');
	struct cardea_metric *m = g_hash_table_lookup(all, whole);
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, plugin));
	if (m || n >= CARDEA_METRICS) {
		g_free(whole);
		return m;
	}
	g_hash_table_insert(counts, g_strdup(plugin), GUINT_TO_POINTER(n + 1));
	return make(whole, help);
}

void cardea_metric_add(struct cardea_metric *m, int64_t n)
{
	if (m)
		metric_add(&m->metric, (uint64_t)n);
}

void cardea_metric_set(struct cardea_metric *m, uint64_t value)
{
	if (m)
		metric_set(&m->metric, value);
}
