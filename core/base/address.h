/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <cardea/transport.h>

/** @file
 * Addresses as limits count them (see struct cardea_address): one of IPv4, a network of IPv6. From
 * text, as the web host has it. Any thread. */
#define ADDRESS_TEXT 72

/** Not known: nobody to count for. */
bool address_is_none(const struct cardea_address *a);
/** Of this machine: 127.0.0.0/8, ::1 */
bool address_is_loopback(const struct cardea_address *a);
/** For the log: "192.0.2.7", "2001:db8:0:1::/64", "unknown" @return @p out */
const char *address_text(const struct cardea_address *a, char out[ADDRESS_TEXT]);
