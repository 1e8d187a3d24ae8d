/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"
#include "sfu_client.h"

bool description_send(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc)
{
	if (!cardea_is_direct(h))
		return cardea_event(h, transaction, data, desc);
	json_decref(data);
	return sfu_client_describe(h, desc);
}
