/* SPDX-License-Identifier: Apache-2.0 */
/* From options to settings, and what the command line understands. */
#include <unistd.h>
#include "../../core/control/cmdline.h"
#include "control_world.h"

static char told[4096];

static void tell(void *arg, bool is_error, const char *text)
{
	(void)arg;
	size_t n = strlen(told);
	snprintf(told + n, sizeof told - n, "%c %s\n", is_error ? 'E' : 'W', text);
}

/* @return the number of errors; all that is found is in `told` */
static unsigned read_options(struct settings *out, const char *a, const char *b)
{
	const char *sets[] = { a, b };
	conf = conf_load(NULL, sets, b ? 2 : a ? 1 : 0);
	options_read(out, conf);
	*told = 0;
	return conf_findings(conf, tell, NULL);
}

static void has_defaults(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, NULL, NULL), 0);
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

static void says_where_tokens_cannot_be_kept(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:general.token_store=true", NULL), 0);
	assert_non_null(strstr(told, "it has no effect: token_auth is off"));
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:general.token_store=true",
				 "cardea:general.token_auth=true"),
		0);
	assert_string_equal(told, "");
	assert_true(s.token_store && s.token_auth && !s.token_secret);
	assert_int_equal(s.max_tokens, 10000);
	conf_destroy(conf);
}

static void takes_the_first_port_of_a_range(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:media.rtp_port_range=20000-40000", NULL), 0);
	assert_int_equal(s.rtc.udp_port, 20000);
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:media.rtp_port_range=20000-40000",
				 "cardea:media.udp_port=12345"),
		0);
	assert_int_equal(s.rtc.udp_port, 12345);
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:media.rtp_port_range=40000-20000", NULL), 1);
	assert_non_null(strstr(
		told, "E --set cardea:media.rtp_port_range: 'rtp_port_range' in section 'media'"));
	conf_destroy(conf);
	assert_int_equal(
		read_options(&s, "cardea:media.udp_port=65530", "cardea:media.workers=10"), 1);
	assert_non_null(strstr(told, "E --set cardea:media.workers: "));
	conf_destroy(conf);
}

static void refuses_what_it_cannot_do(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:nat.ice_backend=nice", NULL), 1);
	assert_non_null(strstr(told, "'ice_backend' in section 'nat'"));
	conf_destroy(conf);
}

static void names_options_without_effect(void **state)
{
	static const char *const all[] = { "general.daemonize=true",
		"general.candidates_timeout=45", "general.task_pool_size=4",
		"nat.stun_server=stun.example.org", "nat.full_trickle=true", "nat.ice_lite=false",
		"nat.turn_pwd=secret", "nat.allow_force_relay=true", "loggers.disable=x",
		"certificates.dtls_ciphers=ALL" };
	struct settings s;
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
		char set[100];
		snprintf(set, sizeof set, "cardea:%s", all[i]);
		assert_int_equal(read_options(&s, set, NULL), 0);
		assert_non_null(strstr(told, "W --set "));
		assert_non_null(strstr(told, " has no effect: "));
		assert_null(strchr(strchr(told, '\n') + 1, '\n')); /* one line */
		conf_destroy(conf);
	}
	assert_int_equal(read_options(&s, "cardea:certificates.dtls_ciphers=", NULL), 0);
	assert_string_equal(told, "");
	conf_destroy(conf);
}

static void takes_a_longer_history_than_there_is_as_the_longest(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:media.min_nack_queue=5000", NULL), 0);
	assert_int_equal(s.rtc.router.nack_history_us, 1000000);
	assert_string_equal(told,
		"W --set cardea:media.min_nack_queue: 'min_nack_queue' in section 'media': "
		"1000 ms at most, and taken as that\n");
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:media.min_nack_queue=1000", NULL), 0);
	assert_int_equal(s.rtc.router.nack_history_us, 1000000);
	assert_string_equal(told, "");
	conf_destroy(conf);
}

static void refuses_a_signal_that_it_does_not_take(void **state)
{
	struct settings s;
	(void)state;
	assert_int_equal(read_options(&s, "cardea:general.log_rotate_sig=SIGUSR2", NULL), 0);
	conf_destroy(conf);
	assert_int_equal(read_options(&s, "cardea:general.log_rotate_sig=SIGKILL", NULL), 1);
	assert_non_null(strstr(told, "SIGHUP|SIGUSR1|SIGUSR2"));
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
		cmocka_unit_test(says_where_tokens_cannot_be_kept),
		cmocka_unit_test(takes_the_first_port_of_a_range),
		cmocka_unit_test(refuses_what_it_cannot_do),
		cmocka_unit_test(names_options_without_effect),
		cmocka_unit_test(takes_a_longer_history_than_there_is_as_the_longest),
		cmocka_unit_test(refuses_a_signal_that_it_does_not_take),
		cmocka_unit_test(reads_the_command_line),
		cmocka_unit_test(refuses_other_options_and_says_how),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
