/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <curl/curl.h>
#include <glib.h>
#include <libconfig.h>
#include <libwebsockets.h>
#include <srtp2/srtp.h>
#include <uv.h>
#include <wslay/wslay.h>
#include <cardea/json.h>
#include "../rtc/imb.h"
#include "../web/http.h"
#include "libraries.h"
#include "sign.h"

static void set(json_t *o, const char *name, const char *version)
{
	if (version)
		json_object_set_new(o, name, cardea_json_text(version));
}

static void set_numbers(json_t *o, const char *name, unsigned major, unsigned minor, unsigned patch)
{
	char version[40];
	g_snprintf(version, sizeof version, "%u.%u.%u", major, minor, patch);
	set(o, name, version);
}

json_t *libraries(void)
{
	json_t *o = json_object();
	set_numbers(o, "glib2", glib_major_version, glib_minor_version, glib_micro_version);
	set(o, "jansson", jansson_version_str());
	set(o, "libnice", NICE_VERSION);
	set(o, "libsrtp", srtp_get_version_string());
	set(o, "usrsctp", USRSCTP_VERSION);
	set(o, "libcurl", curl_version_info(CURLVERSION_NOW)->version);
	set(o, "crypto", sign_library());
	set(o, "ipsec-mb", imb_version());
	set(o, "libwebsockets", lws_get_library_version());
	set(o, "libuv", uv_version_string());
	set(o, "llhttp", http_library());
	set(o, "wslay", WSLAY_VERSION);
	set_numbers(
		o, "libconfig", LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION);
	return o;
}
