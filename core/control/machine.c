/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/certfile.h"
#include "../base/folder.h"
#include "../rtc/addr.h"
#include "../rtc/mapping.h"
#include "../rtc/preview.h"
#include "../web/mount.h"
#include "items.h"
#include "machine.h"
#include "record_look.h"
#include "module.h"

#define INTERFACES_MAX 256 /* addresses that are looked at */

/* Where an option stands, for messages about it. */
struct spot {
	const struct cardea_conf *file;
	const char *section, *option;
};

#define WRONG(at, ...) cardea_conf_wrong((at)->file, true, (at)->section, (at)->option, __VA_ARGS__)
#define DOUBTFUL(at, ...) \
	cardea_conf_wrong((at)->file, false, (at)->section, (at)->option, __VA_ARGS__)

/* ---- addresses ---- */

/* The kernel is asked, for it knows of more than interfaces have (127.0.0.2). */
static bool is_here(const char *ip)
{
	struct addr a;
	int fd;
	bool is = addr_parse(&a, ip) &&
		  (fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0;
	if (is) {
		is = !bind(fd, &a.sa, addr_len(&a));
		close(fd);
	}
	return is;
}

static void look_for_address(const struct spot *at, const char *name)
{
	char ip[INET6_ADDRSTRLEN];
	if (!mount_resolve(name, ip, sizeof ip))
		WRONG(at, "'%.100s' is neither an address nor an interface of this machine", name);
	else if (!is_here(ip))
		WRONG(at, "this machine does not have the address %s", ip);
}

/* ---- files and folders ---- */

static void look_for_folder(const struct spot *at, const char *path)
{
	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		WRONG(at, "there is no folder %.200s", path);
	else if (access(path, R_OK | X_OK))
		WRONG(at, "%.200s cannot be read: %s", path, strerror(errno));
}

static const char *text_of(const struct cardea_args *a, const char *name)
{
	const char *s = json_string_value(json_object_get(a->obj, name));
	return s && *s ? s : NULL;
}

/* Any section may have one, under these names. */
static void look_at_certificate(
	const struct cardea_conf *file, const char *section, const struct cardea_args *a)
{
	const char *pem = text_of(a, "cert_pem"), *key = text_of(a, "cert_key");
	const char *ciphers = text_of(a, "ciphers");
	struct certfile_fault fault;
	if (ciphers && !certfile_has_ciphers(ciphers))
		cardea_conf_wrong(file, true, section, "ciphers",
			"there is no cipher in \"%.100s\"", ciphers);
	if (!pem && key)
		cardea_conf_wrong(
			file, false, section, "cert_key", "it has no effect: there is no cert_pem");
	if (!pem)
		return;
	struct ssl_ctx_st *read = certfile_read(pem, key, text_of(a, "cert_pwd"), &fault);
	if (!read)
		cardea_conf_wrong(file, true, section, fault.option, "%s", fault.why);
	else if (certfile_is_stale(read, fault.why))
		cardea_conf_wrong(file, false, section, "cert_pem", "%s", fault.why);
	certfile_free(read);
}

static void look_at_text(const struct spot *at, enum cardea_names names, const char *text)
{
	char why[ITEMS_WHY];
	bool is_error;
	if (names == CARDEA_NAMES_ADDRESS)
		look_for_address(at, text);
	else if (names == CARDEA_NAMES_FOLDER)
		look_for_folder(at, text);
	else if (!items_fit(names, text, why, &is_error))
		cardea_conf_wrong(at->file, is_error, at->section, at->option, "%s", why);
}

static void look_at_section(struct spot *at, const struct cardea_args *a)
{
	bool has_certificate = false;
	for (const struct cardea_field *f = a->fields; f && f->name; f++) {
		const char *text = text_of(a, f->name);
		at->option = f->name;
		has_certificate = has_certificate || !strcmp(f->name, "cert_pem");
		if (text)
			look_at_text(at, f->names, text);
	}
	if (json_is_true(json_object_get(a->obj, "enforce_cors")) && !text_of(a, "allow_origin"))
		cardea_conf_wrong(at->file, false, at->section, "enforce_cors",
			"it has no effect: there is no allow_origin beside it; web.enforce_cors is "
			"for web.allow_origin");
	if (has_certificate)
		look_at_certificate(at->file, at->section, a);
}

void machine_look(const struct cardea_conf *file)
{
	struct spot at = { .file = file };
	struct cardea_args a;
	unsigned i = 0;
	while ((at.section = cardea_conf_next(file, "*", &i, &a)))
		look_at_section(&at, &a);
}

/* ---- what the tables cannot tell ---- */

static void settle_state(
	const struct settings *s, const struct cardea_conf *file, const char *otherwise)
{
	const char *dir = s->state_dir ? s->state_dir : otherwise;
	if (!folder_can_write(dir))
		cardea_conf_wrong(file, s->state_dir != NULL, "general", "state_dir",
			"%.200s cannot be written: %s", dir, strerror(errno));
}

static void settle_log(const struct settings *s, const struct cardea_conf *file)
{
	const char *path = s->log.file;
	if (!path && !s->log.to_stdout)
		cardea_conf_wrong(file, false, "general", "log_to_stdout",
			"nothing is logged: there is no log_to_file");
	if (!path)
		return;
	bool is_there = !access(path, F_OK);
	char *folder = g_path_get_dirname(path);
	if (access(is_there ? path : folder, W_OK))
		cardea_conf_wrong(file, true, "general", "log_to_file",
			"%.200s cannot be written: %s", path, strerror(errno));
	else if (is_there && g_file_test(path, G_FILE_TEST_IS_DIR))
		cardea_conf_wrong(file, true, "general", "log_to_file", "%.200s is a folder", path);
	g_free(folder);
}

/* Who names a folder expects something in it; without any the server is there for little. */
static void settle_modules(const struct cardea_conf *file, const char *option, const char *given,
	const char *otherwise)
{
	const char *folder = given ? given : otherwise;
	if (given && !g_file_test(given, G_FILE_TEST_IS_DIR))
		return; /* that has been reported */
	if (!modules_in(folder))
		cardea_conf_wrong(file, given != NULL, "general", option,
			"there are no modules in %.200s", folder);
}

/* A capture would be written where it must not be, and nobody would know. */
static void settle_protected(const struct settings *s, const struct cardea_conf *file)
{
	const struct spot at = { file, "general", "protected_folders" };
	for (size_t i = 0; i < json_array_size(s->protected_folders); i++) {
		const char *path = json_string_value(json_array_get(s->protected_folders, i));
		if (g_file_test(path, G_FILE_TEST_EXISTS) && g_path_is_absolute(path))
			continue;
		if (strchr(path, ','))
			DOUBTFUL(&at,
				"'%.200s' is one name: folders are given apart, as in [ \"/a\", "
				"\"/b\" ]",
				path);
		else if (!g_path_is_absolute(path))
			DOUBTFUL(&at, "'%.200s' does not begin with '/', and protects nothing",
				path);
		else
			DOUBTFUL(&at, "there is no folder %.200s", path);
	}
}

static void settle_interface(struct settings *s, const struct cardea_conf *file)
{
	const struct spot at = { file, "general", "interface" };
	if (!s->address)
		return;
	if (!mount_resolve(s->address, s->interface_address, sizeof s->interface_address))
		WRONG(&at, "'%.100s' is neither an address nor an interface of this machine",
			s->address);
	else if (!is_here(s->interface_address))
		DOUBTFUL(&at, "this machine does not have the address %s", s->interface_address);
	s->address = s->interface_address;
}

static void mapping_found(void *arg, bool is_error, const char *text)
{
	cardea_conf_wrong(arg, is_error, "nat", "nat_1_1_mapping", "%s", text);
}

static void settle_mapping(struct settings *s, struct cardea_conf *file)
{
	if (!s->rtc.nat_1_1)
		return;
	mapping_read(s->rtc.nat_1_1, s->rtc.ipv6, s->public_addresses, sizeof s->public_addresses,
		mapping_found, file);
	s->rtc.nat_1_1 = *s->public_addresses ? s->public_addresses : NULL;
}

static bool matches_any(const char *item, const struct addr_if *ifs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (addr_item_matches(item, &ifs[i]))
			return true;
	return false;
}

/* Without the lists: do they leave out anything but loopback? */
static bool is_alone(const struct addr_conf *conf, const struct addr_if *ifs, unsigned n)
{
	struct addr_conf all = *conf;
	struct addr_list offered;
	all.enforce_list = all.ignore_list = "";
	addr_choose(&offered, &all, ifs, n);
	return !offered.n || offered.is_last_resort;
}

/* An interface may come up later, so that this is no reason not to start. */
static void settle_addresses(const struct settings *s, const struct cardea_conf *file)
{
	struct spot at = { file, "nat",
		s->rtc.enforce_list ? "ice_enforce_list" : "ice_ignore_list" };
	const struct addr_conf conf = preview_addr_conf(&s->rtc);
	struct addr_if ifs[INTERFACES_MAX];
	struct addr_list offered;
	char item[ADDR_ITEM];
	unsigned n = addr_interfaces(ifs, INTERFACES_MAX);
	const char *list = s->rtc.enforce_list;
	while (list && (list = addr_next_item(list, item, sizeof item)))
		if (!matches_any(item, ifs, n))
			DOUBTFUL(&at,
				"'%.100s' is no interface or address of this machine, nor the "
				"beginning of one",
				item);
	addr_choose(&offered, &conf, ifs, n);
	if (offered.is_last_resort && is_alone(&conf, ifs, n))
		at.option = NULL; /* no list is to blame */
	if (!offered.n)
		DOUBTFUL(&at, "there is no address to offer: nobody can call");
	else if (offered.is_last_resort)
		DOUBTFUL(&at, "there is only loopback to offer: no other machine can call");
}

static void settle_ports(const struct settings *s, const struct cardea_conf *file)
{
	char why[256];
	const struct cardea_args media = cardea_conf_section(file, "media");
	bool by_range = !cardea_given(&media, "udp_port") && cardea_given(&media, "rtp_port_range");
	for (unsigned w = 0; w < s->rtc.workers; w++)
		if (!preview_port(&s->rtc, w, why))
			cardea_conf_wrong(file, true, "media",
				by_range ? "rtp_port_range" : "udp_port", "%s", why);
}

void machine_settle(struct settings *s, struct conf *conf, const struct paths *paths)
{
	struct cardea_conf *file = conf_file(conf, "cardea");
	machine_look(file);
	settle_state(s, file, paths->state);
	settle_log(s, file);
	settle_modules(file, "plugins_folder", s->plugins_folder, paths->plugins);
	settle_modules(file, "transports_folder", s->transports_folder, paths->transports);
	if (s->events_on)
		settle_modules(file, "events_folder", s->events_folder, paths->eventhandlers);
	settle_protected(s, file);
	record_look(s, file);
	settle_interface(s, file);
	settle_mapping(s, file);
	settle_addresses(s, file);
	settle_ports(s, file);
}
