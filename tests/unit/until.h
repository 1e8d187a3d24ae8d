/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <unistd.h>

/** @file
 * Waiting for what another thread does: for the event, with a limit. Behind cmocka.h. */
#define UNTIL_MS 20000

/** Until @p holds, do @p step each millisecond. Does it never, the test fails and says which. */
#define UNTIL_DOING(holds, step) \
	for (unsigned ms_ = 0; !(holds); ms_++) { \
		if (ms_ == UNTIL_MS) \
			fail_msg("waited in vain for: %s", #holds); \
		usleep(1000); \
		step; \
	}
#define UNTIL(holds) UNTIL_DOING(holds, (void)0)
