/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cardea/json.h>

/** @file
 * The error codes of the API and their default texts, for all that answer requests. Uses
 * nothing. */
enum api_error {
	API_UNAUTHORIZED = 403,
	API_UNAUTHORIZED_PLUGIN = 405,
	API_UNKNOWN_REQUEST = 453,
	API_INVALID_JSON = 454,
	API_INVALID_OBJECT = 455,
	API_MISSING_ELEMENT = 456,
	API_INVALID_PATH = 457,
	API_NO_SESSION = 458,
	API_NO_HANDLE = 459,
	API_NO_PLUGIN = 460,
	API_PLUGIN_ATTACH = 461,
	API_PLUGIN_MESSAGE = 462,
	API_JSEP_TYPE = 464,
	API_JSEP_SDP = 465,
	API_INVALID_ELEMENT = 467,
	API_SESSION_CONFLICT = 468,
	API_UNEXPECTED_ANSWER = 469,
	API_NO_TOKEN = 470,
	API_WEBRTC_STATE = 471,
	API_NOT_ACCEPTING = 472,
	API_UNKNOWN = 490,
};
extern const struct cardea_code api_errors[]; /**< all of them in words */
#define UNAUTHORIZED_TEXT "Unauthorized request (wrong or missing secret/token)"
