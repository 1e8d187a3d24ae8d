/* SPDX-License-Identifier: Apache-2.0 */
/** Packets that a server has to throw away, sent to the port of a call that is running.
 *    garbage   random bytes of any length and first byte, from an address that the server does not
 *    know
 *    replay    packets of the publisher that were sent before, from the publisher's own address
 *    wrongkey  the publisher's next packets by their header, with a body that his key does not
 *    open, from his address
 * */
#ifndef LOAD_FLOOD_H
#define LOAD_FLOOD_H
#include <stdint.h>

struct peer;

void flood_start(struct peer *publisher); /**< opt.flood, at opt.flood_rate */
void flood_stop(void);
void flood_send(uint64_t now); /**< All that is due. */
uint64_t flood_next(void);
uint64_t flood_sent(void); /**< Since it was started. */
#endif
