/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "cmdline.h"
#include "product.h"

static const char usage[] =
	"Usage: cardea [--config DIR] [--set FILE:SECTION.KEY=VALUE]… [--check]\n"
	"  --config DIR   folder of cardea.jcfg and the files of its modules\n"
	"  --set …        override one option, e.g. --set cardea:media.udp_port=20000 (may be "
	"repeated)\n"
	"  --check        read everything, say what is wrong and what a browser will see, and end\n"
	"  --describe     print all requests, options and error codes as JSON, and end\n"
	"  --version      print the version and end\n"
	"  --help         print this and end\n"
	"\n"
	"Signals: SIGTERM and SIGINT end it. SIGHUP, SIGUSR1 and SIGUSR2 open the log file again, "
	"for\n"
	"logrotate, and read the certificates of HTTPS again; calls go on.\n";

/* Options that other servers of this API have: refused, with the way to say it here. */
static const struct {
	const char *name;
	char letter;
	const char *setting;
} elsewhere[] = {
	{ "configs-folder", 'F', "--config DIR" },
	{ "plugins-folder", 'P', "--set cardea:general.plugins_folder=DIR" },
	{ "interface", 'i', "--set cardea:general.interface=ADDRESS_OR_NAME" },
	{ "debug-level", 'd', "--set cardea:general.debug_level=LEVEL" },
	{ "debug-timestamps", 'D', "--set cardea:general.debug_timestamps=true" },
	{ "disable-colors", 'o', "--set cardea:general.debug_colors=false" },
	{ "disable-stdout", 'N', "--set cardea:general.log_to_stdout=false" },
	{ "log-stdout", 0, "--set cardea:general.log_to_stdout=true" },
	{ "log-file", 'L', "--set cardea:general.log_to_file=FILE" },
	{ "log-rotate-sig", 'R', "--set cardea:general.log_rotate_sig=SIGNAL" },
	{ "daemon", 'b', "Type=simple, in the unit of a service manager" },
	{ "pid-file", 'p', "Type=simple, in the unit of a service manager" },
	{ "cwd-path", 'H', "cd DIR, before it is started" },
	{ "cert-pem", 'c', "--set cardea:certificates.cert_pem=FILE" },
	{ "cert-key", 'k', "--set cardea:certificates.cert_key=FILE" },
	{ "cert-pwd", 'K', "--set cardea:certificates.cert_pwd=PASSWORD" },
	{ "stun-server", 'S', "--set cardea:nat.stun_server=HOST --set cardea:nat.stun_port=PORT" },
	{ "nat-1-1", '1', "--set cardea:nat.nat_1_1_mapping=ADDRESS" },
	{ "keep-private-host", '2', "--set cardea:nat.keep_private_host=true" },
	{ "ice-enforce-list", 'E', "--set cardea:nat.ice_enforce_list=LIST" },
	{ "ice-ignore-list", 'X', "--set cardea:nat.ice_ignore_list=LIST" },
	{ "ipv6-candidates", '6', "--set cardea:media.ipv6=true" },
	{ "ipv6-link-local", 'O', "--set cardea:media.ipv6_linklocal=true" },
	{ "full-trickle", 'f', "--set cardea:nat.full_trickle=true" },
	{ "ice-lite", 'I', "--set cardea:nat.ice_lite=true" },
	{ "ice-tcp", 'T', "--set cardea:nat.ice_tcp=true" },
	{ "min-nack-queue", 'Q', "--set cardea:media.min_nack_queue=MS" },
	{ "no-media-timer", 't', "--set cardea:media.no_media_timer=SECONDS" },
	{ "slowlink-threshold", 'W', "--set cardea:media.slowlink_threshold=PACKETS" },
	{ "rtp-port-range", 'r', "--set cardea:media.rtp_port_range=MIN-MAX" },
	{ "twcc-period", 'B', "--set cardea:media.twcc_period=MS" },
	{ "server-name", 'n', "--set cardea:general.server_name=NAME" },
	{ "session-timeout", 's', "--set cardea:general.session_timeout=SECONDS" },
	{ "reclaim-session-timeout", 'm', "--set cardea:general.reclaim_session_timeout=SECONDS" },
	{ "apisecret", 'a', "--set cardea:general.api_secret=SECRET" },
	{ "token-auth", 'A', "--set cardea:general.token_auth=true" },
	{ "token-auth-secret", 0, "--set cardea:general.token_auth_secret=SECRET" },
	{ "event-handlers", 'e', "--set cardea:events.broadcast=true" },
	{ "no-webrtc-encryption", 'w', "--set cardea:general.no_webrtc_encryption=true" },
	{ "check-openfiles-limits", 'l', "--set cardea:general.check_openfiles_limit=NUMBER" },
	{ "debug-locks", 'M', "--set cardea:general.debug_locks=true" },
	{ 0, 'C', "--config DIR" },
	{ 0, 'V', "--version" },
	{ 0, 'h', "--help" },
};

static const char *said_here(const char *arg)
{
	size_t len = strcspn(arg, "=");
	for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
		const char *name = elsewhere[i].name;
		if (arg[1] != '-' ? arg[1] && arg[1] == elsewhere[i].letter
				  : name && strlen(name) == len - 2 &&
					    strncmp(arg + 2, name, len - 2) == 0)
			return elsewhere[i].setting;
	}
	return NULL;
}

static enum cmdline_action refuse(const char *arg)
{
	const char *setting = arg[0] == '-' ? said_here(arg) : NULL;
	if (setting)
		fprintf(stderr, "cardea: %.*s is said as: %s\n", (int)strcspn(arg, "="), arg,
			setting);
	else
		fprintf(stderr, "cardea: %s is not an option; see --help\n", arg);
	return CMDLINE_WRONG;
}

/* The value of --name VALUE or --name=VALUE. @return false: the argument is another option */
static bool takes(const char *name, int argc, char **argv, int *i, const char **value)
{
	size_t len = strlen(name);
	if (strncmp(argv[*i], name, len) != 0)
		return false;
	*value = NULL;
	if (argv[*i][len] == '=')
		*value = argv[*i] + len + 1;
	else if (argv[*i][len])
		return false;
	else if (*i + 1 < argc)
		*value = argv[++*i];
	return true;
}

static enum cmdline_action read_all(struct cmdline *out, GPtrArray *sets, int argc, char **argv)
{
	enum cmdline_action action = CMDLINE_RUN;
	const char *value;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (strcmp(arg, "--help") == 0) {
			fputs(usage, stdout);
			return CMDLINE_DONE;
		} else if (strcmp(arg, "--version") == 0) {
			printf("%s %s\n", PRODUCT, product_version());
			return CMDLINE_DONE;
		} else if (strcmp(arg, "--check") == 0) {
			action = CMDLINE_CHECK;
		} else if (strcmp(arg, "--describe") == 0) {
			action = CMDLINE_DESCRIBE;
		} else if (takes("--config", argc, argv, &i, &value) ||
			   takes("--set", argc, argv, &i, &value)) {
			if (!value) {
				fprintf(stderr, "cardea: %s wants a value; see --help\n", arg);
				return CMDLINE_WRONG;
			}
			if (strncmp(arg, "--set", 5) == 0)
				g_ptr_array_add(sets, (gpointer)value);
			else
				out->config = value;
		} else {
			return refuse(arg);
		}
	}
	return action;
}

enum cmdline_action cmdline_read(struct cmdline *out, int argc, char **argv)
{
	GPtrArray *sets = g_ptr_array_new();
	*out = (struct cmdline){ 0 };
	enum cmdline_action action = read_all(out, sets, argc, argv);
	out->n_sets = sets->len;
	out->sets = (const char *const *)g_ptr_array_free(sets, FALSE);
	return action;
}

void cmdline_free(struct cmdline *c)
{
	g_free((gpointer)c->sets);
}
