/* SPDX-License-Identifier: Apache-2.0 */
/* See llhttp_lib.c: what the two declare differs, so that they are built apart. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <api.c>
#include <http.c>
