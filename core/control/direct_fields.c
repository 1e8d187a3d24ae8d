/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * What the protocols of direct endpoints have in common: a JSON object with a type, and ids. A
 * part of the plugin SDK: plugins call it for what direct.c hands them. */

#include <stdio.h>
#include <string.h>
#include <cardea/plugin.h>

enum { MISTAKE = 400, TOO_LARGE = 413 };

const char *cardea_direct_type(
	const struct cardea_direct_message *what, size_t max, struct cardea_error *e)
{
	const json_t *v = json_object_get(what->json, "type");
	const char *type = json_string_value(v);
	if (what->len > max)
		cardea_fail(e, TOO_LARGE, "More than %zu bytes", max);
	else if (!what->json)
		cardea_fail(e, MISTAKE, "No JSON: %.200s", what->why);
	else if (!v)
		cardea_fail(e, MISTAKE, "Missing mandatory element (type)");
	else if (!type)
		cardea_fail(e, MISTAKE, "Invalid element type (type should be a string)");
	else
		return type;
	return NULL;
}

bool cardea_direct_id(const json_t *message, const char *name, char out[CARDEA_DIRECT_ID + 1],
	struct cardea_error *e)
{
	const json_t *v = json_object_get(message, name);
	if (!v)
		return cardea_fail(e, MISTAKE, "Missing mandatory element (%s)", name);
	if (json_is_integer(v)) {
		snprintf(out, CARDEA_DIRECT_ID + 1, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return true;
	}
	if (!json_is_string(v) || !json_string_length(v))
		return cardea_fail(
			e, MISTAKE, "Invalid element type (%s should be a string)", name);
	if (json_string_length(v) > CARDEA_DIRECT_ID)
		return cardea_fail(
			e, MISTAKE, "%s is longer than %d bytes", name, CARDEA_DIRECT_ID);
	memcpy(out, json_string_value(v), json_string_length(v) + 1);
	return true;
}

bool cardea_direct_text(const json_t *message, const char *name, size_t max, const char **out,
	struct cardea_error *e)
{
	const json_t *v = json_object_get(message, name);
	*out = json_string_value(v);
	if (v && !*out)
		return cardea_fail(
			e, MISTAKE, "Invalid element type (%s should be a string)", name);
	if (json_string_length(v) > max)
		return cardea_fail(e, MISTAKE, "%s is longer than %zu bytes", name, max);
	return true;
}
