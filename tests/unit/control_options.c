/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>
#include "../../core/control/cmdline.h"
#include "control_world.h"

/* From options to settings, and what the command line understands. */

static char why[160];

static enum err read_options(struct settings *out, const char *a, const char *b)
{
	const char *sets[] = { a, b };
	conf = conf_load(NULL, sets, b ? 2 : a ? 1 : 0);
	return options_read(out, conf, why);
}

static void has_defaults(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, NULL, NULL), OK);
	assert_int_equal(s.session_timeout_s, 60);
	assert_int_equal(s.reclaim_s, 0);
	assert_int_equal(s.max_sessions, 10000);
	assert_int_equal(s.max_handles, 100);
	assert_int_equal(s.max_message, 1048576);
	assert_int_equal(s.rtc.udp_port, 10000);
	assert_int_equal(s.rtc.workers, 1);
	assert_int_equal(s.rtc.router.no_media_s, 1);
	assert_int_equal(s.rtc.router.nack_history_us, 200000);
	assert_int_equal(s.log.level, 4);
	assert_null(s.api_secret);
	assert_null(s.admin_secret);
	assert_true(s.accepting);
	assert_int_equal(conf_findings(conf, NULL, NULL), 0);
	conf_destroy(conf);
}

static void takes_the_first_port_of_a_range(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:media.rtp_port_range=20000-40000", NULL), OK);
	assert_int_equal(s.rtc.udp_port, 20000);
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:media.rtp_port_range=20000-40000",
				 "cardea:media.udp_port=12345"),
		OK);
	assert_int_equal(s.rtc.udp_port, 12345);
	conf_destroy(conf);
	assert_int_equal(
		read_options(&s, "cardea:media.rtp_port_range=40000-20000", NULL), ERR_INVALID);
	assert_non_null(strstr(why, "media.rtp_port_range"));
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:media.udp_port=65530", "cardea:media.workers=10"),
		ERR_INVALID);
	conf_destroy(conf);
}

static void refuses_what_it_cannot_do(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:nat.ice_backend=nice", NULL), ERR_INVALID);
	assert_non_null(strstr(why, "nat.ice_backend"));
	conf_destroy(conf);
}

static unsigned n_idle;

static void count_idle(void *arg, const char *text)
{
	assert_non_null(strstr(text, arg));
	n_idle++;
}

static void names_options_without_effect(void **state)
{
	struct settings s;
	(void)state;
	n_idle = 0;
	assert_int_equal(read_options(&s, "cardea:general.daemonize=true", NULL), OK);
	options_idle(conf, count_idle, "general.daemonize");
	assert_int_equal(n_idle, 1);
	conf_destroy(conf);
}

static void reads_the_command_line(void **state)
{
	struct cmdline c;
	char *args[] = { "cardea", "--config", "/a", "--set=cardea:a.b=1", "--set", "cardea:a.c=2",
		"--check", NULL };
	(void)state;
	assert_int_equal(cmdline_read(&c, 7, args), CMDLINE_CHECK);
	assert_string_equal(c.config, "/a");
	assert_int_equal(c.n_sets, 2);
	assert_string_equal(c.sets[0], "cardea:a.b=1");
	assert_string_equal(c.sets[1], "cardea:a.c=2");
	cmdline_free(&c);
	assert_int_equal(cmdline_read(&c, 1, args), CMDLINE_RUN);
	cmdline_free(&c);
}

/* What it prints on the standard error is kept in a file meanwhile. */
static void refuses(char *option, const char *words)
{
	struct cmdline c;
	char *args[] = { "cardea", option, NULL }, text[512] = "";
	FILE *kept = tmpfile();
	int saved = dup(2);
	fflush(stderr);
	dup2(fileno(kept), 2);
	enum cmdline_action action = cmdline_read(&c, 2, args);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(kept);
	assert_true(fread(text, 1, sizeof text - 1, kept) > 0);
	fclose(kept);
	cmdline_free(&c);
	assert_int_equal(action, CMDLINE_WRONG);
	if (!strstr(text, words))
		fail_msg("%s: no \"%s\" in %s", option, words, text);
}

static void refuses_other_options_and_says_how(void **state)
{
	(void)state;
	refuses("--debug-level=7", "--set cardea:general.debug_level=");
	refuses("-d", "--set cardea:general.debug_level=");
	refuses("--rtp-port-range", "--set cardea:media.rtp_port_range=");
	refuses("-r20000-30000", "--set cardea:media.rtp_port_range=");
	refuses("-C", "--config");
	refuses("--nonsense", "is not an option");
	refuses("--debug", "is not an option");
	refuses("stray", "is not an option");
	refuses("--set", "wants a value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_the_first_port_of_a_range),
		cmocka_unit_test(refuses_what_it_cannot_do),
		cmocka_unit_test(names_options_without_effect),
		cmocka_unit_test(reads_the_command_line),
		cmocka_unit_test(refuses_other_options_and_says_how),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
