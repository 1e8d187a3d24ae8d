/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "findings.h"

/** @file
 * One file of the configuration, read: filled by conf.c, checked and handed out by conf_check.c,
 * looked at whole by who lists what is there. */
struct cardea_conf {
	struct findings *findings; /**< of all files */
	char *name;                /**< "cardea.plugin.videoroom" */
	char *label;               /**< path of the file, or the name where there is none */
	bool listed;               /**< exists as a file or by an override */
	json_t *tree;  /**< sections, each an object of options, as far as the file is in order */
	json_t *where; /**< "section" and "section.option" to "FILE:LINE" */
	json_t *lent;  /**< texts that cardea_conf_where() has lent */
	const struct cardea_section *sections; /**< since conf_check(), else NULL */
};

#define CONF_SET "--set " /**< how the place of an override begins */
