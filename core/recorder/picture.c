/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE (16u << 10)

static bool make_room(struct picture *pic, size_t len)
{
	size_t size = pic->size ? pic->size : FIRST_SIZE;
	uint8_t *bytes;
	if (len > DEPACK_FRAME - pic->len)
		return false;
	while (size < pic->len + len)
		size *= 2;
	if (size == pic->size)
		return true;
	bytes = realloc(pic->bytes, size);
	if (!bytes)
		return false;
	pic->bytes = bytes;
	pic->size = size;
	return true;
}

bool picture_add(struct picture *pic, const uint8_t *bytes, size_t len)
{
	if (!make_room(pic, len))
		return false;
	if (len)
		memcpy(pic->bytes + pic->len, bytes, len);
	pic->len += len;
	return true;
}
