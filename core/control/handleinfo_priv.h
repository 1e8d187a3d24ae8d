/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "handleinfo.h"
#include "peerconn.h"

/** @file
 * What the files of handle_info share. Control thread. */

static inline void set(json_t *o, const char *name, int64_t value)
{
	json_object_set_new(o, name, json_integer(value));
}

static inline void set_if(json_t *o, const char *name, int64_t value)
{
	if (value)
		set(o, name, value);
}

static inline void set_text(json_t *o, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(o, name, cardea_json_text(text));
}

/* New references. @param r NULL: the worker was not asked or has not answered */
json_t *handle_info_ice(const struct peerconn *pc, const struct peer_report *r);
json_t *handle_info_dtls(const struct peerconn *pc, const struct peer_report *r);
json_t *handle_info_extensions(const struct peerconn *pc);
json_t *handle_info_bwe(const struct peerconn *pc);
json_t *handle_info_media(const struct peerconn *pc, const struct peer_report *r);
