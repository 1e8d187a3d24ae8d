/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../core/base/json.h"
#include "look.h"
#include "report.h"
#include "stop.h"
#include "words.h"

void report_json(json_t *o)
{
	char *text = json_write(o, JSON_STYLE_INDENTED, NULL);
	if (text)
		puts(text);
	free(text);
	json_decref(o);
}

enum status report_failure(const struct options *o, enum status s, const char *why)
{
	if (stop_wanted())
		return STATUS_STOPPED;
	if (o->json)
		report_json(json_pack("{s:o}", "error", cardea_json_text(why)));
	else
		options_complain("%s", why);
	return s;
}

static enum status with_note(const struct options *o, const char *path, const char *note)
{
	if (note && !o->json)
		options_complain("%s: %s", path, note);
	return note ? STATUS_PART : STATUS_GOOD;
}

enum status report_made(const struct options *o, const char *path, const char *note)
{
	struct look l;
	if (o->json || !o->quiet)
		look_into(&l, path, false);
	if (o->json) {
		json_t *made = look_json(&l);
		if (note)
			json_object_set_new(made, "note", cardea_json_text(note));
		report_json(made);
	} else if (!o->quiet) {
		look_print(&l);
	}
	return with_note(o, path, note);
}

enum status report_messages(const struct options *o, const char *path, uint64_t n, const char *note)
{
	if (o->json) {
		json_t *made = json_pack(
			"{s:o, s:I}", "file", cardea_json_text(path), "messages", (json_int_t)n);
		if (note)
			json_object_set_new(made, "note", cardea_json_text(note));
		report_json(made);
	} else if (!o->quiet) {
		char shown[WORDS_PATH];
		printf("%s: %" PRIu64 " messages\n", words_path(shown, sizeof shown, path), n);
	}
	return with_note(o, path, note);
}
