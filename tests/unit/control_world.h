/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <cardea/transport.h>
#include "text.h"
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/control/control.h"
#include "../../core/control/data_channels.h"
#include "../../core/control/handle.h"
#include "../../core/control/options.h"
#include "../../core/control/peerconn.h"
#include "../../core/control/plugins.h"
#include "../../core/control/transports.h"
#include "../../core/control/worker_reports.h"
#include "../../core/rtc/rtc.h"

/** @file
 * A control side without threads or network: a transport that keeps what it is given, a plugin that
 * does what it is told, a media side that keeps its commands, and a clock that a test moves. */

/* ---- the clock and the loop ---- */

extern struct conf *conf;
extern int64_t now_us;

void turn(void);

/** Let @p seconds pass, half a second at a time. */
void pass(double seconds);

/* ---- the transport ---- */

struct heard {
	uint64_t client, request, session_id;
	json_t *msg;
};
extern GQueue heard_by_all;
extern bool is_deaf; /* what is sent is counted, not read */
extern unsigned n_sent, n_errors;
extern GString *owned; /* "+client:session" and "-client:session" */
extern int last_poll_status;

extern int text_style;

extern const struct cardea_transport fake_transport;

/** Next message for a client, or NULL. Owned by the caller. */
json_t *hear(uint64_t client);

extern const char *from_ip; /* where clients are; "": nowhere */

struct cardea_origin origin(uint64_t client, bool admin);
void say(uint64_t client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ask_admin(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define ON_SESSION "'transaction':'t','session_id':%" PRIu64
#define ON_HANDLE  ON_SESSION ",'handle_id':%" PRIu64

void hears(uint64_t client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hears_error(uint64_t client, int code, const char *reason);
void hears_nothing(uint64_t client);

/** The data.id of the next answer. */
uint64_t hears_id(uint64_t client);
uint64_t create_session(uint64_t client);
uint64_t attach_handle(uint64_t client, uint64_t session);

/* ---- the plugin ---- */

extern GString *hooks; /* what was called, in order */
extern struct cardea_handle *last_attached;
extern int refuse_attach;
extern int64_t detach_takes_us;

json_t *word(const char *text);

extern bool probe_is_busy; /* it takes no messages */

extern const struct cardea_plugin probe;

void called(const char *expected);

/* ---- the media side ---- */

extern struct cmd cmds[4096];
extern unsigned n_cmds, n_closes;
extern struct data_msg *data_sent[64];
extern unsigned n_data;
extern size_t data_consumed;
extern bool media_full;
/* from the fails_at-th on so many posts find a full queue */
extern unsigned n_posts, fails_at, n_fails;

unsigned count_cmds(enum cmd_type type);
const struct cmd *cmd_of(enum cmd_type type);
void report(struct report *r);

extern struct queue *media_queue; /* of the workers: where what is played goes; a test's */

extern struct router_tuning tuned; /* as the workers know it */
extern unsigned n_tuned;

void data_event(const struct data_event *e);

/* ---- begin and end ---- */

/** @param sets overrides of the configuration, NULL-terminated, or NULL */
void begin_with(const char *const *sets);
void end(void);
int begin(void **state);
int finish(void **state);
