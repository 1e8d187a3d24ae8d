/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer says on data channels: DCEP, messages in one piece and in several, resets in any
 * order, while control sends and closes. SCTP is a fake, below, that does what the input says. */
#include "fuzz.h"
#include "../../core/rtc/channels.h"
#include "../../core/rtp/rtp.h"

#define SENT_MAX 512
#define PIECE    32768 /* bytes of the longest piece */

/* What a peer can make us hold: 512 KiB of messages and names (core/rtc/channels.c), room that
 * realloc() leaves, and the table of channels. */
#define HELD_MAX (1u << 20)

enum { PPID_DCEP = 50 };
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* In the place of core/rtc/sctp.c. */
struct sctp {
	const struct sctp_ops *ops;
	void *arg;
	bool is_up, is_held, is_resetting;
	unsigned refuses; /* so many messages */
};
static struct sctp *sctp;
static struct channels *channels;
static bool is_dtls_server;
static size_t fed, told; /* bytes */
static size_t cost_given, cost_done;
static struct data_msg *given[SENT_MAX];
static unsigned n_given;
static size_t allocated; /* bytes, before the first word of the peer */

enum err sctp_open(struct sctp **out, uint64_t id, uint16_t port, unsigned mtu,
	const struct sctp_ops *ops, void *arg)
{
	(void)id;
	(void)port;
	(void)mtu;
	must(sctp = calloc(1, sizeof *sctp));
	sctp->ops = ops;
	sctp->arg = arg;
	*out = sctp;
	return OK;
}

enum err sctp_begin(struct sctp *s)
{
	must(s == sctp);
	return OK;
}

void sctp_end(struct sctp *s)
{
	must(s == sctp);
	free(s);
	sctp = NULL;
}

bool sctp_restarts(const struct sctp *s, const uint8_t *packet, size_t len)
{
	(void)packet;
	(void)len;
	must(s == sctp);
	return false;
}

void sctp_input(struct sctp *s, const uint8_t *packet, size_t len)
{
	(void)packet;
	(void)len;
	must(s == sctp);
}

enum err sctp_send(struct sctp *s, const struct sctp_msg *m)
{
	must(s == sctp && m->stream < SCTP_STREAMS && m->len);
	must(m->ppid >= PPID_DCEP && m->ppid <= 57 && m->len <= DATA_MAX);
	if (m->ppid == PPID_DCEP && m->data[0] == 3) /* of the streams that are ours to open */
		must(m->stream % 2 == is_dtls_server && !m->unordered);
	if (!s->is_up)
		return ERR_STATE;
	if (s->refuses) {
		s->refuses--;
		return ERR_FULL;
	}
	return OK;
}

unsigned sctp_limit(const struct sctp *s)
{
	must(s == sctp);
	return SCTP_STREAMS;
}

enum err sctp_reset(struct sctp *s, const uint16_t *streams, unsigned n)
{
	must(s == sctp && n && n <= SCTP_RESETS);
	for (unsigned i = 0; i < n; i++)
		must(streams[i] < SCTP_STREAMS);
	if (s->is_resetting)
		return ERR_AGAIN;
	s->is_resetting = true;
	return OK;
}

void sctp_unread(struct sctp *s, size_t bytes)
{
	must(s == sctp);
	s->is_held = bytes >= 2 * SCTP_BUFFER + SCTP_BUFFER / 4;
}

void sctp_metrics(void)
{
}

static void on_tell(void *arg, struct data_event *e)
{
	(void)arg;
	switch (e->type) {
	case DATA_MESSAGE:
		must(e->msg->len <= DATA_MAX && e->msg->channel && e->msg->channel <= SCTP_STREAMS);
		must(strlen(e->msg->label) <= DATA_LABEL && strlen(e->msg->protocol) <= DATA_LABEL);
		must(!e->msg->bytes[e->msg->len]);
		told += e->msg->len;
		must(told <= fed);
		data_msg_drop(e->msg);
		break;
	case DATA_REFUSED:
		cost_done += data_msg_cost(e->msg);
		must(cost_done <= cost_given);
		data_msg_drop(e->msg);
		break;
	case DATA_SENT:
		cost_done += e->cost;
		must(cost_done <= cost_given);
		break;
	default:
		must(e->type == DATA_READY || e->type == DATA_DOWN || e->type == DATA_ROOM);
		break;
	}
}

static void on_send(void *arg, const uint8_t *packet, size_t len)
{
	(void)arg;
	(void)packet;
	(void)len;
}

/* ---- what the peer does ---- */

static uint16_t stream_of(struct script *s)
{
	unsigned n = script_8(s); /* mostly a few, and those at the end and beyond */
	return (uint16_t)(n < 0xf0 ? n & 7 : n < 0xff ? 500 + (n & 15) : script_16(s));
}

static void message(uint16_t stream, uint32_t ppid, const uint8_t *data, size_t len)
{
	struct sctp_msg m = { .stream = stream, .ppid = ppid, .len = len };
	if (!sctp->is_up || sctp->is_held)
		return;
	uint8_t *exact = fuzz_copy(data, len);
	m.data = exact;
	fed += len;
	sctp->ops->message(sctp->arg, &m);
	free(exact);
}

static void dcep_open(struct script *s)
{
	uint8_t out[12 + 2 * 2048] = { 3 };
	uint16_t stream = stream_of(s);
	size_t label, protocol, n;
	out[1] = script_8(s);
	wr32(out + 4, script_8(s));
	label = n = script_8(s);
	const uint8_t *at = script_bytes(s, &n);
	label = n ? n * (1 + script_below(s, 6)) : 0; /* up to what is too long */
	for (size_t i = 0; i < label; i++)
		out[12 + i] = at[i % n];
	protocol = script_8(s) & 0x8f;
	memset(out + 12 + label, 'p', protocol);
	wr16(out + 8, (uint16_t)label);
	wr16(out + 10, (uint16_t)protocol);
	message(stream, PPID_DCEP, out, 12 + label + protocol);
}

static void raw(struct script *s, uint32_t ppid)
{
	uint16_t stream = stream_of(s);
	size_t len = script_8(s);
	const uint8_t *at = script_bytes(s, &len);
	message(stream, ppid, at, len);
}

static void piece(struct script *s)
{
	static uint8_t big[PIECE];
	uint16_t stream = stream_of(s);
	unsigned ppid = script_8(s);
	message(stream, ppid & 1 ? 52 : ppid & 2 ? 54 : 53, big, script_16(s) % (PIECE + 1));
}

static void peer_resets(struct script *s)
{
	uint16_t streams[4];
	unsigned n = script_below(s, 5);
	for (unsigned i = 0; i < n; i++)
		streams[i] = stream_of(s);
	sctp->ops->reset(sctp->arg, streams, n);
}

/* ---- what control does ---- */

static void give(struct script *s)
{
	static const char *const labels[] = { "", "chat", "a", "another" };
	unsigned how = script_8(s);
	size_t len = script_8(s);
	const uint8_t *at = script_bytes(s, &len);
	if (n_given == SENT_MAX)
		return;
	struct data_msg *m = data_msg_new(labels[how & 3], how & 4 ? "p" : "", at, len);
	must(m);
	m->is_binary = how & 8;
	if (how & 16)
		m->channel = 1u + stream_of(s);
	given[n_given++] = data_msg_ref(m);
	cost_given += data_msg_cost(m);
	channels_send(channels, m);
}

static void association(unsigned how)
{
	if (!sctp->is_up && how & 1) {
		sctp->is_up = true;
		sctp->ops->up(sctp->arg);
	} else if (how == 0xfe) {
		sctp->is_up = false;
		sctp->ops->down(sctp->arg);
	}
}

static void one(struct script *s)
{
	unsigned op = script_8(s);
	switch (op & 15) {
	case 0:
	case 1:
		dcep_open(s);
		break;
	case 2:
		raw(s, PPID_DCEP);
		break;
	case 3:
	case 4:
	case 5:
		raw(s, 51u + (op >> 4 & 7));
		break;
	case 6:
		raw(s, script_32(s));
		break;
	case 7:
	case 8:
		piece(s);
		break;
	case 9:
		peer_resets(s);
		break;
	case 10:
		if (sctp->is_resetting) {
			sctp->is_resetting = false;
			sctp->ops->reset_done(sctp->arg);
		}
		break;
	case 11:
		sctp->refuses = script_below(s, 8);
		break;
	case 12:
		sctp->ops->drained(sctp->arg);
		break;
	case 13:
		channels_consumed(channels, script_16(s) * 16u);
		break;
	case 14:
		association(op == 0xfe ? op : 1);
		break;
	default:
		give(s);
		break;
	}
}

/* What control gave is its own affair; what it was given is dropped. */
static void check_held(void)
{
	if (__sanitizer_get_current_allocated_bytes && !n_given)
		must(__sanitizer_get_current_allocated_bytes() <= allocated + HELD_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct channels_ops ops = { .send = on_send, .tell = on_tell };
	struct channels_conf conf = { .id = 1, .port = 5000, .mtu = 1200 };
	struct script s = script_of(data, size);
	if (size > 8192)
		return 0;
	conf.is_dtls_server = is_dtls_server = script_8(&s) & 1;
	fed = told = cost_given = cost_done = n_given = 0;
	must(channels_create(&channels, &conf, &ops, NULL) == OK);
	must(channels_begin(channels) == OK);
	association(1);
	if (__sanitizer_get_current_allocated_bytes)
		allocated = __sanitizer_get_current_allocated_bytes();
	while (!script_over(&s)) {
		one(&s);
		check_held();
	}
	channels_destroy(channels);
	must(!sctp);
	while (n_given) { /* nobody else has it any more */
		must(given[--n_given]->refs == 1);
		data_msg_drop(given[n_given]);
	}
	return 0;
}
