/* SPDX-License-Identifier: Apache-2.0 */
/** A load of one kind: sets it up, measures, says what was found, tidies up. */
#ifndef LOAD_SCENARIO_H
#define LOAD_SCENARIO_H
void scenario_broadcast(void); /**< One publisher, opt.subs subscribers. */
void scenario_flood(void);     /**< The same, first left alone, then with opt.flood at its port. */
/** The same with more and more subscribers, until it goes wrong. */
void scenario_capacity(void);
void scenario_conference(void); /**< opt.pubs participants, all to all. */
void scenario_echo(void);       /**< opt.peers who hear themselves. */
void scenario_record(void);     /**< opt.peers who hear themselves, recorded and not. */
/** A recording, played to opt.subs viewers, beside a broadcast to as many. */
void scenario_playback(void);
void scenario_setup(void);  /**< opt.rate new connections a second. */
void scenario_memory(void); /**< opt.peers who do nothing. */
void scenario_signal(void); /**< Requests alone. */
#endif
