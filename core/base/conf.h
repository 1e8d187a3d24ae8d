/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/plugin.h>

/** @file
 * The configuration folder: cardea.jcfg and one file per module, read by libconfig into JSON trees
 * of sections, and checked against tables of options. Where a cardea.… file is missing the janus.…
 * file of the same name is read. Scalars are lenient: "yes", true and 1 are true, integers may be
 * quoted. Control thread, at start. */
struct conf;

/** Read all files of @p dir (NULL: no files), then apply @p n_sets overrides
 *  "FILE:SECTION.KEY=VALUE" (FILE is "cardea", "cardea.plugin.videoroom", …; "janus…" spellings are
 *  taken as the same). Syntax errors and bad overrides are kept as findings; see conf_findings().
 *  @return owned by the caller, never NULL. */
struct conf *conf_load(const char *dir, const char *const *sets, unsigned n_sets);
void conf_destroy(struct conf *c);

/** One file by its cardea name. @return borrowed; an empty one when there is no such file. */
struct cardea_conf *conf_file(struct conf *c, const char *name);
/** Names of the files that exist or have an override (without .jcfg, normalised to cardea…), in
 *  order, NULL-terminated, borrowed until the next call. */
const char *const *conf_names(struct conf *c);

/** Everything found so far: "FILE:LINE: text" each, worst first. @return number of errors (warnings
 *  not counted). */
unsigned conf_findings(
	const struct conf *c, void (*each)(void *arg, bool is_error, const char *text), void *arg);
