/* SPDX-License-Identifier: Apache-2.0 */
/* The module with libavformat: found, refused, loaded once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/recorder/av_load.h"

static char why[512];

static void what_is_missing_is_said(void **state)
{
	(void)state;
	assert_null(av_load("/nowhere/cardea-av.so", why, sizeof why));
	assert_non_null(strstr(why, "/nowhere/cardea-av.so"));
	assert_int_equal(why[strlen(why) - 1], '.');
}

/* One that is no module of ours: it has not the symbol. */
static void another_library_is_refused(void **state)
{
	(void)state;
	assert_null(av_load("libm.so.6", why, sizeof why));
	assert_non_null(strstr(why, "another version"));
}

static void it_is_loaded_once_and_writes(void **state)
{
	char dir[] = "/tmp/cardea-load-XXXXXX", path[64];
	const struct mux_track sound = { .codec = CARDEA_OPUS, .clock_hz = 48000, .channels = 2 };
	const struct rec_frame f = {
		.data = (const uint8_t *)"\xfc\xff\xfe", .len = 3, .is_keyframe = true
	};
	const struct av_ops *av = av_load(NULL, why, sizeof why);
	struct mux_info info;
	(void)state;
	if (!av)
		fail_msg("%s", why);
	assert_ptr_equal(av_load(NULL, why, sizeof why), av);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/sound", dir);
	struct mux_conf conf = { .container = MUX_WEBM,
		.file = rec_file_new(&rec_disk_real, NULL, path, why, sizeof why) };
	struct mux *m = av->mux_new(&conf, &sound, 1, why, sizeof why);
	assert_non_null(m);
	for (int64_t us = 0; us < 200000; us += 20000)
		assert_int_equal(av->mux_write(m, 0, &f, us), OK);
	assert_int_equal(av->mux_end(m), OK);
	assert_int_equal(rec_file_end(conf.file, true), OK);
	assert_int_equal(av->mux_info(path, true, &info, why, sizeof why), OK);
	assert_int_equal(info.tracks[0].frames, 10);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(another_library_is_refused),
		cmocka_unit_test(it_is_loaded_once_and_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
