/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Answers that need a worker's word first: handle_info waits for its statistics, though not for
 * long. admin_sessions.c asks; worker_reports.c brings the word; handleinfo.c makes the answer.
 * Control thread. */
struct loop;
struct peer_report;
struct peer_stats;
struct request;

void stats_queries_start(struct loop *loop);
void stats_queries_stop(void); /**< Forgets what waits. */
/** Answers a request whose session and handle are there. @param report NULL: no worker answered */
typedef void stats_answer(struct request *r, const struct peer_report *report);
/** Have the worker of r->handle asked before the request is answered.
 *  @param most so many queries may wait, of whomever
 *  @return false: there is none to be asked, or no room; answer without */
bool stats_query(struct request *r, unsigned most, stats_answer *answer);
/** Does such an answer of r->handle wait already? */
bool stats_query_waits(const struct request *r, stats_answer *answer);
/** How many of a client's, of this kind, wait for workers. */
unsigned stats_query_of(const struct cardea_origin *client, stats_answer *answer);
/** Answer handle_info, now or when the worker has answered. */
void stats_query_handle_info(struct request *r, bool plugin_only);
/** A worker's answer to CMD_STATS. */
void stats_query_report(const struct peer_stats *s);
