/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * Configuration: a file of sections, each with a table of its options. Control thread; from start
 * hooks, or later. */
struct cardea_conf; /**< one configuration file */

/** A section of a file: its name, or a prefix ending in '*' ("room-*"). A NULL name ends the
 *  table. */
struct cardea_section {
	const char *name;
	const struct cardea_field *fields;
	const char *note; /**< what it is for: introduces it in the file; NULL: nothing */
};
/** A section by name, with the defaults of its table; an absent one gives all defaults.
 *  @return args valid as long as the configuration: for the life of the plugin. */
CARDEA_API struct cardea_args cardea_conf_section(const struct cardea_conf *c, const char *name);
/** Walk the sections that match a "prefix*" row, in file order: start with *i = 0. @return its name
 *  or NULL. */
CARDEA_API const char *cardea_conf_next(
	const struct cardea_conf *c, const char *pattern, unsigned *i, struct cardea_args *args);
/** Say, from a start hook, that an option is wrong in a way that its table cannot tell. It is shown
 *  with file and line, at a start and by --check; an error keeps the server from starting.
 *  @param option NULL: the section as a whole */
CARDEA_API void cardea_conf_wrong(const struct cardea_conf *c, bool is_error, const char *section,
	const char *option, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** "FILE:LINE: 'option' in section 'section'". @return borrowed, as long as the configuration */
CARDEA_API const char *cardea_conf_where(
	const struct cardea_conf *c, const char *section, const char *option);
