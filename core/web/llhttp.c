/* SPDX-License-Identifier: Apache-2.0 */
/* llhttp, the HTTP/1 parser of http.c, whose sources Debian's node-llhttp brings: there is no
 * library of it. llhttp_priv.c is the other half: the two declare the same functions with different
 * types, so that one file of both does not compile. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <llhttp.c>
