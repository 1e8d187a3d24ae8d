/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts, one behind another, as a transport reads them. */
#include "fuzz.h"
#include "../../core/base/json.h"

static unsigned depth_of(const json_t *v)
{
	unsigned deepest = 0, d;
	const char *key;
	json_t *m;
	size_t i;
	json_array_foreach(v, i, m)
		if ((d = depth_of(m)) > deepest)
			deepest = d;
	json_object_foreach((json_t *)v, key, m)
		if ((d = depth_of(m)) > deepest)
			deepest = d;
	return deepest + (json_is_array(v) || json_is_object(v));
}

/* What was read can be written in each style and read back as the same. */
static void check_tree(const json_t *v)
{
	must(json_is_object(v) || json_is_array(v));
	must(depth_of(v) <= JSON_MAX_NESTING);
	for (int style = JSON_STYLE_COMPACT; style <= JSON_STYLE_INDENTED; style++) {
		char why[160], *text;
		const char *at;
		size_t len;
		json_t *again;
		must(text = json_write(v, style, &len));
		at = text;
		must(again = json_read(&at, &len, why));
		must(!len);
		must(json_equal(v, again));
		json_decref(again);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	size_t len = size;
	while (len) {
		char why[160] = "";
		const char *before = text;
		json_t *v = json_read(&text, &len, why), *words;
		if (!v) {
			must(words = json_string(why)); /* a reason, valid in an answer */
			must(strstr(why, "on line ") == why);
			json_decref(words);
			break;
		}
		must(text > before && text + len == end);
		check_tree(v);
		json_decref(v);
	}
	return 0;
}
