/* SPDX-License-Identifier: Apache-2.0 */
#include <cardea/eventhandler.h>

/** @file
 * An event handler of another ABI, for the test that it is refused. It is not installed. */
extern CARDEA_API const struct cardea_eventhandler cardea_eventhandler;

CARDEA_API const struct cardea_eventhandler cardea_eventhandler = {
	.size = sizeof(struct cardea_eventhandler),
	.abi = CARDEA_EVENTHANDLER_ABI + 1,
	.name = "old",
};
