/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

/** @file
 * The error codes of the API in words: for docs/api.md, which is made from them. */
const struct cardea_code api_errors[] = {
	{ API_UNAUTHORIZED, "the secret or the token is missing or wrong" },
	{ API_UNAUTHORIZED_PLUGIN, "the token may not use this plugin" },
	{ API_UNKNOWN_REQUEST, "there is no such request" },
	{ API_INVALID_JSON, "the request is no JSON object, or says two things at once" },
	{ API_INVALID_OBJECT, "`jsep` is no object" },
	{ API_MISSING_ELEMENT, "a required field is missing" },
	{ API_INVALID_PATH, "there is no such request for what was named: the server, a session or "
			    "a handle" },
	{ API_NO_SESSION, "there is no such session, or it belongs to another client" },
	{ API_NO_HANDLE, "there is no such handle in the session" },
	{ API_NO_PLUGIN, "there is no such plugin, transport or logger" },
	{ API_PLUGIN_ATTACH, "the plugin, or a limit, refuses the handle" },
	{ API_PLUGIN_MESSAGE, "the plugin has refused the message, or given no answer" },
	{ API_JSEP_TYPE, "the type of a description is neither offer nor answer" },
	{ API_JSEP_SDP, "a description cannot be read, or lacks what is needed" },
	{ API_INVALID_ELEMENT, "a field has the wrong type, or is out of its bounds" },
	{ API_SESSION_CONFLICT, "a session has this id already" },
	{ API_UNEXPECTED_ANSWER, "an answer has come, and no offer waits for one" },
	{ API_NO_TOKEN, "there is no such stored token" },
	{ API_WEBRTC_STATE, "the PeerConnection is not in a state for this" },
	{ API_NOT_ACCEPTING, "new sessions are refused: the server is to end, or is full" },
	{ API_UNKNOWN, "something else, which the reason says; also: the server is overloaded, or "
		       "the client asks too often" },
	{ 0 },
};
