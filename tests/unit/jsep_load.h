/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/jsep/negotiate.h"
#include "../../core/router/track.h"

/** @file
 * For the tests of core/jsep: recorded descriptions, and what surrounds a description of ours. */

#define N_OF(a) (sizeof(a) / sizeof *(a))

/** Text of tests/unit/data/jsep/<name>, to be freed. */
char *load(const char *name);

/** Parse what must be good. */
struct cardea_desc *parse(const char *text, enum cardea_desc_type type, struct sdp_transport *t);
struct cardea_desc *parse_file(
	const char *name, enum cardea_desc_type type, struct sdp_transport *t);

/** Print as an answer to the peer whose transport is @p t, or as an offer. */
char *print(
	const struct cardea_desc *d, const struct sdp_transport *t, const struct negotiation *n);

#define BIT(x) (1u << CARDEA_EXT_##x)
#define ECHO_EXTS \
	(BIT(MID) | BIT(RID) | BIT(RRID) | BIT(AUDIO_LEVEL) | BIT(ORIENTATION) | \
		BIT(PLAYOUT_DELAY) | BIT(TWCC))
#define ALL_FEEDBACK \
	(CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB | CARDEA_FB_TWCC)

/** Answer as a plugin would: what is offered, with the first codec. @p dir CARDEA_SENDRECV: as
 *  echotest, CARDEA_RECV: as videoroom, which wants no transport-wide feedback of audio. */
struct cardea_desc *answer_to(const struct cardea_desc *offer, enum cardea_dir dir);
