/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * The addresses of STUN and TURN servers (RFC 7064, RFC 7065), as browsers take them. options.c
 * and turn_rest.c check by it. Any thread. */
enum ice_uri { ICE_URI_STUN, ICE_URI_TURN };

/** "stun:host[:port]" or "turn:host[:port][?transport=udp|tcp]", or stuns:, turns: for TLS. The
 * host is a name, an IPv4 address or an IPv6 address in brackets. */
bool ice_uri_ok(const char *uri, enum ice_uri kind);
