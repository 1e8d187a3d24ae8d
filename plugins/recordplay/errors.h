/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The numbers of errors. A leaf. */
enum {
	E_NO_MESSAGE = 411,
	E_INVALID_JSON,
	E_INVALID_REQUEST,
	E_INVALID,
	E_MISSING,
	E_NOT_FOUND,
	E_BROKEN,
	E_STATE,
	E_INVALID_SDP,
	E_EXISTS,
	E_UNAUTHORIZED = 440,
	E_UNKNOWN = 499,
};
