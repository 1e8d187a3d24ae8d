/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The numbers of errors, of both ways into a room. A leaf. */

/** Of the session API. */
enum {
	E_INVALID_REQUEST = 423,
	E_JOIN_FIRST,
	E_ALREADY_JOINED,
	E_NO_SUCH_ROOM,
	E_ROOM_EXISTS,
	E_NO_SUCH_FEED,
	E_MISSING,
	E_INVALID,
	E_INVALID_SDP_TYPE,
	E_PUBLISHERS_FULL,
	E_UNAUTHORIZED,
	E_ALREADY_PUBLISHED,
	E_NOT_PUBLISHED,
	E_ID_EXISTS,
	E_INVALID_SDP,
	E_INVALID_FEED,
	E_UNKNOWN = 499,
};

/** On /sfu: those of HTTP, for they are known. */
enum {
	SFU_INVALID = 400,
	SFU_UNAUTHORIZED = 401,
	SFU_UNKNOWN = 404,
	SFU_CONFLICT = 409,
	SFU_FULL = 503,
};
