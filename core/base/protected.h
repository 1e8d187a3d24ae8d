/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Files that somebody at a distance has named: never outside of the folder that was said, never in
 * a folder that the configuration protects. Any thread; it blocks. */

/** Open a file for reading and appending, made (0640) where it is not there.
 *  @param folders prefixes of paths where nothing may be written, NULL at the end; NULL: none
 *  @param folder NULL: the current one
 *  @param name of the file alone: with a slash it is refused, as are links and what is no file
 *  @return a descriptor, or -1: errno tells why */
int protected_open(const char *const *folders, const char *folder, const char *name);

/** Open a folder, and make (0755) what is not there of its path. Links to folders are followed;
 *  nothing is made where they lead into a protected one.
 *  @param path ".." in it is refused; "": the current folder
 *  @return a descriptor, fit for fsync(), or -1: errno tells why */
int protected_folder(const char *const *folders, const char *path);
/** Make a file (0640) in an open folder, for reading and writing. What has that name already, be it
 *  a link to nowhere, is an error. @return a descriptor, or -1: errno tells why */
int protected_create(const char *const *folders, int at, const char *name);
/** May a file of this path be written, as far as that can be told before anything is made? Paths
 *  without "..". */
bool protected_allows(const char *const *folders, const char *path);
