/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "rtc_ice_world.h"

struct ice *ice;
static struct wheel *wheel;
struct client c;
struct sent sent[256];
unsigned n_sent, n_heard, n_paths;
struct path chosen;
int64_t chosen_by, now;

static void on_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	struct sent *s = &sent[n_sent % 256];
	(void)arg;
	assert_true(len <= sizeof(s->data));
	memcpy(s->data, data, len);
	s->len = len;
	s->to = *path;
	n_sent++;
}

static void on_heard(void *arg, uint32_t slot)
{
	(void)arg;
	(void)slot;
	n_heard++;
}

static void on_path(void *arg, uint32_t slot, const struct path *path)
{
	(void)arg;
	chosen = *path;
	chosen_by = slot;
	n_paths++;
}

void forget(void)
{
	n_sent = n_heard = n_paths = 0;
}

int setup(void **state)
{
	static const struct ice_ops ops = { on_send, on_heard, on_path };
	(void)state;
	forget();
	chosen_by = -1;
	clock_fake(now = START);
	client_make(&c, "SRTP_AEAD_AES_128_GCM");
	ice = ice_create(MAX_PEERS, &ops, NULL);
	wheel = wheel_create(now);
	ice_timers(ice, wheel);
	assert_int_equal(ice_open(ice, PEER, UFRAG, PWD), OK);
	assert_int_equal(ice_peer(ice, PEER, CLIENT_UFRAG, CLIENT_PWD), OK);
	return 0;
}

int teardown(void **state)
{
	(void)state;
	ice_destroy(ice);
	wheel_destroy(wheel);
	client_free(&c);
	clock_fake(-1);
	return 0;
}

void pass(int64_t us)
{
	for (int64_t end = now + us; now < end;) {
		now = now + 10000 < end ? now + 10000 : end;
		clock_fake(now);
		wheel_run(wheel, now);
	}
}

struct path path(const char *remote, uint16_t port)
{
	struct path p;
	assert_true(addr_parse(&p.local, "192.0.2.1") && addr_parse(&p.remote, remote));
	addr_set_port(&p.remote, port);
	return p;
}

int64_t owner(const struct path *from)
{
	const struct ice_way *w = ice_find(ice, from);
	return w ? (int64_t)w->slot : -1;
}

size_t check(const struct path *from, const char *ufrag, const char *pwd, bool nominate)
{
	uint8_t buf[1500];
	size_t n = client_check(&c, buf, sizeof(buf), ufrag, pwd, nominate, true);
	ice_stun(ice, from, buf, n);
	return n;
}

static unsigned count(uint16_t type, const struct path *to)
{
	unsigned n = 0;
	for (unsigned s = 0; s < n_sent; s++)
		n += rd16(sent[s].data) == type && path_equal(&sent[s].to, to);
	return n;
}

unsigned asked(const struct path *to)
{
	return count(0x0001, to);
}

unsigned answered(const struct path *to)
{
	return count(0x0101, to);
}

const struct sent *last_check(const struct path *to)
{
	for (unsigned s = n_sent; s > 0; s--)
		if (rd16(sent[s - 1].data) == 0x0001 && path_equal(&sent[s - 1].to, to))
			return &sent[s - 1];
	fail_msg("it made no check there");
	return NULL;
}

size_t make_answer(const struct path *from, uint8_t *out)
{
	const struct sent *s = last_check(from);
	size_t n = client_answer(&c, s->data, s->len, &from->local, out, 512);
	assert_true(n > 0);
	return n;
}

void answer(const struct path *from)
{
	uint8_t out[512];
	ice_stun(ice, from, out, make_answer(from, out));
}

void prove(const struct path *p)
{
	check(p, UFRAG, PWD, true);
	answer(p);
	assert_true(path_equal(&chosen, p));
	assert_true(ice_find(ice, p)->is_plain);
}
