/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams on several paths through the ICE mux, with peers that come and go, begin ICE anew and
 * let time pass. Checks are made of attributes that the input tells, and signed or not: so it gets
 * past the integrity, too. Our own checks are answered, from where they went or from elsewhere.
 *  - What is not signed by a peer's password moves nothing, and gets at most the short answer of a
 *    plain request.
 *  - A path that answered no check of ours, and saw no handshake, gets three times what came from
 * it.
 *  - A peer with a proven path moves to such paths only. */
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
#define CHECKS       64
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
static struct wheel *wheel;
static bool is_open[PEERS];
static bool is_settled[PEERS];       /* it has a proven path … */
static bool is_proven[PEERS][PATHS]; /* … of these */
static bool saw_proof[PATHS], has_path[PEERS];
static unsigned selected[PEERS]; /* path */
static const char *const peer_pwds[PEERS] = { "peer-peer-peer-peer-peer",
	"other-other-other-other!", "third-third-third-third!", "fourth-fourth-fourth-fou" };
static size_t came[PATHS], went[PATHS]; /* bytes */
static struct {                         /* checks of ours */
	uint8_t id[16];
	uint32_t slot;
	unsigned path;
} asked[CHECKS];
static unsigned n_asked;
static struct path paths[PATHS];
static size_t answered;
static unsigned n_answers;
static bool is_signed; /* the datagram at hand, with a password of a peer */

static unsigned number_of(const struct path *path)
{
	unsigned i = 0;
	while (!path_equal(&paths[i], path))
		must(++i < PATHS);
	return i;
}

static void goes(unsigned path, size_t len)
{
	went[path] += len;
	must(saw_proof[path] || went[path] <= 3 * came[path]);
}

static void on_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	unsigned to = number_of(path);
	(void)arg;
	must(len >= HEADER && !(data[0] & 0xc0) && rd16(data + 2) == len - HEADER);
	goes(to, len);
	if (rd16(data) == 0x0001) { /* for peerN */
		const uint8_t *user = memmem(data, len, "peer", 4);
		must(user && user[4] >= '0' && user[4] < '0' + PEERS);
		memcpy(asked[n_asked % CHECKS].id, data + 4, 16);
		asked[n_asked % CHECKS].slot = user[4] - '0';
		asked[n_asked++ % CHECKS].path = to;
		return;
	}
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
	must(slot < PEERS && is_open[slot]);
	must(!is_settled[slot] || is_proven[slot][number_of(path)]);
	selected[slot] = number_of(path);
	has_path[slot] = true;
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
	answered = n_answers = 0;
	came[number_of(from)] += len;
	ice_stun(ice, from, exact, len);
	free(exact);
	must(n_answers <= 1);
	must(is_signed || answered <= PLAIN_ANSWER);
}

static struct ice_way *way_of(const struct ice *ice, uint32_t slot, unsigned path)
{
	struct ice_way *w = ice_find(ice, &paths[path]);
	while (w && w->slot != slot)
		w = ice_next(w);
	return w;
}

/* Answer one of our checks in the name of a peer. */
static void answer(struct ice *ice, struct script *s, uint32_t slot, unsigned from)
{
	uint8_t msg[128] = { 0x01, 0x01 }, address[8] = { 0, 1 };
	unsigned n = script_8(s), how = script_8(s);
	size_t len = HEADER;
	if (!n_asked)
		return;
	n %= n_asked < CHECKS ? n_asked : CHECKS;
	memcpy(msg + 4, asked[n].id, 16);
	if (how & 1)
		len += put(msg + len, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, address, sizeof address);
	if (how & 2)
		from = asked[n].path;
	is_signed = !(how & 4);
	if (is_signed) /* may prove it: so it is allowed to */
		len += sign(msg, len, peer_pwds[slot]);
	if (how & 8)
		len += fingerprint(msg, len);
	wr16(msg + 2, (uint16_t)(len - HEADER));
	if (is_signed && from == asked[n].path && slot == asked[n].slot && is_open[slot])
		is_proven[slot][from] = saw_proof[from] = true;
	hand_over(ice, &paths[from], msg, len);
	const struct ice_way *w = way_of(ice, slot, from); /* it may not have been good enough */
	is_settled[slot] |= w && w->is_proven && has_path[slot] && selected[slot] == from;
}

static void handshake(struct ice *ice, uint32_t slot, unsigned from, bool is_done)
{
	struct ice_way *w = way_of(ice, slot, from);
	is_signed = false;
	came[from] += 100;
	if (w && !is_done) {
		ice_credit(w, 100);
		ice_dtls(ice, w);
	} else if (is_done && ice_shaken(ice, slot)) {
		must(has_path[slot]);
		saw_proof[selected[slot]] = is_proven[slot][selected[slot]] = true;
		is_settled[slot] = true;
	}
}

static void media(struct ice *ice, struct script *s, uint32_t slot, unsigned from)
{
	unsigned how = script_8(s);
	is_signed = true;
	if (how & 1) {
		came[from] += 100;
		ice_media(ice, slot, &paths[from], 100, how & 2);
	} else if (is_open[slot] && ice_allows(ice, slot, 1 + how)) {
		must(has_path[slot]);
		goes(selected[slot], 1 + how);
	}
}

static void meet(struct ice *ice, uint32_t slot)
{
	char ufrag[] = { 'p', 'e', 'e', 'r', (char)('0' + slot), 0 };
	is_signed = true;
	ice_peer(ice, slot, ufrag, peer_pwds[slot]);
}

static void one(struct ice *ice, struct script *s)
{
	uint8_t msg[2048];
	unsigned op = script_8(s), slot = op >> 4 & 3, cred;
	size_t len;
	const struct path *from = &paths[op >> 6];
	switch (op & 15) {
	case 0:
		cred = script_below(s, CREDS);
		if (ice_open(ice, slot, ufrags[cred], pwds[cred]) == OK)
			is_open[slot] = true;
		break;
	case 1:
		cred = script_below(s, CREDS);
		ice_restart(ice, slot, ufrags[cred], pwds[cred]);
		break;
	case 2:
		ice_close(ice, slot);
		is_open[slot] = is_settled[slot] = has_path[slot] = false;
		memset(is_proven[slot], 0, sizeof is_proven[slot]);
		break;
	case 3:
		is_signed = true; /* what a timer does, earlier words allowed */
		for (unsigned i = script_16(s) / 16; i; i -= i < 100 ? i : 100) {
			now_us += (i < 100 ? i : 100) * 16000LL;
			clock_fake(now_us);
			wheel_run(wheel, now_us);
		}
		break;
	case 8:
	case 9:
	case 10:
		answer(ice, s, slot, op >> 6);
		break;
	case 11:
	case 12:
		handshake(ice, slot, op >> 6, op & 4);
		break;
	case 13:
		media(ice, s, slot, op >> 6);
		break;
	case 14:
		meet(ice, slot);
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
	memset(is_settled, 0, sizeof is_settled);
	memset(is_proven, 0, sizeof is_proven);
	memset(saw_proof, 0, sizeof saw_proof);
	memset(has_path, 0, sizeof has_path);
	memset(came, 0, sizeof came);
	memset(went, 0, sizeof went);
	n_asked = 0;
	must(wheel = wheel_create(now_us));
	must(ice = ice_create(PEERS, &ops, NULL));
	ice_timers(ice, wheel);
	must(ice_open(ice, 0, ufrags[0], pwds[0]) == OK);
	must(ice_open(ice, 1, ufrags[1], pwds[1]) == OK);
	is_open[0] = is_open[1] = true;
	meet(ice, 0);
	meet(ice, 1);
	while (!script_over(&s))
		one(ice, &s);
	ice_destroy(ice);
	wheel_destroy(wheel);
	return 0;
}
