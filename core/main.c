/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Birth and death of the threads: reads the command line and the configuration, starts control,
 * media, modules and web in this order, and ends them. The control loop runs on the main thread. */

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/watchdog.h"
#include "base/work.h"
#include "control/check.h"
#include "control/cmdline.h"
#include "control/control.h"
#include "control/data_channels.h"
#include "control/describe.h"
#include "control/hook.h"
#include "control/load.h"
#include "control/machine.h"
#include "control/options.h"
#include "control/paths.h"
#include "control/plugins.h"
#include "control/product.h"
#include "control/status_event.h"
#include "control/store.h"
#include "control/transports.h"
#include "control/turn_page.h"
#include "control/worker_reports.h"
#include "web/host.h"

#define WHY_MAX      256
#define POOL_THREADS 4
#define POOL_JOBS    256
#define STUCK_US     (1 * US_PER_S)
#define DAY_US       (24 * 3600 * US_PER_S)

static struct loop *loop;
static struct conf *conf;
static struct paths paths;
static struct web_conf web;
static struct wheel_timer daily;

/* Files of modules are checked when these are loaded: findings come in two rounds, each is shown
 * once. */
static GHashTable *shown;

static void finding(void *arg, bool is_error, const char *text)
{
	(void)arg;
	if (g_hash_table_add(shown, g_strdup(text)))
		fprintf(stderr, "%s: %s\n", is_error ? "error" : "warning", text);
}

static bool complain(const char *why)
{
	fprintf(stderr, "cardea: %s\n", why);
	return false;
}

/* ---- signals ---- */

static int signal_fd = -1;
static int ended_by; /* 0: no signal yet */

/* Of the certificates: whoever renews them may not say so. */
static void on_day(void *arg)
{
	(void)arg;
	web_renew();
	wheel_set(loop_wheel(loop), &daily, loop_now(loop) + DAY_US);
}

static void on_signal(void *arg, uint32_t events)
{
	struct signalfd_siginfo info;
	(void)arg;
	(void)events;
	if (read(signal_fd, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM) {
		log_info("core", 0, "asked to end", "signal=%u", info.ssi_signo);
		ended_by = (int)info.ssi_signo;
		loop_stop(loop);
	} else {
		log_info("core", 0, "log file and certificates are opened again", "signal=%u",
			info.ssi_signo);
		log_reopen();
		web_renew();
	}
}

/* Signals that must kill nobody, from the first moment on: they wait for take_signals(). */
static void hold_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Before any thread is made: all of them inherit the mask, so that only the loop sees these
 * signals. */
static bool take_signals(void)
{
	sigset_t set;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error of the write */
	hold_signals(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return signal_fd >= 0 && loop_add(loop, signal_fd, EPOLLIN, on_signal, NULL) == OK;
}

/* ---- start ---- */

static bool start_media(void)
{
	char why[WHY_MAX] = "";
	if (rtc_start(&settings.rtc, worker_reports(), data_channels_events(), why))
		return complain(why);
	rtc_follow_network(loop);
	return true;
}

static bool load_modules(void)
{
	unsigned failed = modules_load(conf, &paths);
	if (failed && settings.exit_on_dl_error)
		return complain("a module did not load, and general.exit_on_dl_error is set");
	return !conf_findings(conf, finding, NULL) || complain("not started: see the errors above");
}

static void read_web(void)
{
	const struct cardea_conf *file = conf_file(conf, "cardea");
	struct cardea_args a = cardea_conf_section(file, "web");
	const char *root = cardea_str(&a, "root");
	web = (struct web_conf){ .port = (unsigned)cardea_int(&a, "port"),
		.secure_port = (unsigned)cardea_int(&a, "secure_port"),
		.port_from = cardea_conf_where(file, "web", "port"),
		.secure_port_from = cardea_conf_where(file, "web", "secure_port"),
		.ip = cardea_str(&a, "ip"),
		.root = root && *root ? root : paths.html,
		.cert_pem = cardea_str(&a, "cert_pem"),
		.cert_key = cardea_str(&a, "cert_key"),
		.state_dir = settings.state_dir ? settings.state_dir : paths.state,
		.max_message = settings.max_message,
		.access = { .trusted_proxies = cardea_str(&a, "trusted_proxies"),
			.max_connections_per_address =
				(unsigned)cardea_int(&a, "max_connections_per_address"),
			.connections_are_bounded = cardea_given(&a, "max_connections_per_address"),
			.hosts = cardea_str(&a, "hosts"),
			.acl = cardea_str(&a, "acl"),
			.acl_forwarded = cardea_bool(&a, "acl_forwarded"),
			.allow_origin = cardea_str(&a, "allow_origin"),
			.enforce_origin = cardea_bool(&a, "enforce_cors"),
			.has_admin_secret = settings.admin_secret != NULL } };
	const char *option, *wrong = web_access_fault(&web.access, &option);
	if (wrong)
		cardea_conf_wrong(file, true, "web", option, "%s", wrong);
}

static void make_state_dir(void)
{
	if (g_mkdir_with_parents(web.state_dir, 0700)) {
		log_warn("core", 0, "no folder for what is to survive a restart", "state_dir=%s",
			web.state_dir);
		web.state_dir = NULL;
	}
	settings.state_dir = web.state_dir;
}

static bool start_web(void)
{
	char why[WHY_MAX] = "";
	web.control = loop_pulse(loop);
	if (web_start(&web, why)) {
		finding(NULL, true, why);
		return complain("not started: see the errors above");
	}
	daily.fn = on_day;
	wheel_set(loop_wheel(loop), &daily, loop_now(loop) + DAY_US);
	return true;
}

static bool start_all(void)
{
	crash_watch(hook_running);
	if (watchdog_start(settings.watchdog_s * US_PER_S) ||
		work_start(loop, POOL_THREADS, POOL_JOBS))
		return complain("no threads to be had");
	watchdog_add("control", loop_pulse(loop), STUCK_US);
	make_state_dir();
	if (control_start(loop, conf) || turn_page_start(loop))
		return complain("no memory or descriptors for the control loop");
	if (settings.state_dir)
		stores_keep(settings.state_dir);
	return start_media() && load_modules() && start_web();
}

static void stop_all(void)
{
	watchdog_ending();
	status_event_shutdown(ended_by);
	web_stop();
	control_stop();
	rtc_stop();
	control_free();
	work_stop();
	plugins_unload();
	watchdog_stop();
}

/* Where to go now: the last lines of a start, for whoever watches. */
static void say_where(void)
{
	unsigned workers = settings.rtc.workers;
	if (workers > 1)
		printf("Media:  UDP ports %u to %u\n", settings.rtc.udp_port,
			settings.rtc.udp_port + workers - 1);
	else
		printf("Media:  UDP port %u\n", settings.rtc.udp_port);
	if (web.port)
		printf("Pages:  http://localhost:%u/\n", web.port);
	if (web.secure_port)
		printf("Pages:  https://%s:%u/\n", rtc_address(), web.secure_port);
	fflush(stdout);
}

static int serve(void)
{
	bool up = false;
	unsigned long files = check_open_files();
	loop = loop_create("control");
	if (!loop || !take_signals()) {
		complain("no descriptors for the control loop");
	} else if (files < settings.open_files) {
		complain(
			"fewer open files are allowed than general.check_openfiles_limit asks for");
	} else {
		log_start(&settings.log);
		log_info("core", 0, PRODUCT, "version=%s pid=%d open_files=%lu", product_version(),
			(int)getpid(), files);
		up = start_all();
		if (up) {
			say_where();
			status_event_started();
			loop_run(loop);
		}
		stop_all();
		log_info("core", 0, "ended", "");
		log_stop();
	}
	if (signal_fd >= 0)
		close(signal_fd);
	loop_destroy(loop);
	return up ? 0 : 1;
}

/* Read all there is; what is wrong is reported before anything is started. */
static int configured(enum cmdline_action action, const struct cmdline *c)
{
	if (c->config && !g_file_test(c->config, G_FILE_TEST_IS_DIR)) {
		fprintf(stderr, "cardea: --config %s: no such folder\n", c->config);
		return 2;
	}
	int status = 1;
	shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	conf = conf_load(c->config ? c->config : paths.conf, c->sets, c->n_sets);
	options_read(&settings, conf);
	machine_settle(&settings, conf, &paths);
	read_web();
	if (action == CMDLINE_CHECK)
		status = check_all(conf, &paths, &web) ? 1 : 0;
	else if (conf_findings(conf, finding, NULL))
		complain("not started: see the errors above");
	else
		status = serve();
	conf_destroy(conf);
	g_hash_table_destroy(shown);
	return status;
}

int main(int argc, char **argv)
{
	struct cmdline c;
	enum cmdline_action action = cmdline_read(&c, argc, argv);
	int status = action == CMDLINE_DONE ? 0 : 2;
	if (action == CMDLINE_DESCRIBE) {
		paths_find(&paths);
		status = describe_all(&paths) ? 0 : 1;
		paths_free(&paths);
	} else if (action == CMDLINE_RUN || action == CMDLINE_CHECK) {
		sigset_t held;
		hold_signals(&held);
		paths_find(&paths);
		status = configured(action, &c);
		paths_free(&paths);
	}
	cmdline_free(&c);
	return status;
}
