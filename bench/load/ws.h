/* SPDX-License-Identifier: Apache-2.0 */
/** WebSocket connections to the server, over libwebsockets. */
#ifndef LOAD_WS_H
#define LOAD_WS_H
#include <stdbool.h>
#include <stddef.h>

struct lws;
struct ws {
	struct lws *wsi;
	bool is_open, has_failed;
	char *text; /* being received */
	size_t len, room;
	struct outgoing *head, *tail;
	int users;
	/** Whole messages, with a NUL after them. */
	void (*on_text)(struct ws *w, const char *text, size_t n);
	void *owner;
};

void ws_init(void);
void ws_service(bool may_sleep);
struct ws *ws_open(void (*on_text)(struct ws *w, const char *text, size_t n), void *owner);
/** Waits for the connection where it is not open yet. */
void ws_send(struct ws *w, const char *text, size_t n);
void ws_sendf(struct ws *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ws_close(struct ws *w);
#endif
