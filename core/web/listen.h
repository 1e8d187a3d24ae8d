/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <uv.h>
#include "lws.h"
#include "mount.h"
#include "settings.h"

/** @file
 * The listeners: which ports are open on which addresses, and what is served on each. Planned on
 * the control thread before the web thread starts, opened by it, and read only from then on. */
struct listener;

/** Work out the listeners of the web section and of all mounts. @return false with @p why (256
 *  bytes) */
bool listen_plan(const struct web_conf *conf, char *why);
/** Open them all: connections begin as raw ones of libwebsockets, with a seat of so many bytes. Web
 *  thread.
 *  @return false with @p why (256 bytes) */
bool listen_open(struct lws_context *ctx, uv_loop_t *loop, lws_callback_function *on_event,
	size_t seat_size, char *why);
/** Accept no more. Web thread. */
void listen_close(void);
void listen_forget(void);
/** Try every port, and say which are free. After listen_plan(), in place of listen_open(). Control
 *  thread. */
void listen_try(void (*each)(void *arg, bool is_wrong, const char *text), void *arg);

/** libwebsockets has made the TLS context of a listener. Web thread. */
void listen_has_tls(const struct lws_vhost *vhost, struct ssl_ctx_st *tls);
/** The files of a listener's certificate, NULL where it has no TLS. */
struct listen_files {
	const char *pem, *key, *pwd;
};
/** @return false: there is no listener of this number. Any thread while they are open. */
bool listen_certificate(unsigned i, struct listen_files *out);
/** Show this certificate to connections to come, and say so in the log where it is another. Web
 *  thread.
 *  @param with of certfile_read(); taken */
void listen_renew(unsigned i, struct ssl_ctx_st *with);
/** Does any listener show the self-signed certificate? */
bool listen_is_selfsigned(void);

const struct listener *listen_of(struct lws *wsi);
/** Is it one of the web section's, that shows the pages? */
bool listen_is_web(const struct listener *l);
bool listen_is_secure(const struct listener *l);
/** The address that a mount (NULL: what the host serves itself) is bound to there; "": all. */
const char *listen_bound(const struct listener *l, const struct mount *m);
/** Nothing but WebSockets is served here. */
bool listen_is_socket_only(const struct listener *l);
/** The mount of a path: the longest prefix. @p local: the address that the client has reached.
 *  @return NULL: none */
const struct mount *listen_path(const struct listener *l, const char *path, const char *local);
/** The mount of a WebSocket: of the first subprotocol in the comma-separated @p offered that is
 *  served here, or, when that is empty, of the path. */
const struct mount *listen_socket(
	const struct listener *l, const char *offered, const char *path, const char *local);
