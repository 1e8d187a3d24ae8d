/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "schema.h"
#include "utf8.h"

bool cardea_fail(struct cardea_error *e, int code, const char *fmt, ...)
{
	va_list args;
	e->code = code;
	va_start(args, fmt);
	vsnprintf(e->reason, sizeof e->reason, fmt, args);
	va_end(args);
	utf8_mend(e->reason);
	return false;
}

static bool one_of(const char *words, const char *s)
{
	size_t len = strlen(s);
	for (;; words++) {
		size_t n = strcspn(words, "|");
		if (n == len && !memcmp(words, s, n))
			return true;
		words += n;
		if (!*words)
			return false;
	}
}

/* What a field should be, with its article. */
static const char *type_phrase(const struct cardea_field *f, bool string_ids)
{
	switch (f->type) {
	case CARDEA_BOOL:
		return "a boolean";
	case CARDEA_INT:
		return "an integer";
	case CARDEA_UINT:
		return "a positive integer";
	case CARDEA_STR:
		return "a string";
	case CARDEA_OBJ:
		return "an object";
	case CARDEA_ARR:
	case CARDEA_STRS:
		return f->nonempty ? "a non-empty array" : "an array";
	case CARDEA_ID:
		return string_ids ? "a string" : "a positive integer";
	case CARDEA_ANY:
		return "anything";
	}
	assert(!"a type of the table");
	return "";
}

static int64_t most_bytes(const struct cardea_field *f)
{
	return f->type == CARDEA_ID ? CARDEA_ID_BYTES : f->max;
}

bool schema_fits(const struct cardea_field *f, const json_t *v)
{
	int64_t n = json_integer_value(v);
	if (json_is_string(v))
		return !most_bytes(f) || json_string_length(v) <= (uint64_t)most_bytes(f);
	if (!json_is_integer(v))
		return true;
	if (f->type == CARDEA_INT)
		return (!f->min && !f->max) || (n >= f->min && n <= f->max);
	return n >= 0 && n >= f->min && (!f->max || n <= f->max);
}

static bool right_type(const struct cardea_field *f, const json_t *v, bool string_ids)
{
	switch (f->type) {
	case CARDEA_BOOL:
		return json_is_boolean(v);
	case CARDEA_INT:
	case CARDEA_UINT:
		return json_is_integer(v);
	case CARDEA_STR:
		return json_is_string(v);
	case CARDEA_OBJ:
		return json_is_object(v);
	case CARDEA_ARR:
	case CARDEA_STRS:
		return json_is_array(v) && (!f->nonempty || json_array_size(v));
	case CARDEA_ID:
		return string_ids ? json_is_string(v) : json_is_integer(v);
	case CARDEA_ANY:
		return true;
	}
	return false;
}

static bool too_long(const struct cardea_field *f, const char *name,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	return cardea_fail(e, codes->invalid,
		"Invalid element type (%s should be a string of at most %" PRId64 " bytes)", name,
		most_bytes(f));
}

static bool check_text(const struct cardea_field *f, size_t i, const json_t *item,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	char name[128];
	if (!json_is_string(item))
		return cardea_fail(e, codes->invalid,
			"Invalid element type (%s[%zu] should be a string)", f->name, i);
	if (schema_fits(f, item))
		return true;
	snprintf(name, sizeof name, "%s[%zu]", f->name, i);
	return too_long(f, name, codes, e);
}

/* Objects are measured as they would be printed, arrays (of objects, or of anything) by their
 * elements. */
static bool check_size(const struct cardea_field *f, const json_t *v,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	bool is_object = f->type == CARDEA_OBJ;
	if (!f->max || (!is_object && f->type != CARDEA_ARR))
		return true;
	size_t size = is_object ? json_dumpb(v, NULL, 0, JSON_COMPACT) : json_array_size(v);
	return size <= (uint64_t)f->max ||
	       cardea_fail(e, codes->invalid,
		       "Invalid element type (%s should be an %s of at most %" PRId64 " %s)",
		       f->name, is_object ? "object" : "array", f->max,
		       is_object ? "bytes" : "elements");
}

static bool check_items(const struct cardea_field *f, const json_t *array,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	size_t i;
	json_t *item;
	json_array_foreach(array, i, item) {
		if (f->type == CARDEA_STRS && !check_text(f, i, item, codes, e))
			return false;
		if (f->type != CARDEA_ARR || !f->of)
			continue;
		if (!json_is_object(item))
			return cardea_fail(e, codes->invalid,
				"Invalid element type (%s[%zu] should be an object)", f->name, i);
		if (!cardea_check(item, f->of, codes, e))
			return false;
	}
	return true;
}

static bool check_value(const struct cardea_field *f, const json_t *v,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	if (f->type == CARDEA_ANY)
		return true;
	bool is_right = right_type(f, v, codes->string_ids);
	if (is_right && json_is_string(v) && !schema_fits(f, v))
		return too_long(f, f->name, codes, e);
	if (!is_right || !schema_fits(f, v))
		return cardea_fail(e, codes->invalid, "Invalid element type (%s should be %s)",
			f->name, type_phrase(f, codes->string_ids));
	if (f->type == CARDEA_STR && f->one_of && !one_of(f->one_of, json_string_value(v)))
		return cardea_fail(e, codes->invalid,
			"Invalid element type (%s should be one of %s)", f->name, f->one_of);
	if (!check_size(f, v, codes, e))
		return false;
	if (f->type == CARDEA_OBJ && f->of)
		return cardea_check(v, f->of, codes, e);
	return check_items(f, v, codes, e); /* of a scalar: none */
}

bool cardea_check(const json_t *obj, const struct cardea_field *fields,
	const struct cardea_codes *codes, struct cardea_error *e)
{
	for (const struct cardea_field *f = fields; f && f->name; f++) {
		const json_t *v = json_object_get(obj, f->name);
		if (!v && f->required)
			return cardea_fail(
				e, codes->missing, "Missing mandatory element (%s)", f->name);
		if (v && !check_value(f, v, codes, e))
			return false;
	}
	return true;
}

static const struct cardea_field *field(const struct cardea_args *a, const char *name)
{
	static const struct cardea_field nothing;
	for (const struct cardea_field *f = a->fields; f && f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	assert(!"a name of the table");
	return &nothing;
}

bool cardea_given(const struct cardea_args *a, const char *name)
{
	(void)field(a, name);
	return json_object_get(a->obj, name) != NULL;
}

bool cardea_bool(const struct cardea_args *a, const char *name)
{
	const struct cardea_field *f = field(a, name);
	const json_t *v = json_object_get(a->obj, name);
	return json_is_boolean(v) ? json_is_true(v) : f->dflt != 0;
}

int64_t cardea_int(const struct cardea_args *a, const char *name)
{
	const struct cardea_field *f = field(a, name);
	const json_t *v = json_object_get(a->obj, name);
	return json_is_integer(v) ? json_integer_value(v) : f->dflt;
}

const char *cardea_str(const struct cardea_args *a, const char *name)
{
	const struct cardea_field *f = field(a, name);
	const json_t *v = json_object_get(a->obj, name);
	return json_is_string(v) ? json_string_value(v) : f->dflt_str;
}

const json_t *cardea_json(const struct cardea_args *a, const char *name)
{
	(void)field(a, name);
	return json_object_get(a->obj, name);
}

bool cardea_same_secret(const char *a, const char *b)
{
	size_t len_a, len_b, diff;
	if (!a || !b)
		return false;
	len_a = strlen(a);
	len_b = strlen(b);
	diff = len_a ^ len_b;
	/* Always as many steps as b is long: the time tells nothing about where the two differ. */
	for (size_t i = 0; i < len_b; i++)
		diff |= (unsigned char)(a[len_a ? i % len_a : 0] ^ b[i]);
	return !diff;
}
