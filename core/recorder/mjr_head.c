/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/json.h"
#include "../base/utf8.h"
#include "../rtp/codec_info.h"
#include "../rtp/ext.h"
#include "mjr_head.h"

static const char letters[] = { [CARDEA_AUDIO] = 'a', [CARDEA_VIDEO] = 'v', [CARDEA_DATA] = 'd' };

uint32_t mjr_clock_hz(const struct mjr_head *h)
{
	const struct codec_info *c = codec_info(h->codec);
	if (c)
		return c->clock_hz;
	return h->kind == CARDEA_AUDIO ? 48000 : 90000;
}

/* ---- printed ---- */

static const char *codec_of(const struct mjr_head *h)
{
	const char *name = cardea_codec_name(h->codec);
	if (h->kind == CARDEA_DATA)
		return h->is_binary ? "binary" : "text";
	return *h->codec_name || !name ? h->codec_name : name;
}

static void set_extensions(json_t *head, const uint8_t *ids)
{
	json_t *x = json_object();
	char key[4];
	for (unsigned i = 0; i < CARDEA_N_EXT; i++) {
		snprintf(key, sizeof key, "%u", ids[i]);
		if (ids[i])
			json_object_set_new(x, key, json_string(ext_uri(i)));
	}
	if (json_object_size(x))
		json_object_set(head, "x", x);
	json_decref(x);
}

char *mjr_head_print(const struct mjr_head *h, size_t *len)
{
	json_t *o = json_object();
	json_object_set_new(o, "t", json_stringn(&letters[h->kind], 1));
	json_object_set_new(o, "c", cardea_json_text(codec_of(h)));
	if (*h->fmtp)
		json_object_set_new(o, "f", cardea_json_text(h->fmtp));
	if (*h->description)
		json_object_set_new(o, "d", cardea_json_text(h->description));
	set_extensions(o, h->ext);
	json_object_set_new(o, "s", json_integer(h->created_us));
	json_object_set_new(o, "u", json_integer(h->began_us));
	if (h->red_pt)
		json_object_set_new(o, "or", json_integer(h->red_pt));
	if (h->e2ee)
		json_object_set_new(o, "e", json_true());
	char *text = json_write(o, JSON_STYLE_PLAIN, len);
	json_decref(o);
	return text;
}

/* ---- parsed ---- */

static void read_extensions(struct mjr_head *h, const json_t *x)
{
	const char *key;
	json_t *uri;
	json_object_foreach((json_t *)x, key, uri) {
		const char *text = json_string_value(uri);
		enum cardea_ext known = text ? ext_find(text) : CARDEA_N_EXT;
		unsigned long id = strtoul(key, NULL, 10);
		if (known < CARDEA_N_EXT && id && id < 256)
			h->ext[known] = (uint8_t)id;
	}
}

static void set_text(char *out, size_t size, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	snprintf(out, size, "%s", text ? text : "");
	utf8_mend(out);
}

static int64_t unix_time(const json_t *o, const char *key)
{
	json_int_t us = json_integer_value(json_object_get(o, key));
	return us > 0 && us < MJR_UNIX_MAX ? us : 0;
}

static enum cardea_kind kind_of(const char *t)
{
	for (unsigned kind = CARDEA_AUDIO; kind < sizeof letters; kind++)
		if (t && t[0] == letters[kind] && !t[1])
			return kind;
	return 0;
}

static bool read_object(struct mjr_head *h, const json_t *o)
{
	json_int_t red_pt = json_integer_value(json_object_get(o, "or"));
	h->kind = kind_of(json_string_value(json_object_get(o, "t")));
	set_text(h->codec_name, sizeof h->codec_name, o, "c");
	set_text(h->fmtp, sizeof h->fmtp, o, "f");
	set_text(h->description, sizeof h->description, o, "d");
	h->codec = cardea_codec_by_name(h->codec_name);
	if (cardea_codec_kind(h->codec) != h->kind)
		h->codec = CARDEA_CODEC_NONE;
	h->is_binary = h->kind == CARDEA_DATA && strcmp(h->codec_name, "binary") == 0;
	read_extensions(h, json_object_get(o, "x"));
	h->red_pt = red_pt > 0 && red_pt < 128 ? (uint8_t)red_pt : 0;
	h->e2ee = json_is_true(json_object_get(o, "e"));
	h->created_us = unix_time(o, "s");
	h->began_us = unix_time(o, "u");
	return h->kind != 0;
}

bool mjr_head_parse(struct mjr_head *h, const char *text, size_t len)
{
	char why[160];
	json_t *o = json_read(&text, &len, why);
	bool good = o && read_object(h, o);
	json_decref(o);
	return good;
}
