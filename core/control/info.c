/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <commit.h>
#include "../rtc/addr.h"
#include "../rtc/rtc.h"
#include "eventhandlers.h"
#include "info.h"
#include "libraries.h"
#include "options.h"
#include "plugins.h"
#include "product.h"
#include "reply.h"
#include "transports.h"

#define INTERFACES_MAX 256 /* addresses that are looked at */

static void set_bool(json_t *o, const char *name, bool value)
{
	json_object_set_new(o, name, json_boolean(value));
}

static void set_int(json_t *o, const char *name, int64_t value)
{
	json_object_set_new(o, name, json_integer(value));
}

static void set_str(json_t *o, const char *name, const char *value)
{
	json_object_set_new(o, name, cardea_json_text(value));
}

static void put_product(json_t *o)
{
	set_str(o, "name", PRODUCT);
	set_int(o, "version", API_LEVEL);
	set_str(o, "version_string", product_version());
	set_str(o, "author", "The Cardea developers");
	set_str(o, "commit-hash", CARDEA_COMMIT);
	set_str(o, "compile-time", __DATE__ " " __TIME__);
	set_bool(o, "log-to-stdout", settings.log.to_stdout);
	set_bool(o, "log-to-file", settings.log.file != NULL);
	if (settings.log.file)
		set_str(o, "log-path", settings.log.file);
	set_bool(o, "data_channels", true);
}

static void put_session(json_t *o)
{
	set_bool(o, "accepting-new-sessions", settings.accepting);
	set_int(o, "session-timeout", settings.session_timeout_s);
	set_int(o, "reclaim-session-timeout", settings.reclaim_s);
	set_int(o, "candidates-timeout", settings.candidates_timeout_s);
	set_str(o, "server-name", settings.server_name);
}

/* The first address of the machine itself, which rtc_address() hides behind a public one. */
static const char *private_address(char ip[INET6_ADDRSTRLEN])
{
	const struct rtc_conf *r = &settings.rtc;
	const struct addr_conf unmapped = { .ipv6 = r->ipv6,
		.ipv6_linklocal = r->ipv6_linklocal,
		.enforce_list = r->enforce_list,
		.ignore_list = r->ignore_list };
	struct addr_if ifs[INTERFACES_MAX];
	struct addr_list list;
	addr_choose(&list, &unmapped, ifs, addr_interfaces(ifs, INTERFACES_MAX));
	return list.n ? addr_ip(&list.at[0].addr, ip) : "0.0.0.0";
}

static void put_addresses(json_t *o)
{
	const char *mapped = settings.rtc.nat_1_1, *local = settings.address;
	char ip[INET6_ADDRSTRLEN];
	if (!local)
		local = mapped ? private_address(ip) : rtc_address();
	set_str(o, "local-ip", local);
	if (!mapped)
		return;
	json_t *all = json_array();
	char **list = g_strsplit(mapped, ",", -1);
	for (unsigned i = 0; list[i]; i++)
		if (*g_strstrip(list[i]))
			json_array_append_new(all, cardea_json_text(list[i]));
	g_strfreev(list);
	if (json_array_size(all))
		json_object_set(o, "public-ip", json_array_get(all, 0));
	if (json_array_size(all) > 1)
		json_object_set(o, "public-ips", all);
	json_decref(all);
}

static void put_media(json_t *o)
{
	const struct rtc_conf *r = &settings.rtc;
	set_bool(o, "ipv6", r->ipv6);
	if (r->ipv6)
		set_bool(o, "ipv6-link-local", r->ipv6_linklocal);
	set_bool(o, "ice-lite", true);
	set_bool(o, "ice-tcp", false);
	set_str(o, "ice-nomination", "aggressive");
	set_bool(o, "ice-consent-freshness", true);
	set_bool(o, "ice-keepalive-conncheck", false);
	set_bool(o, "hangup-on-failed", true);
	set_bool(o, "full-trickle", false);
	set_bool(o, "mdns-enabled", false);
	set_int(o, "min-nack-queue", r->router.nack_history_us / 1000);
	set_bool(o, "nack-optimizations", false);
	set_int(o, "twcc-period", r->router.twcc_period_us / 1000);
	if (r->dscp)
		set_int(o, "dscp", r->dscp);
	set_int(o, "dtls-mtu", r->mtu);
	set_int(o, "static-event-loops", 0);
}

json_t *info_answer(const char *transaction)
{
	json_t *o = reply_new("server_info", 0, transaction);
	put_product(o);
	put_session(o);
	put_addresses(o);
	put_media(o);
	set_bool(o, "api_secret", settings.api_secret != NULL);
	set_bool(o, "auth_token", settings.token_auth);
	set_bool(o, "event_handlers", settings.events_on);
	set_bool(o, "opaqueid_in_api", settings.opaqueid_in_api);
	if (!settings.hide_dependencies)
		json_object_set_new(o, "dependencies", libraries());
	json_object_set_new(o, "transports", transports_info());
	json_object_set_new(o, "events", eventhandlers_info());
	json_object_set_new(o, "loggers", json_object());
	json_object_set_new(o, "plugins", plugins_info());
	return o;
}
