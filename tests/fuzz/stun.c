/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams on several paths through the ICE mux, with peers that come and go, begin ICE anew and
 * let time pass. Checks are made of attributes that the input tells, and signed or not: so it gets
 * past the integrity, too. What is not signed by a peer's password moves nothing, and gets at most
 * the short answer of a plain request. */
#include "../../core/rtc/ossl.h"
#include "fuzz.h"
#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <stun/stunagent.h>
#include "../../core/base/clock.h"
#include "../../core/rtc/ice.h"
#include "../../core/rtp/rtp.h"

#define PEERS        4
#define PATHS        4
#define PLAIN_ANSWER 32u /* header and XOR-MAPPED-ADDRESS */
#define HEADER       20
#define INTEGRITY    24
#define FINGERPRINT  8
#define COOKIE       0x2112a442u

static const char *const ufrags[] = { "aaaaaaaaaaaa", "bbbb", "c", "dddddddd", "eeee", "ffff" };
static const char *const pwds[] = { "passwordpasswordpassword", "another-one-another-one!",
	"pwdpwdpwdpwdpwdpwdpwd", "pwdpwdpwdpwdpwdpwdpwdpwd", "eeeeeeeeeeeeeeeeeeeeee",
	"ffffffffffffffffffffff" };
#define CREDS (sizeof ufrags / sizeof *ufrags)

static int64_t now_us;
static bool is_open[PEERS];
static struct path paths[PATHS];
static const struct path *at_hand; /* where the datagram at hand came from */
static size_t answered;
static unsigned n_answers, n_moves;
static bool is_signed; /* the datagram at hand, with a password of a peer */

static void on_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	(void)arg;
	(void)path;
	must(len >= HEADER && !(data[0] & 0xc0) && rd16(data + 2) == len - HEADER);
	answered += len;
	n_answers++;
}

static void on_heard(void *arg, uint32_t slot)
{
	(void)arg;
	must(is_signed && slot < PEERS && is_open[slot]);
}

static void on_path(void *arg, uint32_t slot, const struct path *path)
{
	(void)arg;
	must(is_signed && slot < PEERS && is_open[slot]);
	must(path_equal(path, at_hand));
	n_moves++;
}

static const struct ice_ops ops = { .send = on_send, .heard = on_heard, .path = on_path };

/* ---- messages ---- */

static size_t put(uint8_t *at, unsigned type, const void *value, size_t len)
{
	wr16(at, (uint16_t)type);
	wr16(at + 2, (uint16_t)len);
	memcpy(at + 4, value, len);
	memset(at + 4 + len, 0, -len & 3);
	return 4 + ((len + 3) & ~(size_t)3);
}

/* Attributes as a browser sends them, each wanted or not. */
static size_t attributes(struct script *s, uint8_t *at, const char *ufrag)
{
	unsigned which = script_8(s);
	char user[64];
	uint8_t eight[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, *from = at;
	int n = snprintf(user, sizeof user, "%s:peer", ufrag);
	if (which & 1)
		at += put(at, STUN_ATTRIBUTE_USERNAME, user, (size_t)n);
	if (which & 2)
		at += put(at, STUN_ATTRIBUTE_PRIORITY, eight, 4);
	if (which & 4)
		at += put(at, STUN_ATTRIBUTE_USE_CANDIDATE, eight, 0);
	if (which & 8)
		at += put(at,
			which & 16 ? STUN_ATTRIBUTE_ICE_CONTROLLED : STUN_ATTRIBUTE_ICE_CONTROLLING,
			eight, 8);
	if (which & 32) { /* any attribute */
		size_t len = script_8(s);
		unsigned type = script_16(s);
		const uint8_t *value = script_bytes(s, &len);
		at += put(at, type, value, len);
	}
	return (size_t)(at - from);
}

static size_t sign(uint8_t *msg, size_t len, const char *pwd)
{
	uint8_t mac[20];
	unsigned n = sizeof mac;
	wr16(msg + 2, (uint16_t)(len - HEADER + INTEGRITY));
	must(HMAC(EVP_sha1(), pwd, (int)strlen(pwd), msg, len, mac, &n));
	return put(msg + len, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, mac, sizeof mac);
}

static size_t fingerprint(uint8_t *msg, size_t len)
{
	uint32_t crc = 0xffffffff;
	uint8_t value[4];
	wr16(msg + 2, (uint16_t)(len - HEADER + FINGERPRINT));
	for (size_t i = 0; i < len; i++) {
		crc ^= msg[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	wr32(value, ~crc ^ 0x5354554e);
	return put(msg + len, STUN_ATTRIBUTE_FINGERPRINT, value, sizeof value);
}

static size_t message(struct script *s, uint8_t *msg)
{
	unsigned how = script_8(s), whose = script_below(s, CREDS);
	size_t len = HEADER;
	memset(msg, 0, HEADER);
	wr16(msg, how & 0x80 ? script_16(s) : 0x0001);
	wr32(msg + 4, COOKIE);
	wr16(msg + 8, (uint16_t)(how & 0x40 ? 7 : script_16(s))); /* the transaction */
	len += attributes(s, msg + len, ufrags[whose]);
	is_signed = how & 1;
	if (how & 1)
		len += sign(msg, len, pwds[how & 2 ? script_below(s, CREDS) : whose]);
	if (how & 4)
		len += attributes(s, msg + len, ufrags[whose]);
	if (how & 8)
		len += fingerprint(msg, len);
	wr16(msg + 2, (uint16_t)(len - HEADER));
	return len;
}

/* ---- what is done with them ---- */

static void hand_over(struct ice *ice, const struct path *from, const uint8_t *data, size_t len)
{
	uint8_t *exact = fuzz_copy(data, len);
	at_hand = from;
	answered = n_answers = n_moves = 0;
	ice_stun(ice, from, exact, len);
	free(exact);
	must(n_answers <= 2 && n_moves <= 1);
	must(is_signed || answered <= PLAIN_ANSWER);
}

static void one(struct ice *ice, struct script *s)
{
	uint8_t msg[2048];
	unsigned op = script_8(s), slot = op >> 4 & 3, cred;
	size_t len;
	const struct path *from = &paths[op >> 6];
	switch (op & 7) {
	case 0:
		cred = script_below(s, CREDS);
		is_open[slot] |= ice_open(ice, slot, ufrags[cred], pwds[cred]) == OK;
		break;
	case 1:
		cred = script_below(s, CREDS);
		ice_restart(ice, slot, ufrags[cred], pwds[cred]);
		break;
	case 2:
		ice_close(ice, slot);
		is_open[slot] = false;
		break;
	case 3:
		now_us += script_16(s) * 1000LL;
		clock_fake(now_us);
		break;
	case 4:
		len = script_8(s);
		is_signed = false;
		const uint8_t *raw = script_bytes(s, &len);
		hand_over(ice, from, raw, len);
		break;
	default:
		len = message(s, msg);
		hand_over(ice, from, msg, len);
		break;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (unsigned i = 0; i < PATHS; i++) {
		paths[i].local.v4.sin_family = paths[i].remote.v4.sin_family = AF_INET;
		paths[i].local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		paths[i].remote.v4.sin_addr.s_addr = htonl(0xc0000201 + i / 2);
		paths[i].remote.v4.sin_port = htons((uint16_t)(10000 + i));
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	struct ice *ice;
	if (size > 4096)
		return 0;
	now_us = 1000000000;
	clock_fake(now_us);
	memset(is_open, 0, sizeof is_open);
	must(ice = ice_create(PEERS, &ops, NULL));
	must(ice_open(ice, 0, ufrags[0], pwds[0]) == OK);
	must(ice_open(ice, 1, ufrags[1], pwds[1]) == OK);
	is_open[0] = is_open[1] = true;
	while (!script_over(&s))
		one(ice, &s);
	ice_destroy(ice);
	return 0;
}
