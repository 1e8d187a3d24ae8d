/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "sctp_ends.h"

struct loop *loop;
int64_t now_us;
unsigned lose_nth;
unsigned lose_percent;
unsigned lose_type, lose_times;
unsigned carried;
size_t longest;
uint8_t last_init[128];
size_t last_init_len;
uint8_t last_data[28];

struct end ends[2];

/* usrsctp, a shared library, does not send again what it has sent just now, and asks the system for
 * the time. */
__attribute__((visibility("default"))) int gettimeofday(
	struct timeval *restrict now, void *restrict zone)
{
	(void)zone;
	now->tv_sec = now_us / 1000000;
	now->tv_usec = now_us % 1000000;
	return 0;
}

static struct sctp *find(void *arg, uint64_t id)
{
	struct end *e = &ends[id - 1];
	(void)arg;
	return e->channels ? channels_sctp(e->channels) : e->sctp;
}

static void on_send(void *arg, const uint8_t *packet, size_t len)
{
	struct end *e = arg;
	if (len > longest) /* an assertion here would leave usrsctp in the middle of its work */
		longest = len;
	if (e == &ends[0])
		memcpy(last_data, packet, 12);
	if (e == &ends[0] && (packet[12] == 1 || packet[12] == 2))
		memcpy(last_data + 16, packet + 28, 4); /* where its TSN begins */
	if (e == &ends[0] && len <= sizeof(last_init) && packet[12] == 1)
		memcpy(last_init, packet, last_init_len = len);
	if (e == &ends[0] && len > sizeof(last_data) && !packet[12])
		memcpy(last_data, packet, sizeof(last_data));
	if (lose_times && packet[12] == lose_type) {
		lose_times--;
		return;
	}
	if (e->n_wire == WIRE || (lose_nth && ++carried % lose_nth == 0) ||
		(lose_percent && (unsigned)rand() % 100 < lose_percent))
		return;
	e->wire[e->n_wire].len = len;
	memcpy(e->wire[e->n_wire++].data, packet, len);
}

static void on_tell(void *arg, struct data_event *d)
{
	struct end *e = arg;
	e->ready += d->type == DATA_READY;
	e->down += d->type == DATA_DOWN;
	e->refused += d->type == DATA_REFUSED;
	e->room += d->type == DATA_ROOM;
	if (d->type == DATA_REFUSED)
		data_msg_drop(d->msg);
	if (d->type == DATA_SENT)
		e->sent += d->cost;
	if (d->type == DATA_MESSAGE && e->only_counts) {
		e->n_counted++;
		data_msg_drop(d->msg);
	} else if (d->type == DATA_MESSAGE) {
		assert_true(e->n_heard < HEARD);
		e->heard[e->n_heard++] = d->msg;
	}
}

void feed(struct end *e, const uint8_t *data, size_t len)
{
	if (e->channels)
		channels_input(e->channels, data, len);
	else if (e->sctp)
		sctp_input(e->sctp, data, len);
}

void carry(struct end *from, struct end *to)
{
	unsigned n = from->n_wire;
	struct packet *packets = from->wire;
	from->wire = from->spare;
	from->spare = packets;
	from->n_wire = 0;
	for (unsigned i = 0; i < n; i++)
		feed(to, packets[i].data, packets[i].len);
}

void pass(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 5) {
		now_us += 5 * MILLIS;
		clock_fake(now_us);
		loop_turn(loop, now_us);
		carry(&ends[0], &ends[1]);
		carry(&ends[1], &ends[0]);
	}
}

void forget(struct end *e)
{
	while (e->n_heard)
		data_msg_drop(e->heard[--e->n_heard]);
}

void open_end(unsigned i)
{
	static const struct channels_ops ops = { on_send, on_tell };
	const struct channels_conf conf = {
		.id = i + 1, .port = 5000, .mtu = MTU, .is_dtls_server = i == 1
	};
	assert_int_equal(channels_create(&ends[i].channels, &conf, &ops, &ends[i]), OK);
	assert_int_equal(channels_begin(ends[i].channels), OK);
}

/* ---- the end that has no channels ---- */

static void bare_up(void *arg)
{
	struct end *e = arg;
	e->ready++;
}

static void bare_message(void *arg, const struct sctp_msg *m)
{
	struct end *e = arg;
	e->last_ppid = m->ppid;
	e->last_stream = m->stream;
	e->n_counted += m->ppid == 50;
}

static void bare_reset(void *arg, const uint16_t *streams, unsigned n)
{
	struct end *e = arg;
	(void)streams;
	e->n_resets += n;
}

static void bare_nothing(void *arg)
{
	(void)arg;
}

static void bare_down(void *arg)
{
	struct end *e = arg;
	e->down++;
}

void open_bare(unsigned i)
{
	static const struct sctp_ops ops = { on_send, bare_up, bare_message, bare_reset,
		bare_nothing, bare_nothing, bare_down };
	assert_int_equal(sctp_open(&ends[i].sctp, i + 1, 5000, MTU, &ops, &ends[i]), OK);
	assert_int_equal(sctp_begin(ends[i].sctp), OK);
}

enum err bare_say(uint16_t stream, uint32_t ppid, const void *data, size_t len)
{
	const struct sctp_msg m = { .stream = stream, .ppid = ppid, .data = data, .len = len };
	enum err e = sctp_send(ends[0].sctp, &m);
	pass(100);
	return e;
}

void bare_close(uint16_t stream)
{
	assert_int_equal(sctp_reset(ends[0].sctp, &stream, 1), OK);
}

size_t in_use(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

/* ---- begin and end ---- */

void begin_with(void (*first)(unsigned i))
{
	memset(ends, 0, sizeof(ends));
	lose_nth = lose_percent = lose_times = carried = 0;
	longest = 0;
	now_us = 1000000;
	clock_fake(now_us);
	loop = loop_create("channels");
	loop_turn(loop, now_us);
	assert_int_equal(sctp_start(loop, find, NULL), OK);
	for (unsigned i = 0; i < 2; i++) {
		ends[i].wire = calloc(WIRE, sizeof(struct packet));
		ends[i].spare = calloc(WIRE, sizeof(struct packet));
	}
	first(0);
	open_end(1);
	pass(500);
	assert_int_equal(ends[0].ready, 1);
	assert_int_equal(ends[1].ready, 1);
}

int begin(void **state)
{
	(void)state;
	begin_with(open_end);
	return 0;
}

int begin_bare(void **state)
{
	(void)state;
	begin_with(open_bare);
	return 0;
}

int finish(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		forget(&ends[i]);
		channels_destroy(ends[i].channels);
		ends[i].channels = NULL;
		sctp_end(ends[i].sctp);
		ends[i].sctp = NULL;
		free(ends[i].wire);
		free(ends[i].spare);
	}
	sctp_stop();
	loop_destroy(loop);
	clock_fake(-1);
	return 0;
}

void say(unsigned from, const char *label, const void *bytes, size_t len, bool is_binary)
{
	struct data_msg *m = data_msg_new(label, "", bytes, len);
	m->is_binary = is_binary;
	channels_send(ends[from].channels, m);
}

void heard(unsigned at, unsigned i, const char *label, unsigned channel, const char *text)
{
	assert_true(i < ends[at].n_heard);
	const struct data_msg *m = ends[at].heard[i];
	assert_string_equal(m->label, label);
	assert_int_equal(m->channel, channel);
	assert_string_equal((const char *)m->bytes, text);
	assert_int_equal(m->len, strlen(text));
}
