/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <sys/resource.h>
#include "../base/log.h"
#include "../base/loop.h"
#include "../rtc/preview.h"
#include "../web/mount.h"
#include "check.h"
#include "control.h"
#include "load.h"
#include "options.h"
#include "plugins.h"
#include "turn_page.h"

#define FEW_FILES 4096 /* descriptors below which a busy server runs out of sockets */

/* ---- the machine ---- */

unsigned long check_open_files(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r))
		return 0;
	if (r.rlim_cur < r.rlim_max) {
		rlim_t before = r.rlim_cur;
		r.rlim_cur = r.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &r))
			r.rlim_cur = before;
	}
	return (unsigned long)r.rlim_cur;
}

static unsigned say_open_files(void)
{
	unsigned long n = check_open_files();
	bool short_of = settings.open_files && n < settings.open_files;
	const char *note = n < FEW_FILES ? " (few: see ulimit -n)" : "";
	if (short_of)
		note = ", fewer than general.check_openfiles_limit";
	printf("%s: open files: %lu%s\n", short_of ? "error" : "ok", n, note);
	return short_of;
}

static void say_ice_servers(void)
{
	char text[160];
	ice_servers_describe(&settings.ice, text);
	printf("ok: ICE servers for clients: %s\n", text);
}

static void line(void *arg, const char *text)
{
	(void)arg;
	printf("%s\n", text);
}

/* ---- a start that stops short of serving ---- */

struct tally {
	unsigned errors, warnings;
};

static void finding(void *arg, bool is_error, const char *text)
{
	struct tally *t = arg;
	t->errors += is_error;
	t->warnings += !is_error;
	printf("%s: %s\n", is_error ? "error" : "warning", text);
}

static void port(void *arg, bool is_wrong, const char *text)
{
	if (is_wrong)
		finding(arg, true, text);
	else
		printf("ok: %s\n", text);
}

/* Those that do not load are named in the log, which goes to stderr. */
static void load(struct conf *conf, const struct paths *paths, struct tally *t)
{
	unsigned failed = modules_load(conf, paths);
	if (settings.exit_on_dl_error)
		t->errors += failed;
	else
		t->warnings += failed;
}

static void rehearse(
	struct conf *conf, const struct paths *paths, const struct web_conf *web, struct tally *t)
{
	char ip[64];
	struct loop *loop = loop_create("check");
	if (loop && control_start(loop, conf) == OK && turn_page_start(loop) == OK) {
		load(conf, paths, t);
		/* an address that is not there has been named already */
		if (!web->ip || !*web->ip || mount_resolve(web->ip, ip, sizeof ip))
			web_check(web, port, t);
	}
	control_stop();
	control_free();
	plugins_unload();
	loop_destroy(loop);
}

static unsigned sum_up(const struct tally *t)
{
	if (t->errors)
		printf("%u to be mended before it can start\n", t->errors);
	else if (t->warnings)
		printf("it can start, with %u warning%s\n", t->warnings,
			t->warnings > 1 ? "s" : "");
	else
		printf("all is well\n");
	return t->errors;
}

unsigned check_all(struct conf *conf, const struct paths *paths, const struct web_conf *web)
{
	struct tally t = { 0 };
	log_set_level(CARDEA_LOG_WARN);
	rehearse(conf, paths, web, &t);
	conf_findings(conf, finding, &t);
	preview_say(&settings.rtc, line, NULL);
	say_ice_servers();
	t.errors += say_open_files();
	return sum_up(&t);
}
