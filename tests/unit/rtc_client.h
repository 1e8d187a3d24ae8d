/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/** @file
 * A WebRTC client for tests, made of other parts than the server: OpenSSL on a connected socket,
 * libsrtp2, and libnice's STUN as a controlling agent. Everything waits for an event, with a
 * generous bound. */
#include "../../core/rtc/ossl.h"
#include <arpa/inet.h>
#include <poll.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stun/usages/ice.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/rtc/addr.h"
#include "../../core/rtc/rtc.h"
#include "../../core/rtp/rtp.h"

#define WAIT_MS 10000

struct client {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	srtp_t out, in;
	uint16_t profile;
	StunAgent stun;
	char user[64];
	uint8_t fingerprint[32];
	bool answers; /* the server's checks, while it waits for a datagram */
	unsigned n_answered;
};

void client_cert(SSL_CTX *ctx, uint8_t fingerprint[32]);
int client_any_cert(int ok, X509_STORE_CTX *s);

/* @param profiles as for SSL_CTX_set_tlsext_use_srtp, in the client's order */
void client_make(struct client *c, const char *profiles);
void client_connect(struct client *c, uint16_t port);
void client_free(struct client *c);

/* Another source address: what a change of network looks like. */
void client_rebind(struct client *c, uint16_t port);

#define CLIENT_UFRAG "peer"
#define CLIENT_PWD   "peerpeerpeerpeerpeerpeer"

bool client_password(StunAgent *agent, StunMessage *msg, uint8_t *name, uint16_t len,
	uint8_t **password, size_t *password_len, void *data);

/* Answer a check of the server's. @param from what it shall be told of its own address
 * @return bytes, 0: it is not a valid one */
size_t client_answer(struct client *c, const uint8_t *check, size_t len, const struct addr *from,
	uint8_t *out, size_t size);

/* Was it a check that has been answered? */
bool client_answers(struct client *c, const uint8_t *data, size_t len);

/* @return bytes received, 0: nothing came in time */
size_t client_recv(struct client *c, uint8_t *buf, size_t size, int wait_ms);
size_t client_check(struct client *c, uint8_t *buf, size_t size, const char *ufrag, const char *pwd,
	bool nominate, bool controlling);

/* One check and its answer. @return error code of the answer, 0: success, -1: none came */
int client_ping(struct client *c, const char *ufrag, const char *pwd, bool nominate,
	bool controlling, int wait_ms);

/* @param mtu 0: as usual; a small one cuts every flight into several datagrams */
void client_dtls_start(struct client *c, int mtu);

/* @return false: it failed, or so many waits of 50 ms were too few */
bool client_dtls_go_on(struct client *c, bool is_client, int waits);

/* Bring DTLS up. @param mtu as for client_dtls_start() */
bool client_dtls(struct client *c, bool is_client, int mtu);
size_t client_rtp(uint8_t *out, uint8_t pt, uint16_t seq, uint32_t ts, uint32_t ssrc,
	const void *payload, size_t len);
void client_send_rtp(struct client *c, const uint8_t *rtp, size_t len);

/* The next RTP packet, decrypted. @return its length, 0: none in time */
size_t client_recv_rtp(struct client *c, uint8_t *buf, size_t size, int wait_ms);
