/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

const char *err_word(enum err e)
{
	switch (e) {
	case OK:
		return "fine";
	case ERR_FULL:
		return "at its limit";
	case ERR_INVALID:
		return "invalid input";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists already";
	case ERR_STATE:
		return "wrong state";
	case ERR_UNSUPPORTED:
		return "not supported";
	case ERR_DENIED:
		return "not allowed";
	case ERR_IO:
		return "input/output error";
	case ERR_AGAIN:
		return "nothing to do yet";
	}
	return "unknown error";
}
