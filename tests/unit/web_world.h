/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cardea/transport.h>
#include "../../core/web/host.h"

/** @file
 * A host with one WebSocket endpoint that echoes and one path that answers, spoken to over
 * loopback. */
#define MAX_MESSAGE 400000
#define BIG         (4u << 20) /* bytes of the answer at /test/big */
#define WAIT_MS     20000

/** Each test has its own: they run beside each other. */
extern const uint16_t web_port;

extern sem_t opened, closed, held, ended;
extern _Atomic uint64_t socket_id, held_id;
extern _Atomic int was_delivered, last_refused, n_asked, n_before_mark;
extern _Atomic unsigned close_code;

/* ---- the mounts, on the web thread ---- */

void on_message(void *arg, uint64_t conn, const char *data, size_t len);
void on_late(void *arg, uint64_t id);

/* ---- the client ---- */

int dial(void);
void say(int fd, const char *data, size_t len);

/** Read one answer: headers, and a body of Content-Length. @return its status, 0: the connection
 *  ended */
int hear(int fd, char *out, size_t size);
int ask(int fd, const char *request, char *out, size_t size);
void wait_for(sem_t *s);

#define UPGRADE \
	"GET /any?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"

int shake(void);

/** A frame with a mask of zeros. */
void frame(int fd, unsigned first_byte, const char *data, size_t len);

/** @return the length of the next frame, its first byte in @p first */
size_t expect_frame(int fd, unsigned *first, char *out, size_t size);
int start(void **state);
int stop(void **state);

#define GET "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"
void say_text(int fd, const char *text);
/** The answer to @p request, on a connection of its own. @return its status */
int ask_alone(const char *request, char *out, size_t size);
/** Bytes that this process has asked for. */
size_t allocated(void);
void wait_here(const void *rec, size_t len);
unsigned expect_close(int fd);
extern sem_t go_on;
