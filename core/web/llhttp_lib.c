/* SPDX-License-Identifier: Apache-2.0 */
/* llhttp, whose sources Debian's node-llhttp brings, as part of ours: there is no library of it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <llhttp.c>
