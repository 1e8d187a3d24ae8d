/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "conf.h"

/** @file
 * What conf.c (reads) and conf_check.c (checks and hands out) share. */

struct cardea_conf {
	struct conf *owner;
	char *name;   /**< "cardea.plugin.videoroom" */
	char *label;  /**< path of the file, or the name where there is none */
	bool listed;  /**< exists as a file or by an override */
	json_t *tree; /**< sections, each an object of options, as far as the file is in order */
	json_t *where; /**< "section" and "section.option" to "FILE:LINE" */
	const struct cardea_section *sections; /**< since conf_check(), else NULL */
};

/** Keep a finding "@p where: …"; the same text is kept once. */
void conf_found(struct conf *c, bool is_error, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
