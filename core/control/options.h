/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "../base/log.h"
#include "../rtc/rtc.h"
#include "ice_servers.h"
#include "record_options.h"

/** @file
 * The options of cardea.jcfg as the typed values that the core works with. Read
 * once, before all else; everything on the control side reads `settings`. Control thread. */

/** What the control side needs to know. Strings are borrowed from the configuration, which outlives
 * everything. */
struct settings {
	const char *api_secret, *admin_secret, *token_secret; /**< NULL: none */
	bool token_auth;
	bool token_store;    /**< stored tokens are kept in state_dir */
	unsigned max_tokens; /**< stored ones */
	const char *server_name;
	const char *address;        /**< for the o= and c= lines and local-ip; NULL: as detected */
	char interface_address[64]; /**< the same, where general.interface names an interface */
	unsigned session_timeout_s; /**< 0: never */
	unsigned reclaim_s;         /**< 0: sessions end with their connection */
	unsigned candidates_timeout_s;
	unsigned max_sessions, max_handles; /**< of the server, of one session */
	unsigned max_sessions_per_address;  /**< 0: no bound */
	bool address_is_bounded;            /**< it was set: then it holds for this machine too */
	unsigned requests_per_s;            /**< of one client; 0: no bound */
	size_t max_message;                 /**< bytes */
	bool opaqueid_in_api, hide_dependencies, exit_on_dl_error;
	bool accepting;                  /**< new sessions; false while draining */
	const json_t *protected_folders; /**< array of prefixes; NULL: none */
	const char *plugins_folder,
		*transports_folder, /**< NULL: where they were built or installed */
		*events_folder;
	const char *plugins_disable, *transports_disable, *events_disable;
	const char *emitter; /**< server_name as configured; NULL: it is not */
	bool events_on, combine_media_stats;
	unsigned stats_period_s; /**< 0: none */
	/** as configured, NULL: the default; once the server starts: a folder that is there, NULL:
	 *  none */
	const char *state_dir;
	unsigned watchdog_s; /**< a loop that hangs for so long ends the process; 0: never */
	unsigned open_files; /**< check_openfiles_limit; 0: not asked for */
	struct log_conf log;
	int log_rotate_signal; /**< that opens its file again */
	/** as the Admin API was told, and shows: there is nothing that they could change */
	struct {
		bool locking_debug, refcount_debug, libnice_debug, nack_optimizations;
	} idle;
	unsigned peers_together; /**< of one room on one worker */
	struct rtc_conf rtc;
	char public_addresses[512]; /**< nat_1_1_mapping with its host names looked up */
	struct ice_servers_conf ice;
	struct record_settings record;
	const char *recordings_ending; /**< of files that are not whole; may be without a dot */
};
extern struct settings settings;

/** Check cardea.jcfg against its table and fill in @p out. What is wrong with single options, or
 * with several together, is kept by the configuration: see conf_findings(). What they name on this
 * machine is not looked at: see machine.h. */
void options_read(struct settings *out, struct conf *conf);
/** general.protected_folders, NULL at the end; g_strfreev(). */
char **options_protected_folders(void);
