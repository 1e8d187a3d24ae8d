/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "conf.h"

/** @file
 * What conf.c (reads), conf_check.c (checks and hands out) and who looks at whole files share. */

struct cardea_conf {
	struct conf *owner;
	char *name;    /**< "cardea.plugin.videoroom" */
	char *label;   /**< path of the file, or the name where there is none */
	bool listed;   /**< exists as a file or by an override */
	json_t *tree;  /**< sections, each an object of options, as far as the file is in order */
	json_t *where; /**< "section" and "section.option" to "FILE:LINE" */
	json_t *said;  /**< what cardea_conf_where() has lent */
	const struct cardea_section *sections; /**< since conf_check(), else NULL */
};

/** As people write it: true, "yes", 1 … */
bool conf_is_true(const json_t *v);

#define CONF_SET "--set " /**< how the place of an override begins */

/** Keep a finding "@p where: …"; the same text is kept once. */
void conf_found(struct conf *c, bool is_error, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
