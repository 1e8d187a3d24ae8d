/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "product.h"

const char *product_version(void)
{
	return PACKAGE_VERSION;
}
