/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Where things are: in the folders of the installation, or beside the program and in its source
 * tree when it is run from where it was built. main.c finds them first and hands them down.
 * Control thread. */
struct paths {
	bool uninstalled;
	char *conf, *plugins, *transports, *eventhandlers, *html,
		*state; /**< conf is NULL when there is no such folder */
};
/** Look at /proc/self/exe. Texts are owned by the struct. */
void paths_find(struct paths *p);
void paths_free(struct paths *p);
