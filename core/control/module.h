/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Shared objects that the core loads: finding the files, opening them, and their names. plugins.c,
 * transports.c and eventhandlers.c say what they export. Control thread. */

/** The members that all module structs begin with, checked before anything else is looked at. */
struct module_head {
	size_t size;
	uint32_t abi;
	const char *name;
};

/** Is @p name ("echotest") in a comma list as users write it: "echotest", "echotest.so",
 * "libjanus_echotest.so", "libcardea_echotest.so", "janus.plugin.echotest",
 * "cardea.plugin.echotest"? */
bool module_listed(const char *list, const char *name);
/** The short name of a package: "janus.plugin.x" and "cardea.plugin.x" are x. @return inside @p
 * package, or NULL.
 *  @param kind "plugin", "transport" or "eventhandler" */
const char *module_short_name(const char *package, const char *kind);

/** Is there any module for modules_open() in the folder? */
bool modules_in(const char *folder);
/** What modules of a kind export. */
struct module_kind {
	const char *symbol; /**< of the struct, which begins with a module_head */
	size_t size;        /**< of the struct in this program */
	size_t least;       /**< … that an older module may have: what it lacks is zero */
	uint32_t abi;
};
extern const struct module_kind module_plugin, module_transport, module_eventhandler;

/** Open a module, and find its struct to be right.
 *  @param why 160 bytes
 *  @param dl for module_close(), also on failure
 *  @param module its struct, valid until then
 *  @return NULL, or what is wrong */
const char *module_open(
	const char *path, const struct module_kind *k, char *why, void **dl, const void **module);
/** The same of a file that may be open already, as it was before: what it is now is read. */
const char *module_open_again(
	const char *path, const struct module_kind *k, char *why, void **dl, const void **module);
/** Open every *.so in @p folder, in its .libs, in its subfolders and theirs (where an uninstalled
 * build has them), in the order of their names; one file of each name.
 *  @param take gets the struct, found to be right; returns NULL to keep it, else why not. Logged
 *  here
 *  @return modules that were there but did not load */
unsigned modules_open(const char *folder, const struct module_kind *k, const char *disable,
	const char *(*take)(const void *module, void *dl, const char *path));
void module_close(void *dl); /**< NULL is fine. */

/** {"name", "author", "description", "version_string", "version"} for `info`; new reference. */
json_t *module_info(const char *title, const char *author, const char *description,
	const char *version_string, int version);
