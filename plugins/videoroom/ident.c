/* SPDX-License-Identifier: Apache-2.0 */
#include "ident.h"

bool string_ids;

bool ident_set(struct ident *id, const json_t *value)
{
	ident_clear(id);
	if (json_is_string(value))
		id->text = g_strdup(json_string_value(value));
	else if (json_is_integer(value))
		id->text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		return false;
	id->json = json_deep_copy(value);
	return true;
}

bool ident_is_any(const json_t *value)
{
	if (!value)
		return true;
	return json_is_integer(value) ? !json_integer_value(value) : !*json_string_value(value);
}

/* A UUID of version 4 (RFC 4122, section 4.4). */
static char *random_uuid(void)
{
	uint8_t b[16];
	cardea_random(b, sizeof b);
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	return g_strdup_printf(
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

/* 52 bits: what JavaScript counts to is twice as much. */
static char *random_number(void)
{
	uint64_t n;
	cardea_random(&n, sizeof n);
	return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)(1 + (n >> 12)));
}

void ident_random(struct ident *id, GHashTable *taken)
{
	do {
		ident_clear(id);
		id->text = string_ids ? random_uuid() : random_number();
	} while (g_hash_table_contains(taken, id->text));
	id->json = string_ids ? json_string(id->text) : json_integer(strtoll(id->text, NULL, 10));
}

void ident_clear(struct ident *id)
{
	json_decref(id->json);
	g_free(id->text);
	*id = (struct ident){ 0 };
}
