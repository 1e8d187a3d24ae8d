/* SPDX-License-Identifier: Apache-2.0 */
#include "delays.h"

bool delays_set(int *min, int *max, const struct cardea_args *args)
{
	bool has_min = cardea_given(args, "min_delay"), has_max = cardea_given(args, "max_delay");
	if (has_min)
		*min = (int)cardea_int(args, "min_delay");
	if (has_max)
		*max = (int)cardea_int(args, "max_delay");
	if (*min < 0)
		*max = -1;
	else if (*max < *min)
		*max = *min;
	return has_min || has_max;
}
