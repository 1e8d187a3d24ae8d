/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "control_world.h"

/** @file
 * A call on the control side of control_world.h: what the client says and hears. */
#define FINGERPRINT \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF"

extern uint64_t s, h;
/* An SDP in JSON form. @param video direction of its video m-line, NULL: none */
char *sdp(const char *ufrag, const char *setup, const char *audio, const char *video,
	unsigned version);
void message(const char *body, const char *type, char *text, const char *more);
void hears_ack(void);
/* The jsep of the next event: checks its type and gives its SDP, owned by the caller. */
char *hears_jsep(const char *type, bool e2ee);
void has_text(const char *text, const char *part);
/* A call that is up: audio and video, answered by the plugin. */
void call(void);
int begin_call_with(const char *const *sets);
int begin_call(void **state);
