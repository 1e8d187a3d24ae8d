/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "control_world.h"

/** @file
 * The video room on a control side whose workers are the test: clients that join, publish and
 * subscribe. */

#define TRIES 100

extern uint64_t s;
extern const char *credential; /* a token that requests bear; NULL: none is asked for */

/* ---- descriptions ---- */

#define HEAD \
	"v=0\r\no=- 1 %u IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:%s\r\n" \
	"a=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF\r\na=setup:%s\r\na=group:BUNDLE"

/* @param lines "av": what is sent; a capital letter: stopped for now */
char *offer_sdp(const char *lines, const char *ufrag);

/* Takes all that is offered. */
char *answer_sdp(const char *offer);

/* ---- clients ---- */

struct client {
	uint64_t handle;
	char *offer;   /* of the server's, not answered yet; NULL: none */
	bool is_e2ee;  /* it said so */
	GString *talk; /* "+mid" and "-mid": who talks */
	bool hung_up;
};

extern struct client everybody[4], *const ann, *const bob, *const carl, *const boss;

/* @return the answer, by the plugin or an error of the core's; what else comes is noted */
json_t *ask_once(
	const struct client *c, const char *body, const char *type, const char *sdp, bool e2ee);
json_t *plugin_data(const json_t *answer);

/* The same, again while the worker is overloaded. @return the plugin's error code, 0: none */
int ask_jsep(struct client *c, const char *body, const char *type, const char *sdp, bool e2ee);
int ask(struct client *c, const char *body);
int publish_as(struct client *c, const char *body, const char *lines, const char *ufrag, bool e2ee);

/* Answer what the server offers, until it offers no more. */
void accept_offers(struct client *c);
void attach_client(struct client *c);
void listen_on(void);
void detach_client(struct client *c);
uint64_t peer_of(const struct client *c);
void connect_client(const struct client *c);
int begin_room_with(const char *const *sets, void **state);
int begin_room(void **state);
int end_room(void **state);

/* ---- rooms ---- */

#define JOIN "{'request':'join','room':5,'ptype':'publisher','id':%u}"

void join(struct client *c, unsigned id);

#define VIEW(feed, more) \
	"{'request':'join','room':5,'ptype':'subscriber'," more "'streams':[{'feed':" feed "}]}"

void create_room(const char *more);
