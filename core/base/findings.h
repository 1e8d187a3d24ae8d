/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * What was found wrong in the configuration, in words, for the log and --check. Filled while files
 * are read (conf.c) and checked (conf_check.c). */
struct findings;

struct findings *findings_create(void);    /**< @return owned by the caller, never NULL */
void findings_destroy(struct findings *f); /**< NULL is fine. */
/** Keep a finding "@p where: …"; the same text is kept once. */
void findings_add(struct findings *f, bool is_error, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** All of them, errors first. @param each NULL: only count. @return number of errors */
unsigned findings_each(const struct findings *f,
	void (*each)(void *arg, bool is_error, const char *text), void *arg);
