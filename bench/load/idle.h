/* SPDX-License-Identifier: Apache-2.0 */
/** WebSockets that are open and silent. They are not looked at again, so they cost the client
 *  nothing. */
#ifndef LOAD_IDLE_H
#define LOAD_IDLE_H
/** Open @p n of them at opt.url; ends the program when the server does not take them. */
void idle_open(int n);
void idle_close(void);
#endif
