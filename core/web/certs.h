/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The certificates of the listeners while these are open: read again when somebody tells that they
 * have changed, by name in host.h. Connections that are up keep what they began with. */

/** Make the self-signed one, where it is shown and missing or too old. Control thread, before the
 *  listeners open.
 *  @return false with @p why (256 bytes) */
bool certs_prepare(const char *state_dir, char *why);
/** Read all files again on a pool thread, and have them shown. What cannot be read keeps the old
 *  one, with one line in the log. Control thread. */
void certs_read_again(void);
void certs_stop(void);
