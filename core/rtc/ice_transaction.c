/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of our own that wait for an answer, found by their transaction. */
#include "../base/rand.h"
#include "../rtp/rtp.h"
#include "ice_agent.h"

static struct known_path **waiting(const struct ice *i, const uint8_t id[STUN_ID])
{
	return &i->by_check[rd32(id) % ICE_CHECKS];
}

void check_drop(struct ice *i, struct known_path *p)
{
	if (p->check.is_named) {
		struct known_path **at = waiting(i, p->check.id);
		while (*at != p)
			at = &(*at)->check.next;
		*at = p->check.next;
	}
	p->check = (struct own_check){ .tries = 0 };
}

void check_name(struct ice *i, struct known_path *p)
{
	check_drop(i, p);
	rand_bytes(p->check.id, sizeof(p->check.id));
	struct known_path **at = waiting(i, p->check.id);
	p->check.is_named = true;
	p->check.next = *at;
	*at = p;
}

struct known_path *check_find(
	const struct ice *i, const struct path *from, const uint8_t id[STUN_ID])
{
	struct known_path *p = *waiting(i, id);
	while (p && (memcmp(p->check.id, id, STUN_ID) || !path_equal(&p->path, from)))
		p = p->check.next;
	return p && p->check.tries ? p : NULL;
}
