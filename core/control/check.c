/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cardea/transport.h>
#include "check.h"
#include "module.h"
#include "options.h"

#define FEW_FILES 4096 /* descriptors below which a busy server runs out of sockets */

/* ---- files of modules ---- */

static struct conf *checked;
static GHashTable *known;

static void check_file(const char *kind, const char *name, const struct cardea_section *sections)
{
	char *file = g_strdup_printf("cardea.%s.%s", kind, name);
	if (sections)
		conf_check(conf_file(checked, file), sections);
	g_hash_table_add(known, file);
}

static const char *check_plugin(const void *module, void *dl)
{
	const struct cardea_plugin *p = module;
	(void)dl;
	check_file("plugin", p->name, p->options);
	return NULL;
}

static const char *check_transport(const void *module, void *dl)
{
	const struct cardea_transport *t = module;
	(void)dl;
	check_file("transport", t->name, t->options);
	return NULL;
}

void check_modules(struct conf *conf, const struct paths *paths)
{
	checked = conf;
	known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(known, g_strdup("cardea"));
	modules_open(settings.plugins_folder ? settings.plugins_folder : paths->plugins,
		"cardea_plugin", sizeof(struct cardea_plugin), CARDEA_PLUGIN_ABI, NULL,
		check_plugin);
	modules_open(settings.transports_folder ? settings.transports_folder : paths->transports,
		"cardea_transport", sizeof(struct cardea_transport), CARDEA_TRANSPORT_ABI, NULL,
		check_transport);
	for (const char *const *name = conf_names(conf); *name; name++)
		if (!g_hash_table_contains(known, *name))
			printf("note: %s.jcfg is there, but no such module\n", *name);
	g_clear_pointer(&known, g_hash_table_destroy);
}

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

static unsigned check_descriptors(void)
{
	unsigned long n = check_open_files();
	bool short_of = settings.open_files && n < settings.open_files;
	printf("%s: open files: %lu%s\n", short_of ? "error" : "ok", n,
		short_of        ? ", fewer than general.check_openfiles_limit"
		: n < FEW_FILES ? " (few: see ulimit -n)"
				: "");
	return short_of;
}

static unsigned check_port(const char *option, unsigned port, const char *ip)
{
	int on = 1;
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	bool v6 = ip && inet_pton(AF_INET6, ip, &a6.sin6_addr) == 1;
	if (!port)
		return 0;
	if (ip && !v6)
		inet_pton(AF_INET, ip, &a4.sin_addr);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	int failed = bind(fd, v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4,
		v6 ? sizeof a6 : sizeof a4);
	printf("%s: %s: TCP port %u %s\n", failed ? "error" : "ok", option, port,
		failed ? strerror(errno) : "is free");
	if (fd >= 0)
		close(fd);
	return failed != 0;
}

static void check_ice_servers(void)
{
	char text[160];
	ice_servers_describe(&settings.ice, text);
	printf("ok: ICE servers for clients: %s\n", text);
}

/* ---- all of it ---- */

static void finding(void *arg, bool is_error, const char *text)
{
	(void)arg;
	printf("%s: %s\n", is_error ? "error" : "warning", text);
}

static void warning(void *arg, const char *text)
{
	finding(arg, false, text);
}

static void line(void *arg, const char *text)
{
	(void)arg;
	printf("%s\n", text);
}

unsigned check_all(struct conf *conf, const struct paths *paths)
{
	unsigned problems;
	check_modules(conf, paths);
	problems = conf_findings(conf, finding, NULL);
	options_idle(conf, warning, NULL);
	problems += rtc_check(&settings.rtc, line, NULL);
	check_ice_servers();
	struct cardea_args web = cardea_conf_section(conf_file(conf, "cardea"), "web");
	const char *ip = cardea_str(&web, "ip");
	problems += check_port("web.port", (unsigned)cardea_int(&web, "port"), ip);
	problems += check_port("web.secure_port", (unsigned)cardea_int(&web, "secure_port"), ip);
	problems += check_descriptors();
	if (problems)
		printf("%u to be mended before it can start\n", problems);
	else
		printf("all is well\n");
	return problems;
}
