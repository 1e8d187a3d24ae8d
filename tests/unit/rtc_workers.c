/* SPDX-License-Identifier: Apache-2.0 */
/* More than one worker. */
#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include "rtc_call.h"

static void two_workers_do_not_meet(void **state)
{
	struct rtc_conf conf = base;
	struct call k[2];
	(void)state;
	conf.workers = 2;
	start(&conf);
	for (unsigned w = 0; w < 2; w++) {
		make_call(&k[w], w, 1ULL << 32 | (3 + w), "SRTP_AEAD_AES_128_GCM");
		struct cmd c = open_cmd(&k[w], CMD_PEER_OPEN, true, 1);
		post(&k[w], &c);
	}
	/* the fourth character of the ufrag is the worker; the other worker has never heard of it
	 */
	assert_int_equal(k[0].ufrag[3], 'A');
	assert_int_equal(k[1].ufrag[3], 'B');
	assert_memory_equal(k[0].ufrag, k[1].ufrag, 3);
	assert_int_equal(client_ping(&k[0].c, k[1].ufrag, k[1].pwd, true, true, 100), -1);
	for (unsigned w = 0; w < 2; w++) {
		assert_int_equal(
			client_ping(&k[w].c, k[w].ufrag, k[w].pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k[w].c, true, 0));
		const struct report *r = await(REP_CONNECTED);
		assert_int_equal(r->worker, w);
		assert_int_equal(r->peer, k[w].id);
	}
	for (unsigned w = 0; w < 2; w++) {
		close_call(&k[w]);
		client_free(&k[w].c);
	}
	stop();
}

/* Publish on worker 0, watch there and on worker 1. */
static void start_across(struct call k[2])
{
	struct rtc_conf conf = base;
	conf.workers = 2;
	start(&conf);
	for (unsigned w = 0; w < 2; w++) {
		make_call(&k[w], w, 1ULL << 32 | (3 + w), "SRTP_AEAD_AES_128_GCM");
		struct cmd c = open_cmd(&k[w], CMD_PEER_OPEN, true, 1);
		post(&k[w], &c);
		echo_track(&k[w], CARDEA_AUDIO, CARDEA_OPUS);
		assert_int_equal(
			client_ping(&k[w].c, k[w].ufrag, k[w].pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k[w].c, true, 0));
		assert_int_equal(await(REP_CONNECTED)->worker, w);
	}
	struct cmd c = { .type = CMD_ROUTE };
	c.route = (struct route){ .from_peer = k[0].id, .to_slot = ID_SLOT(k[1].id) };
	post(&k[1], &c);
}

static void stop_across(struct call k[2])
{
	for (unsigned w = 0; w < 2; w++)
		close_call(&k[w]);
	for (unsigned w = 0; w < 2; w++)
		client_free(&k[w].c);
	stop();
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
	stop_across(k);
}

/* ---- a worker that does not get on ---- */

static int stuck_until[2]; /* a pipe */
static _Atomic bool is_stuck;

static void get_stuck(int sig)
{
	char word;
	(void)sig;
	atomic_store(&is_stuck, true);
	while (read(stuck_until[0], &word, 1) < 0)
		;
	atomic_store(&is_stuck, false);
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

static void await_stuck(bool stuck)
{
	for (int64_t end = clock_now_us() + WAIT_MS * US_PER_MS;
		atomic_load(&is_stuck) != stuck && clock_now_us() < end;)
		poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&is_stuck), stuck);
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
	sigaction(SIGUSR1, &stick, &before);
	assert_int_equal(syscall(SYS_tgkill, getpid(), thread_named("media 1"), SIGUSR1), 0);
	await_stuck(true);
	for (int i = 0; i < 200; i++)
		expect_media(&k[0], &k[0], &seq, "both");
	assert_true(atomic_load(&is_stuck));
	assert_int_equal(write(stuck_until[1], "", 1), 1);
	await_stuck(false);
	expect_media(&k[0], &k[1], &seq, "both");
	sigaction(SIGUSR1, &before, NULL);
	close(stuck_until[0]);
	close(stuck_until[1]);
	stop_across(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_workers_do_not_meet),
		cmocka_unit_test(media_crosses_between_workers),
		cmocka_unit_test(a_stuck_worker_does_not_hold_the_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
