/* SPDX-License-Identifier: Apache-2.0 */
/* The other half of llhttp, see llhttp.c: its entry points, and what its state machine calls. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <api.c>
#include <http.c>
