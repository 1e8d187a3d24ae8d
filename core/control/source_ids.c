/* SPDX-License-Identifier: Apache-2.0 */
#include "source_ids.h"
#include "../base/id.h"
#include "../router/source/source_msg.h"
#include "../rtc/rtc.h"

static struct ids *sources;

uint64_t source_id_take(void *of)
{
	uint64_t id;
	if (!sources && !(sources = ids_create(SOURCES_MAX)))
		return 0;
	id = ids_take(sources, of);
	return id ? id + rtc_first_source() : 0;
}

void *source_id_find(uint64_t id)
{
	if (!sources || ID_SLOT(id) < rtc_first_source())
		return NULL;
	return ids_get(sources, id - rtc_first_source());
}

void source_id_free(uint64_t id)
{
	if (source_id_find(id))
		ids_free(sources, id - rtc_first_source());
}

void *source_id_next(uint32_t *slot)
{
	return sources ? ids_next(sources, slot) : NULL;
}

void source_ids_stop(void)
{
	ids_destroy(sources);
	sources = NULL;
}
