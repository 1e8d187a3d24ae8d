/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>
#include "../base/clock.h"
#include "../base/json.h"
#include "../base/log.h"
#include "../base/watchdog.h"
#include "access.h"
#include "certs.h"
#include "crowd.h"
#include "exchange.h"
#include "pipeline.h"
#include "posts.h"
#include "socket.h"
#include "socket_out.h"

#define WHY_SIZE 256
#define STUCK_US (2 * US_PER_S)

static struct {
	struct web_conf conf;
	struct lws_context *ctx;
	uv_loop_t loop;
	bool has_loop;
	uv_prepare_t before; /* it waits for events, and serves them … */
	uv_check_t after;    /* … and behind that */
	struct pulse pulse;
	int64_t began_us; /* the present turn; 0: it waits */
	bool running;     /* the thread exists. Control thread */
	/* the start has succeeded: words of libwebsockets are for debugging */
	bool serving;
	pthread_t thread;
	sem_t ready;
	char *why; /* of the starter, while it waits */
	enum err result;
} web;

/* ---- the loop's pulse ---- */

/** Work begins. libuv serves events where it waits for them, so each of them says so. */
static void turn(void)
{
	if (web.began_us)
		return;
	web.began_us = clock_now_us();
	pulse_begin(&web.pulse, web.began_us);
}

static void on_wait(uv_prepare_t *h)
{
	(void)h;
	pulse_count(&web.pulse);
	pulse_end(&web.pulse, web.began_us ? clock_now_us() - web.began_us : 0);
	web.began_us = 0;
}

static void on_turn(uv_check_t *h)
{
	(void)h;
	turn();
}

/** So far nobody was served whom a long turn could have kept waiting. */
static void forget_turn(void)
{
	web.began_us = 0;
	pulse_end(&web.pulse, 0);
}

static void begin_pulse(void)
{
	uv_prepare_init(&web.loop, &web.before);
	uv_check_init(&web.loop, &web.after);
	uv_prepare_start(&web.before, on_wait);
	uv_check_start(&web.after, on_turn);
	watchdog_add("web", &web.pulse, STUCK_US);
}

static void end_pulse(void)
{
	watchdog_del(&web.pulse);
	uv_close((uv_handle_t *)&web.before, NULL);
	uv_close((uv_handle_t *)&web.after, NULL);
}

/* ---- events of libwebsockets ---- */

static int adopted(struct lws *wsi, struct seat *seat)
{
	if (!(seat->conn = conn_open(wsi, listen_of(wsi), pipeline_woken)))
		return -1;
	pipeline_open(seat->conn);
	return 0;
}

static int closed(struct seat *seat)
{
	struct conn *c = seat->conn;
	seat->conn = NULL;
	if (c)
		pipeline_closed(c);
	return 0;
}

static int on_queue(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)wsi, (void)user, (void)in, (void)len;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	turn();
	posts_run();
	socket_flush();
	return 0;
}

static int on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct seat *seat = user;

	turn();
	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
		listen_has_tls(in, user);
		return 0;
	}
	if (reason == LWS_CALLBACK_RAW_ADOPT)
		return adopted(wsi, seat);
	if (reason == LWS_CALLBACK_RAW_CLOSE)
		return closed(seat);
	if (!seat || !seat->conn)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_RAW_RX:
		pipeline_bytes(seat->conn, in, len);
		return 0;
	case LWS_CALLBACK_RAW_WRITEABLE:
		pipeline_writable(seat->conn);
		return 0;
	default:
		return 0;
	}
}

static void on_log(int level, const char *line)
{
	char text[256];
	snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\n"), line);
	if (!web.serving && (level & LLL_ERR))
		log_warn("web", 0, "libwebsockets", "says=%s", LOG_QUOTED(text));
	else
		log_debug("web", 0, "libwebsockets", "says=%s", LOG_QUOTED(text));
}

/* ---- the thread ---- */

static struct lws_context *make_context(void)
{
	void *loops[] = { &web.loop };
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_LIBUV,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.foreign_loops = loops,
		.pt_serv_buf_size = 16384,
		.pcontext = &web.ctx,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	if (uv_loop_init(&web.loop))
		return NULL;
	web.has_loop = true;
	begin_pulse();
	return alarm_start(&web.loop) ? lws_create_context(&info) : NULL;
}

/** The queue's descriptor as a connection that turns readable when a batch waits. */
static bool watch_queue(void)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "queue", .callback = on_queue },
		{ 0 },
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER, .vhost_name = "queue", .protocols = protocols
	};
	struct lws_vhost *vh = lws_create_vhost(web.ctx, &info);
	lws_sock_file_fd_type fd = { .filefd = dup(posts_fd()) }; /* lws closes its own */

	if (fd.filefd < 0)
		return false;
	if (!vh || !lws_adopt_descriptor_vhost(vh, LWS_ADOPT_RAW_FILE_DESC, fd, "queue", NULL)) {
		close(fd.filefd);
		return false;
	}
	return true;
}

static enum err begin(void)
{
	if (!endpoint_start() || !(web.ctx = make_context()) || !watch_queue()) {
		snprintf(web.why, WHY_SIZE,
			"libwebsockets cannot start; is libwebsockets-evlib-uv installed?");
		return ERR_IO;
	}
	return listen_open(web.ctx, &web.loop, on_event, sizeof(struct seat), web.why) ? OK
										       : ERR_IO;
}

static void end(void)
{
	web.serving = false;
	listen_close();
	alarm_stop();
	if (web.has_loop)
		end_pulse();
	/* the handles must have closed before the context can go; it clears our pointer when it has
	 * gone */
	for (int i = 0; web.ctx && i < 3; i++) {
		lws_context_destroy(web.ctx);
		uv_run(&web.loop, UV_RUN_DEFAULT);
	}
	if (web.has_loop) {
		uv_run(&web.loop, UV_RUN_DEFAULT);
		uv_loop_close(&web.loop);
	}
	web.ctx = NULL;
}

static void *run(void *arg)
{
	(void)arg;
	posts_run_here();
	pthread_setname_np(pthread_self(), "web");
	web.result = begin();
	web.serving = !web.result;
	bool serve = web.serving;
	sem_post(&web.ready);
	forget_turn();
	if (serve)
		uv_run(&web.loop, UV_RUN_DEFAULT);
	end();
	return NULL;
}

static void stop_here(const void *rec, size_t len)
{
	(void)rec, (void)len;
	uv_stop(&web.loop);
}

static void clear(void)
{
	posts_close(); /* the web thread's things are ours now */
	socket_stop();
	endpoint_stop();
	conn_stop();
	certs_stop();
	alarm_free();
	listen_forget();
	mount_clear();
	memset(&web, 0, sizeof web);
}

enum err web_start(const struct web_conf *conf, char *why)
{
	sigset_t all, old;

	web.conf = *conf;
	web.why = why;
	exchange_configure(&web.conf);
	socket_configure(web.conf.max_message);
	crowd_configure(&web.conf.access);
	const char *option, *wrong = access_configure(&web.conf.access, &option);
	if (wrong)
		snprintf(why, WHY_SIZE, "web.%s: %s", option, wrong);
	if (wrong || !listen_plan(&web.conf, why) || !certs_prepare(web.conf.state_dir, why) ||
		!posts_open()) {
		clear();
		return ERR_INVALID;
	}
	sem_init(&web.ready, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the control thread */
	int failed = pthread_create(&web.thread, NULL, run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed) {
		snprintf(why, WHY_SIZE, "cannot start the web thread: %s", strerror(failed));
		clear();
		return ERR_IO;
	}
	while (sem_wait(&web.ready) && errno == EINTR)
		;
	sem_destroy(&web.ready);
	enum err e = web.result;
	web.running = true;
	if (e) {
		pthread_join(web.thread, NULL);
		clear();
	}
	return e;
}

const char *web_access_fault(const struct access_conf *conf, const char **option)
{
	return access_configure(conf, option);
}

void web_check(const struct web_conf *conf,
	void (*each)(void *arg, bool is_wrong, const char *text), void *arg)
{
	char why[WHY_SIZE];

	if (listen_plan(conf, why))
		listen_try(each, arg);
	else
		each(arg, true, why);
	listen_forget();
	mount_clear();
}

void web_renew(void)
{
	if (web.running)
		certs_read_again();
}

void web_stop(void)
{
	if (!web.running)
		return;
	cardea_web_post(stop_here, "", 0);
	pthread_join(web.thread, NULL);
	clear();
}

/* ---- for mounts ---- */

CARDEA_API json_t *cardea_web_json(const char **text, size_t *len, char *why)
{
	return json_read(text, len, why);
}
