/* SPDX-License-Identifier: Apache-2.0 */
/** What a scenario found: rows for people, and one line of JSON with the same numbers. */
#ifndef LOAD_RESULT_H
#define LOAD_RESULT_H
#include <stdint.h>

/** Everything between result_begin() and result_end() belongs to one result. */
void result_begin(const char *title, ...) __attribute__((format(printf, 1, 2)));
void result_row(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void result_int(const char *key, int64_t v);
void result_real(const char *key, double v); /**< Six significant digits. */
void result_text(const char *key, const char *v);
/** Why the numbers must not be used; may be called more than once. */
void result_invalid(const char *why, ...) __attribute__((format(printf, 1, 2)));
void result_end(void);
#endif
