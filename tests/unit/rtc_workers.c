/* SPDX-License-Identifier: Apache-2.0 */
/* More than one worker. */
#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include "rtc_call.h"
#include "../../core/rtc/replay.h"
#include "../../core/rtc/secure.h"

/* A call on each. */
static void start_two(struct call k[2])
{
	struct rtc_conf conf = base;
	conf.workers = 2;
	start(&conf);
	for (unsigned w = 0; w < 2; w++) {
		make_call(&k[w], w, 1ULL << 32 | (3 + w), "SRTP_AEAD_AES_128_GCM");
		struct cmd c = open_cmd(&k[w], CMD_PEER_OPEN, true, DTLS_SERVER);
		post(&k[w], &c);
	}
}

static void bring_up_on(struct call *k, unsigned w)
{
	assert_int_equal(client_ping(&k->c, k->ufrag, k->pwd, true, true, WAIT_MS), 0);
	assert_true(client_dtls(&k->c, true, 0));
	const struct report *r = await(REP_CONNECTED);
	assert_int_equal(r->worker, w);
	assert_int_equal(r->peer, k->id);
}

static void stop_two(struct call k[2])
{
	for (unsigned w = 0; w < 2; w++)
		close_call(&k[w]);
	for (unsigned w = 0; w < 2; w++)
		client_free(&k[w].c);
	stop();
}

static void two_workers_do_not_meet(void **state)
{
	struct call k[2];
	(void)state;
	start_two(k);
	/* the fourth character of the ufrag is the worker; the other worker has never heard of it
	 */
	assert_int_equal(k[0].ufrag[3], 'A');
	assert_int_equal(k[1].ufrag[3], 'B');
	assert_memory_equal(k[0].ufrag, k[1].ufrag, 3);
	assert_int_equal(client_ping(&k[0].c, k[1].ufrag, k[1].pwd, true, true, 100), -1);
	for (unsigned w = 0; w < 2; w++)
		bring_up_on(&k[w], w);
	stop_two(k);
}

/* Publish on worker 0, watch there and on worker 1. */
static void start_across(struct call k[2])
{
	start_two(k);
	for (unsigned w = 0; w < 2; w++) {
		echo_track(&k[w], CARDEA_AUDIO, CARDEA_OPUS);
		bring_up_on(&k[w], w);
	}
	struct cmd c = { .type = CMD_ROUTE };
	c.route = (struct route){ .from_peer = k[0].id, .to_slot = ID_SLOT(k[1].id) };
	post(&k[1], &c);
}

/* Send from one until it comes out at the other. */
static void expect_media(struct call *from, struct call *to, uint16_t *seq, const char *text)
{
	uint8_t rtp[200], back[2048];
	size_t n = 0, len = strlen(text);
	for (int tries = 0; tries < 100 && !n; tries++, ++*seq) {
		client_send_rtp(
			&from->c, rtp, client_rtp(rtp, PT, *seq, *seq * 960u, IN_SSRC, text, len));
		n = client_recv_rtp(&to->c, back, sizeof(back), 100);
	}
	assert_true(n > 12);
	assert_memory_equal(back + rtp_header_len(back, n), text, len);
}

static void media_crosses_between_workers(void **state)
{
	struct call k[2];
	uint16_t seq = 1;
	(void)state;
	start_across(k);
	expect_media(&k[0], &k[1], &seq, "across");
	stop_two(k);
}

/* ---- a source ---- */

static void say_sound(uint64_t source, uint16_t seq)
{
	const struct rtp_out h = { .pt = PT, .seq = seq, .ts = seq * 960u };
	struct {
		struct source_record head;
		struct source_packet p;
		uint8_t rtp[RTP_HEADER + 8];
	} rec = { .head = { .type = SOURCE_PACKETS, .n = 1, .source = source },
		.p = { .len = RTP_HEADER + 5 } };
	rtp_write(rec.rtp, RTP_HEADER, &h);
	memcpy(rec.rtp + RTP_HEADER, "sound", 5);
	assert_int_equal(queue_push(rtc_media_queue(0), &rec, sizeof(rec)), OK);
}

static void expect_sound(struct call *to)
{
	uint8_t back[2048];
	size_t n = client_recv_rtp(&to->c, back, sizeof(back), WAIT_MS);
	assert_true(n > 12);
	assert_memory_equal(back + rtp_header_len(back, n), "sound", 5);
}

/* Filled from the test's thread, on worker 0: heard there, and on worker 1 over a trunk. */
static void a_source_is_heard_on_both_workers(void **state)
{
	struct call k[2];
	struct cmd c = { .type = CMD_SOURCE_OPEN };
	uint64_t id;
	(void)state;
	start_two(k);
	for (unsigned w = 0; w < 2; w++) {
		echo_track(&k[w], CARDEA_AUDIO, CARDEA_OPUS);
		bring_up_on(&k[w], w);
	}
	id = 1ULL << 32 | rtc_first_source();
	c.source = (struct source_want){ .id = id, .n_tracks = 1 };
	c.source.tracks[0] = (struct track){ .kind = CARDEA_AUDIO,
		.dir = CARDEA_RECV,
		.codec = CARDEA_OPUS,
		.pt = PT,
		.clock_hz = 48000 };
	assert_int_equal(rtc_post(0, &c), OK);
	c = (struct cmd){ .type = CMD_ROUTE };
	c.route = (struct route){ .from_peer = id, .to_slot = ID_SLOT(k[0].id) };
	post(&k[0], &c);
	say_sound(id, 1); /* right behind what opens it, by another queue */
	expect_sound(&k[0]);
	c.route.to_slot = ID_SLOT(k[1].id);
	post(&k[1], &c);
	for (uint16_t seq = 2; seq < 200; seq++) { /* the trunk is not open at once */
		uint8_t back[2048];
		say_sound(id, seq);
		if (client_recv_rtp(&k[1].c, back, sizeof(back), 20) > 12)
			break;
		assert_true(seq < 199);
	}
	c = (struct cmd){ .type = CMD_SOURCE_CLOSE, .source_id = { .id = id } };
	assert_int_equal(rtc_post(0, &c), OK);
	say_sound(id, 300); /* to nobody */
	stop_two(k);
}

/* ---- a worker that does not get on ---- */

static int stuck_until[2], stuck_says[2]; /* pipes */

static void get_stuck(int sig)
{
	char word;
	(void)sig;
	if (write(stuck_says[1], "s", 1) != 1)
		abort();
	while (read(stuck_until[0], &word, 1) < 0)
		;
	if (write(stuck_says[1], "f", 1) != 1)
		abort();
}

/* @return its number, 0: no such thread */
static pid_t thread_named(const char *name)
{
	DIR *all = opendir("/proc/self/task");
	pid_t found = 0;
	for (struct dirent *d; !found && (d = readdir(all));) {
		char path[300], comm[32] = "";
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", d->d_name);
		FILE *f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strncmp(comm, name, strlen(name)))
			found = atoi(d->d_name);
		fclose(f);
	}
	closedir(all);
	return found;
}

static void await_word(char expected)
{
	struct pollfd p = { .fd = stuck_says[0], .events = POLLIN };
	char word = 0;
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(read(stuck_says[0], &word, 1), 1);
	assert_int_equal(word, expected);
}

static bool is_still_stuck(void)
{
	struct pollfd p = { .fd = stuck_says[0], .events = POLLIN };
	return poll(&p, 1, 0) == 0;
}

static void a_stuck_worker_does_not_hold_the_other(void **state)
{
	const struct sigaction stick = { .sa_handler = get_stuck };
	struct sigaction before;
	struct call k[2];
	uint16_t seq = 1;
	(void)state;
	start_across(k);
	expect_media(&k[0], &k[1], &seq, "both");
	expect_media(&k[0], &k[0], &seq, "both");
	assert_int_equal(pipe(stuck_until), 0);
	assert_int_equal(pipe(stuck_says), 0);
	sigaction(SIGUSR1, &stick, &before);
	assert_int_equal(syscall(SYS_tgkill, getpid(), thread_named("media 1"), SIGUSR1), 0);
	await_word('s');
	for (int i = 0; i < 200; i++)
		expect_media(&k[0], &k[0], &seq, "both");
	assert_true(is_still_stuck());
	assert_int_equal(write(stuck_until[1], "", 1), 1);
	await_word('f');
	expect_media(&k[0], &k[1], &seq, "both");
	sigaction(SIGUSR1, &before, NULL);
	for (unsigned i = 0; i < 2; i++) {
		close(stuck_until[i]);
		close(stuck_says[i]);
	}
	stop_two(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_workers_do_not_meet),
		cmocka_unit_test(media_crosses_between_workers),
		cmocka_unit_test(a_source_is_heard_on_both_workers),
		cmocka_unit_test(a_stuck_worker_does_not_hold_the_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
