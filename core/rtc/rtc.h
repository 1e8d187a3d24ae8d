/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "data.h"
#include "msg.h"
#include "rtc_conf.h"

/** @file
 * The door of the media side: start the workers and the secure thread, send them commands, read
 * their reports. */

/** Start all threads. Control thread, once. @p reports gets struct report records from then on, @p
 *  data struct data_event.
 *  @param why 256 bytes, the reason of a failure ("UDP port 10000: address in use") */
enum err rtc_start(
	const struct rtc_conf *conf, struct queue *reports, struct queue *data, char *why);
/** Close what is open and join all threads. */
void rtc_stop(void);
/** Send a command to a worker. ERR_FULL: its queue is full. Control thread. */
enum err rtc_post(unsigned worker, const struct cmd *c);
/** Where one who fills a source of a worker puts its records (router/source/source_msg.h). Any
 *  thread may push, until rtc_stop(). */
struct queue *rtc_media_queue(unsigned worker);
/** The slot of the first source: those of peers are below it. */
unsigned rtc_first_source(void);
/** Let a worker's router go by other values. ERR_FULL: its queue is full. Control thread. */
enum err rtc_tune(unsigned worker, const struct router_tuning *t);
/** As secure_data_send() and secure_data_consumed(). Control thread. */
enum err rtc_data_send(uint64_t peer, struct data_msg *m);
enum err rtc_data_consumed(uint64_t peer, size_t cost);
/** sha-256 of our certificate, "AA:BB:…". */
const char *rtc_fingerprint(void);
/** A fresh user fragment and password for a peer on @p worker: the ufrag names process and worker,
 *  then 48 random bits. */
void rtc_ice_credentials(unsigned worker, char ufrag[ICE_OUR_UFRAG + 1], char pwd[ICE_OUR_PWD + 1]);
struct loop;
/** Let candidates and address follow the network from now on. Once, after rtc_start(). Control
 *  thread.
 *  @param loop that of control, which ends after rtc_stop() */
void rtc_follow_network(struct loop *loop);
/** Candidate @p i of a worker, as after "a=candidate:" ("1 1 udp 2015363327 192.0.2.2 10000 typ
 *  host"), NULL: no more. Borrowed until the next turn of the loop. Control thread. */
const char *rtc_candidate(unsigned worker, unsigned i);
/** The address for o= and c= lines: the public or else the first local one. Likewise. */
const char *rtc_address(void);
