/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Files that somebody at a distance has named: never outside of the folder that was named, never in
 * a folder that the configuration protects. Any thread; it blocks. */

/** Open a file for reading and appending, made (0640) where it is not there.
 *  @param folders prefixes of paths where nothing may be written, NULL at the end; NULL: none
 *  @param folder NULL: the current one
 *  @param name of the file alone: with a slash it is refused, as are links and what is no file
 *  @return a descriptor, or -1: errno tells why */
int protected_open(const char *const *folders, const char *folder, const char *name);
