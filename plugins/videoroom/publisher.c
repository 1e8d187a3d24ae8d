/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "publisher.h"

void publisher_clear_streams(struct publisher *p)
{
	p->publishing = p->announced = p->e2ee = false;
	streams_free(p->streams, p->n_streams);
	p->streams = NULL;
	p->n_streams = 0;
}

int publisher_find_mid(const struct publisher *p, const char *mid)
{
	for (unsigned i = 0; i < p->n_streams; i++)
		if (!strcmp(p->streams[i].mid, mid))
			return (int)i;
	return -1;
}

int publisher_data_line(const struct publisher *p)
{
	for (unsigned i = 0; i < p->n_streams; i++)
		if (p->streams[i].kind == CARDEA_DATA && !p->streams[i].disabled)
			return (int)i;
	return -1;
}

bool publisher_talks(const struct publisher *p, bool *known)
{
	bool any = false;
	*known = false;
	for (unsigned i = 0; i < p->n_streams; i++) {
		*known |= stream_has_levels(&p->streams[i]);
		any |= p->streams[i].talking;
	}
	return any;
}

const char *publisher_name(const struct publisher *p)
{
	return p->sfu_name ? p->sfu_name : p->id.text;
}

const char *publisher_stream_name(const struct publisher *p, bool on_sfu)
{
	const char *name = on_sfu ? publisher_name(p) : p->id.text;
	size_t len = strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~");
	return name[len] || len >= sizeof((struct cardea_media *)NULL)->stream ? p->id.text : name;
}
