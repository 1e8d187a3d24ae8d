/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The numbers of errors that a peer of the mesh is told, by either way in: those of HTTP, for they
 * are known. */
enum {
	E_INVALID = 400,
	E_UNAUTHORIZED = 401,
	E_ELSEWHERE = 403,
	E_NO_SUCH_PEER = 404,
	E_TAKEN = 409,
	E_FULL = 503,
};
