/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <jansson.h>

/** @file
 * Who may ask: the API secret, tokens (signed, or stored where there is no key for signed ones),
 * the admin secret. Asked for each request, before anything is looked up; it asks tokens.c. All
 * comparisons take constant time. Control thread. */
struct loop;

#define AUTH_BYTES 2048 /**< of a secret or token in a request, at most */

/** Log what the configuration leaves open, and read the stored tokens that are kept. */
void auth_start(struct loop *loop);
void auth_stop(void);
/** Are tokens stored ones, which the Admin API manages? */
bool auth_stores_tokens(void);
/** Is a request authorised by this secret or this token (NULL: not given)? With nothing configured
 * everyone is. */
bool auth_allows(const char *secret, const char *token);
/** The same, by the members `apisecret` and `token` of a request. */
bool auth_request(const json_t *request);
/** May the bearer of the request's token attach to @p plugin (its short name)? Without a token:
 * yes. */
bool auth_plugin(const json_t *request, const char *plugin);
bool auth_token_plugin(const char *token, const char *plugin);
/** The member `admin_secret`; without a configured one: yes. */
bool auth_admin(const json_t *request);
