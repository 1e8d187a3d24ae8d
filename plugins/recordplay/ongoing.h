/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session.h"

/** @file
 * A recording that is being made. It may outlive its handle: it is listed when its files are whole.
 */

/** What a new one is to be: the checked fields of `record`. @return false with @p e filled */
bool ongoing_plan(const struct cardea_args *args, bool is_private, struct entry *out,
	char base[ENTRY_NAME + 1], struct cardea_error *e);
/** Is one of this number being made? */
bool ongoing_has(uint64_t id);

/** Could files of this base be made? @return false with @p e filled */
bool ongoing_check(const char *base, struct cardea_error *e);
/** Begin, as planned, to record s->lines, which are agreed on. @return false with @p e filled */
bool ongoing_start(
	struct session *s, const struct entry *plan, const char *base, struct cardea_error *e);
/** s->lines are others. @param agreed with which codecs */
void ongoing_lines_changed(struct session *s, const struct entry *agreed);
void ongoing_keyframes_changed(struct session *s); /**< s->keyframe_ms */
void ongoing_pause(struct session *s, bool on);
/** Its handle is done with it. Not recording: fine. @param whole called with the session when its
 *  files are whole, unless ongoing_forget() comes first; NULL: nobody waits
 *  @return whether it will be called */
bool ongoing_end(struct session *s, void (*whole)(struct session *s));
void ongoing_forget(const struct session *s); /**< This session waits for nothing any more. */
uint64_t ongoing_id(const struct session *s);
bool ongoing_is_private(const struct session *s);
