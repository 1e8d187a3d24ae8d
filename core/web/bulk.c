/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../base/log.h"
#include "../base/log_rate.h"
#include "../base/metric.h"
#include "bulk.h"
#include "places.h"

static struct metric n_bytes = { .name = "cardea_web_kept_bytes",
	.help = "Bytes of unfinished messages and of what clients do not read" };
static struct metric n_refused = { .name = "cardea_web_kept_refused_total",
	.help = "Messages and connections refused because too many bytes were kept" };

static size_t all, of_place[PLACES];

void bulk_start(void)
{
	static bool registered;

	all = 0;
	memset(of_place, 0, sizeof of_place);
	metric_set(&n_bytes, 0);
	if (!registered) {
		metric_register(&n_bytes);
		metric_register(&n_refused);
	}
	registered = true;
}

void bulk_begin(struct bulk *b, const struct cardea_address *whose)
{
	*b = (struct bulk){ .place = place_of(whose) };
}

static bool has_room(const struct bulk *b, size_t more)
{
	return all + more <= BULK_ALL && of_place[b->place] + more <= BULK_ADDRESS;
}

bool bulk_set(struct bulk *b, size_t bytes)
{
	size_t count = bytes > BULK_FREE ? bytes : 0;

	if (count == b->bytes)
		return true;
	if (count > b->bytes && !has_room(b, count - b->bytes)) {
		metric_add(&n_refused, 1);
		if (log_seldom())
			log_warn("web", 0,
				"too much is kept for clients that do not finish or do not read: "
				"refused",
				"of_address=%zu of_all=%zu", of_place[b->place], all);
		return false;
	}
	all += count - b->bytes;
	of_place[b->place] += count - b->bytes;
	b->bytes = count;
	metric_set(&n_bytes, all);
	return true;
}
