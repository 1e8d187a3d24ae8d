/* SPDX-License-Identifier: Apache-2.0 */
/* The user fragments that we have given out, each to one peer. A binding request names one. */
#include "ice_agent.h"

static struct cred **bucket_of(const struct ice *i, const char *ufrag, size_t len)
{
	uint64_t h = i->key;
	for (size_t n = 0; n < len; n++)
		h = (h ^ (uint8_t)ufrag[n]) * 0x100000001b3ULL;
	return &i->by_ufrag[(h ^ h >> 32) & i->ufrag_mask];
}

struct cred *cred_find(const struct ice *i, const char *ufrag, size_t len)
{
	if (len > ICE_OUR_UFRAG)
		return NULL;
	struct cred *c = *bucket_of(i, ufrag, len);
	while (c && (memcmp(c->ufrag, ufrag, len) || c->ufrag[len]))
		c = c->next;
	return c;
}

void cred_remove(struct ice *i, struct cred *c)
{
	if (!c->agent)
		return;
	struct cred **at = bucket_of(i, c->ufrag, strlen(c->ufrag));
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->agent = NULL;
}

enum err cred_add(struct ice *i, struct agent *a, unsigned n, const char *ufrag, const char *pwd)
{
	size_t len = strlen(ufrag);
	if (!len || len > ICE_OUR_UFRAG || strlen(pwd) > ICE_OUR_PWD)
		return ERR_INVALID;
	if (cred_find(i, ufrag, len))
		return ERR_EXISTS;
	struct cred *c = &a->creds[n], **at = bucket_of(i, ufrag, len);
	cred_remove(i, c);
	strcpy(c->ufrag, ufrag);
	strcpy(c->pwd, pwd);
	c->agent = a;
	c->next = *at;
	*at = c;
	a->current = n;
	return OK;
}
