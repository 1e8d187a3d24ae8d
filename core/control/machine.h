/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "options.h"
#include "paths.h"

/** @file
 * What the configuration names on this machine: addresses, interfaces, files, folders, ports.
 * Looked for once before a start, between options.c and everything else, and by --check in the
 * same way: what is not there is kept by the configuration as a finding. Control thread; blocks on
 * files and on host names. */

/** Look for what the options of a file name, as their tables tell (enum cardea_names), and whether
 * the certificates and keys in it can be read and go together. After conf_check(). */
void machine_look(const struct cardea_conf *file);
/** The same for cardea.jcfg, and for what its tables cannot tell: the media ports, folders to write
 * to, lists of interfaces. Host names and interfaces in @p s become the addresses that they have.
 */
void machine_settle(struct settings *s, struct conf *conf, const struct paths *paths);
