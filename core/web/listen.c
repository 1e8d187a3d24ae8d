/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/certfile.h"
#include "../base/log.h"
#include "../base/net.h"
#include "accept.h"
#include "listen.h"
#include "selfsigned.h"

#define WHY_SIZE      256
#define MAX_LISTENERS 32
#define MAX_SERVED    32

struct served {
	const struct mount *mount;
	const char *ip; /* only for clients that reached this address; NULL: any */
};

struct listener {
	char ip[64]; /* empty: all */
	char name[96];
	unsigned port;
	bool secure, is_web;
	const char *from; /* the option that named the port; NULL: not known */
	const char *cert, *key, *pwd, *ciphers;
	/* that of the vhost; what it shows instead since its files were renewed. Web thread */
	struct ssl_ctx_st *tls, *renewed;
	struct served served[MAX_SERVED];
	unsigned n_served;
	struct lws_protocols protocols[2];
	struct lws_vhost *vhost;
	struct acceptor *acceptor;
};

static struct listener *listeners[MAX_LISTENERS];
static unsigned n_listeners;
static bool is_selfsigned; /* at least one: */
static char own_cert[512], own_key[512];

/* ---- the plan ---- */

/** What is wrong with a port, and the option that named it. */
static void say_wrong(char *why, const char *from, const char *what)
{
	if (from)
		snprintf(why, WHY_SIZE, "%.*s: %.120s", WHY_SIZE - 123, from, what);
	else
		snprintf(why, WHY_SIZE, "%s", what);
}

static struct listener *add(unsigned port, const char *ip, bool secure, const char *from, char *why)
{
	struct listener *l = n_listeners < MAX_LISTENERS ? calloc(1, sizeof *l) : NULL;
	if (!l) {
		snprintf(why, WHY_SIZE, "more than %d listeners are asked for", MAX_LISTENERS);
		return NULL;
	}
	l->port = port;
	l->secure = secure;
	l->from = from;
	snprintf(l->ip, sizeof l->ip, "%s", ip ? ip : "");
	return listeners[n_listeners++] = l;
}

static bool serve(struct listener *l, const struct mount *m, const char *ip, char *why)
{
	for (unsigned i = 0; i < l->n_served; i++)
		if (l->served[i].mount == m)
			return true;
	if (l->n_served == MAX_SERVED) {
		snprintf(why, WHY_SIZE, "more than %d things are mounted on port %u", MAX_SERVED,
			l->port);
		return false;
	}
	l->served[l->n_served++] = (struct served){ m, ip };
	return true;
}

/** Does what is bound to one address hear what comes in at another? "::" takes IPv4, too. */
static bool covers(const char *bound, const char *ip)
{
	return !*bound || !strcmp(bound, "::") || !strcmp(bound, ip) ||
	       (!strcmp(bound, "0.0.0.0") && *ip && !strchr(ip, ':'));
}

/** Have a listener that is there serve a mount at @p ip, too. @return false: it cannot */
static bool join(struct listener *l, const char *ip, bool secure, const char *from, char *why)
{
	if (l->secure != secure) {
		say_wrong(why, from, "the same port is wanted with TLS and without");
		return false;
	}
	if ((!ip && l->is_web) || (ip && covers(l->ip, ip)))
		return true;
	if (l->is_web) {
		char what[WHY_SIZE];
		snprintf(what, sizeof what, "port %u is wanted at %s, and by web.ip at %s only",
			l->port, ip, l->ip);
		say_wrong(why, from, what);
		return false;
	}
	/* the others keep to their addresses: see struct served */
	snprintf(l->ip, sizeof l->ip, "%s", ip ? ip : "");
	return true;
}

/** The listener of a mount's own port: one that is there already, or a new one. */
static struct listener *own(unsigned port, const char *ip, bool secure, const char *from, char *why)
{
	for (unsigned i = 0; i < n_listeners; i++) {
		struct listener *l = listeners[i];
		if (l->port == port && (!ip || covers(l->ip, ip) || covers(ip, l->ip)))
			return join(l, ip, secure, from, why) ? l : NULL;
	}
	return add(port, ip, secure, from, why);
}

static bool plan_mount(const struct mount *m, char *why)
{
	const struct cardea_web_place *p = &m->place;
	struct listener *l;

	if (p->port &&
		(!(l = own(p->port, p->ip, false, p->port_from, why)) || !serve(l, m, p->ip, why)))
		return false;
	if (p->secure_port) {
		if (!(l = own(p->secure_port, p->secure_ip, true, p->secure_port_from, why)) ||
			!serve(l, m, p->secure_ip, why))
			return false;
		if (!l->cert && p->cert_pem && *p->cert_pem) {
			l->cert = p->cert_pem;
			l->key = p->cert_key && *p->cert_key ? p->cert_key : p->cert_pem;
			l->pwd = p->cert_pwd;
		}
		if (!l->ciphers && p->ciphers && *p->ciphers)
			l->ciphers = p->ciphers;
	}
	for (unsigned i = 0; i < n_listeners && p->shared; i++)
		if (listeners[i]->is_web && !serve(listeners[i], m, NULL, why))
			return false;
	return true;
}

static bool plan_web(const struct web_conf *c, char *why)
{
	char ip[64] = "";
	struct listener *l;

	if (c->ip && *c->ip && !mount_resolve(c->ip, ip, sizeof ip)) {
		snprintf(why, WHY_SIZE,
			"web.ip: '%.100s' is neither an address nor an interface of this "
			"machine",
			c->ip);
		return false;
	}
	if (c->port) {
		if (!(l = add(c->port, ip, false, c->port_from, why)))
			return false;
		l->is_web = true;
	}
	if (!c->secure_port)
		return true;
	if (c->secure_port == c->port) {
		say_wrong(why, c->secure_port_from, "web.port is the same");
		return false;
	}
	if (!(l = add(c->secure_port, ip, true, c->secure_port_from, why)))
		return false;
	l->is_web = true;
	if (c->cert_pem && *c->cert_pem) {
		l->cert = c->cert_pem;
		l->key = c->cert_key && *c->cert_key ? c->cert_key : c->cert_pem;
	}
	return true;
}

/** Listeners without a certificate of their own use the web section's, else the self-signed one,
 *  which is yet to be made. */
static bool plan_certificates(const struct web_conf *c, char *why)
{
	bool has = c->cert_pem && *c->cert_pem;

	for (unsigned i = 0; i < n_listeners; i++) {
		struct listener *l = listeners[i];
		if (!l->secure || l->cert)
			continue;
		if (!has && !selfsigned_is_possible(c->state_dir)) {
			say_wrong(why, l->from,
				"it needs a certificate: set web.cert_pem, or a general.state_dir "
				"that one can be made in");
			return false;
		}
		if (!has && !is_selfsigned &&
			!selfsigned_paths(c->state_dir, own_cert, own_key, why))
			return false;
		l->cert = has ? c->cert_pem : own_cert;
		is_selfsigned = is_selfsigned || !has;
		l->key = own_key;
		if (has)
			l->key = c->cert_key && *c->cert_key ? c->cert_key : c->cert_pem;
	}
	return true;
}

static void warn_of_open_admin(void)
{
	for (unsigned i = 0; i < n_listeners; i++)
		for (unsigned k = 0; k < listeners[i]->n_served; k++) {
			const struct listener *l = listeners[i];
			const struct mount *m = l->served[k].mount;
			unsigned char ip[NET_BYTES];
			const char *bound = listen_bound(l, m);
			if (m->place.admin &&
				!(net_address(bound, strlen(bound), ip) && net_is_loopback(ip)))
				log_warn("web", 0,
					"the Admin API has no secret and answers this machine "
					"only: "
					"set general.admin_secret",
					"port=%u path=%s", l->port, m->name);
		}
}

bool listen_plan(const struct web_conf *conf, char *why)
{
	if (!plan_web(conf, why))
		return false;
	for (const struct mount *m = mount_first(); m; m = m->next)
		if (!plan_mount(m, why))
			return false;
	if (!plan_certificates(conf, why))
		return false;
	if (!conf->access.has_admin_secret)
		warn_of_open_admin();
	return true;
}

bool listen_is_selfsigned(void)
{
	return is_selfsigned;
}

void listen_try(void (*each)(void *arg, bool is_wrong, const char *text), void *arg)
{
	char fault[WHY_SIZE], text[WHY_SIZE];
	int fds[MAX_LISTENERS]; /* all at once: they may be in each other's way */

	for (unsigned i = 0; i < n_listeners; i++) {
		const struct listener *l = listeners[i];
		const char *ip = l->ip[0] ? l->ip : NULL;
		if ((fds[i] = accept_try(ip, l->port, fault)) < 0)
			say_wrong(text, l->from, fault);
		else
			snprintf(text, sizeof text, "TCP port %u of %s: free", l->port,
				ip ? ip : "all addresses");
		each(arg, fds[i] < 0, text);
	}
	for (unsigned i = 0; i < n_listeners; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void listen_forget(void)
{
	for (unsigned i = 0; i < n_listeners; i++)
		free(listeners[i]);
	n_listeners = 0;
	is_selfsigned = false; /* its paths stay: they may be read from on a pool thread */
}

/* ---- opening ---- */

static void take(void *arg, int fd)
{
	struct listener *l = arg;
	lws_sock_file_fd_type u = { .sockfd = fd };

	lws_adopt_descriptor_vhost(l->vhost,
		LWS_ADOPT_SOCKET | (l->secure ? LWS_ADOPT_ALLOW_SSL : 0), u, l->protocols[0].name,
		NULL); /* it closes what it cannot take */
}

static bool make_vhost(struct lws_context *ctx, struct listener *l, char *why)
{
	snprintf(l->name, sizeof l->name, "%s:%u", l->ip, l->port);
	struct lws_context_creation_info info = { .port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.vhost_name = l->name,
		.protocols = l->protocols,
		.user = l };
	if (l->secure) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = l->cert;
		info.ssl_private_key_filepath = l->key;
		info.ssl_private_key_password = l->pwd;
		info.ssl_cipher_list = l->ciphers;
		info.ssl_options_set =
			(long)(SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1);
		info.alpn = "http/1.1";
	}
	if ((l->vhost = lws_create_vhost(ctx, &info)))
		return true;
	snprintf(why, WHY_SIZE, "cannot serve port %u%s%.150s", l->port,
		l->secure ? " with the certificate " : "", l->secure ? l->cert : "");
	return false;
}

bool listen_open(struct lws_context *ctx, uv_loop_t *loop, lws_callback_function *on_event,
	size_t seat_size, char *why)
{
	for (unsigned i = 0; i < n_listeners; i++) {
		struct listener *l = listeners[i];
		l->protocols[0] = (struct lws_protocols){ .name = "connection",
			.callback = on_event,
			.per_session_data_size = seat_size };
		char fault[WHY_SIZE];
		if (!make_vhost(ctx, l, why))
			return false;
		if (!(l->acceptor = accept_on(
			      loop, l->ip[0] ? l->ip : NULL, l->port, take, l, fault))) {
			say_wrong(why, l->from, fault);
			return false;
		}
		log_info("web", 0, "listening", "port=%u ip=%s tls=%d", l->port,
			l->ip[0] ? l->ip : "all", l->secure);
	}
	return true;
}

void listen_has_tls(const struct lws_vhost *vhost, struct ssl_ctx_st *tls)
{
	struct listener *l = lws_get_vhost_user((struct lws_vhost *)vhost);
	l->tls = tls;
	certfile_show(tls, &l->renewed);
}

/* ---- certificates ---- */

bool listen_certificate(unsigned i, struct listen_files *out)
{
	if (i >= n_listeners)
		return false;
	const struct listener *l = listeners[i];
	*out = (struct listen_files){ 0 };
	if (l->secure)
		*out = (struct listen_files){ l->cert, l->key, l->pwd };
	return true;
}

void listen_renew(unsigned i, struct ssl_ctx_st *with)
{
	struct listener *l = listeners[i];

	if (!l->tls || certfile_same(l->renewed ? l->renewed : l->tls, with)) {
		certfile_free(with);
		return;
	}
	certfile_free(l->renewed);
	l->renewed = with;
	log_info("web", 0, "new certificate", "port=%u file=%s", l->port, l->cert);
}

void listen_close(void)
{
	for (unsigned i = 0; i < n_listeners; i++) {
		accept_end(listeners[i]->acceptor);
		listeners[i]->acceptor = NULL;
		listeners[i]->tls = NULL; /* it goes with its vhost */
		certfile_free(listeners[i]->renewed);
		listeners[i]->renewed = NULL;
	}
}

/* ---- finding the mount ---- */

const struct listener *listen_of(struct lws *wsi)
{
	return lws_get_vhost_user(lws_get_vhost(wsi));
}

bool listen_is_web(const struct listener *l)
{
	return l->is_web;
}

bool listen_is_secure(const struct listener *l)
{
	return l->secure;
}

bool listen_is_socket_only(const struct listener *l)
{
	for (unsigned i = 0; i < l->n_served; i++)
		if (!l->served[i].mount->is_socket)
			return false;
	return !l->is_web;
}

const char *listen_bound(const struct listener *l, const struct mount *m)
{
	for (unsigned i = 0; i < l->n_served; i++)
		if (l->served[i].mount == m && l->served[i].ip)
			return l->served[i].ip;
	return l->ip;
}

static bool reaches(const struct served *s, const char *local)
{
	return !s->ip || covers(s->ip, local);
}

const struct mount *listen_path(const struct listener *l, const char *path, const char *local)
{
	const struct mount *best = NULL;
	size_t best_len = 0;

	for (unsigned i = 0; i < l->n_served; i++) {
		const struct mount *m = l->served[i].mount;
		size_t len = strlen(m->name);
		if (!m->is_socket && len > best_len && !strncmp(path, m->name, len) &&
			(path[len] == '/' || !path[len]) && reaches(&l->served[i], local)) {
			best = m;
			best_len = len;
		}
	}
	return best;
}

static const struct mount *socket_named(
	const struct listener *l, const char *name, size_t len, const char *local)
{
	for (unsigned i = 0; i < l->n_served; i++) {
		const struct mount *m = l->served[i].mount;
		if (m->is_socket && strlen(m->name) == len && !memcmp(m->name, name, len) &&
			reaches(&l->served[i], local))
			return m;
	}
	return NULL;
}

const struct mount *listen_socket(
	const struct listener *l, const char *offered, const char *path, const char *local)
{
	const struct mount *m = NULL;

	if (!offered[strspn(offered, " ,")]) {
		if (path[0] == '/')
			m = socket_named(l, path, strlen(path), local);
		return m ? m : socket_named(l, "/", 1, local);
	}
	while (*offered && !m) {
		offered += strspn(offered, " \t,");
		size_t len = strcspn(offered, " \t,");
		if (len && offered[0] != '/')
			m = socket_named(l, offered, len, local);
		offered += len;
	}
	return m;
}
