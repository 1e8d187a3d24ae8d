/* SPDX-License-Identifier: Apache-2.0 */
#include <libwebsockets.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "options.h"
#include "ws.h"

struct outgoing {
	struct outgoing *next;
	size_t n;
	unsigned char bytes[];
};

static struct lws_context *context;
static char host[128], path[256];
static int port = 80;

static void receive(struct ws *w, struct lws *wsi, const char *in, size_t n)
{
	if (w->len + n + 1 > w->room) {
		w->room = (w->len + n + 1) * 2;
		w->text = grow(w->text, w->room);
	}
	memcpy(w->text + w->len, in, n);
	w->len += n;
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return;
	n = w->len;
	w->text[n] = 0;
	w->len = 0;
	say(3, "<< %s", w->text);
	w->on_text(w, w->text, n);
}

static int flush(struct ws *w, struct lws *wsi)
{
	while (w->head && !lws_send_pipe_choked(wsi)) {
		struct outgoing *o = w->head;
		w->head = o->next;
		if (!w->head)
			w->tail = NULL;
		int written = lws_write(wsi, o->bytes + LWS_PRE, o->n, LWS_WRITE_TEXT);
		free(o);
		if (written < 0)
			return -1;
	}
	if (w->head)
		lws_callback_on_writable(wsi);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
	struct ws *w = user;
	if (!w)
		return 0;
	switch (why) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		w->is_open = true;
		if (w->head)
			lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say(0, "WebSocket: no connection: %s", in ? (const char *)in : "no reason given");
		w->has_failed = true;
		w->wsi = NULL;
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		w->has_failed |= w->wsi != NULL; /* NULL: we closed it */
		w->is_open = false;
		w->wsi = NULL;
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		receive(w, wsi, in, n);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return flush(w, wsi);
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "janus-protocol", .callback = on_event, .rx_buffer_size = 65536 },
	{ .name = NULL },
};

static void read_url(void)
{
	const char *at = opt.url + 5;
	if (strncmp(opt.url, "ws://", 5))
		die("--url %s: ws:// is what there is", opt.url);
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(at, ":/"), at);
	at += strcspn(at, ":/");
	if (*at == ':')
		port = (int)strtol(at + 1, (char **)&at, 10);
	snprintf(path, sizeof(path), "%s", *at ? at : "/");
}

void ws_init(void)
{
	struct lws_context_creation_info info = { .port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.timeout_secs = 60 };
	read_url();
	lws_set_log_level(LLL_ERR, NULL);
	context = lws_create_context(&info);
	if (!context)
		die("libwebsockets has no context for us");
}

void ws_service(bool may_sleep)
{
	lws_service(context, may_sleep ? 0 : -1);
}

struct ws *ws_open(void (*on_text)(struct ws *w, const char *text, size_t n), void *owner)
{
	struct ws *w = make(1, sizeof(*w));
	w->on_text = on_text;
	w->owner = owner;
	struct lws_client_connect_info info = { .context = context,
		.address = host,
		.port = port,
		.path = path,
		.host = host,
		.origin = host,
		.protocol = protocols[0].name,
		.local_protocol_name = protocols[0].name,
		.userdata = w,
		.pwsi = &w->wsi };
	if (!lws_client_connect_via_info(&info))
		w->has_failed = true;
	return w;
}

void ws_send(struct ws *w, const char *text, size_t n)
{
	struct outgoing *o = make(1, sizeof(*o) + LWS_PRE + n);
	o->n = n;
	memcpy(o->bytes + LWS_PRE, text, n);
	if (w->tail)
		w->tail->next = o;
	else
		w->head = o;
	w->tail = o;
	say(3, ">> %.*s", (int)n, text);
	if (w->is_open && w->wsi)
		lws_callback_on_writable(w->wsi);
}

void ws_sendf(struct ws *w, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ws_send(w, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void ws_close(struct ws *w)
{
	struct lws *wsi = w->wsi;
	if (!wsi)
		return;
	w->wsi = NULL;
	w->is_open = false;
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}
