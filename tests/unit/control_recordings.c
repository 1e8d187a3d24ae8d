/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of a call, as a plugin wants them: the recorder's thread is the real one, the worker
 * is the test. */
#include <unistd.h>
#include "../../core/control/recordings.h"
#include "../../core/recorder/disk.h"
#include "../../core/router/sink/sink_msg.h"
#include "../../core/rtc/data.h"
#include "control_call.h"
#include "control_world.h"
#include "until.h"

static char dir[64];
static unsigned n_told[CARDEA_RECORD_STOPPED + 1];
static struct cardea_handle *told_handle;
static char told_reason[256];

static void told(const struct cardea_record_event *e)
{
	assert_ptr_equal(e->arg, dir);
	n_told[e->type]++;
	told_handle = e->handle;
	g_strlcpy(told_reason, e->reason ? e->reason : "", sizeof told_reason);
}

static int begin_in_folder(void **state)
{
	char set[128];
	const char *const sets[] = { set, "cardea:recordings.min_free_space=0",
		"cardea:general.protected_folders=[\"/tmp/cardea-no\"]", NULL };
	(void)state;
	strcpy(dir, "/tmp/cardea-control-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(set, sizeof set, "cardea:recordings.folder=%s", dir);
	memset(n_told, 0, sizeof n_told);
	return begin_call_with(sets);
}

static int finish_in_folder(void **state)
{
	char command[128];
	int failed = finish(state);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command) || failed;
}

static struct cardea_record what(const char *name)
{
	return (struct cardea_record){ .size = sizeof(struct cardea_record),
		.name = name,
		.audio = 0,
		.video = 1,
		.data = -1,
		.fn = told,
		.arg = dir };
}

static uint64_t start(const char *name)
{
	struct cardea_error e = { 0 };
	const struct cardea_record w = what(name);
	uint64_t id = cardea_record_start(last_attached, &w, &e);
	if (!id)
		fail_msg("%s", e.reason);
	return id;
}

static void refused(const struct cardea_record *w, const char *reason)
{
	struct cardea_error e = { 0 };
	assert_true(cardea_record_start(last_attached, w, &e) == 0);
	if (!strstr(e.reason, reason))
		fail_msg("\"%s\" for \"%s\"", e.reason, reason);
}

/* What the worker says of each sink that it was told to close. */
static void close_sinks(void)
{
	for (unsigned i = 0; i < n_cmds; i++) {
		const struct sink_record r = { .type = SINK_CLOSED, .sink = cmds[i].sink_id.id };
		if (cmds[i].type == CMD_SINK_CLOSE)
			assert_int_equal(queue_push(disk_queue(), &r, SINK_HEAD), OK);
	}
}

static void await(enum cardea_record_event_type type, unsigned n)
{
	UNTIL_DOING(n_told[type] >= n, turn());
	assert_int_equal(n_told[type], n);
}

/* ---- life ---- */

static void sinks_bring_what_is_recorded(void **state)
{
	(void)state;
	call();
	uint64_t id = start("call");
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 2);
	const struct sink_want *w = &cmds[n_cmds - 1].sink; /* the other is before it */
	assert_true(w->from_peer == cmd_of(CMD_PEER_OPEN)->peer);
	assert_int_equal(w->from_mindex, 1);
	assert_int_equal(w->kind, CARDEA_VIDEO);
	assert_int_not_equal(w->share, 0);
	cardea_record_pause(id);
	cardea_record_resume(id);
	cardea_record_stop(id);
	cardea_record_stop(id);
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 2);
	assert_int_equal(n_told[CARDEA_RECORD_STOPPED], 0);
	close_sinks();
	await(CARDEA_RECORD_STOPPED, 1);
	assert_ptr_equal(told_handle, last_attached);
	cardea_record_stop(id); /* means nothing any more, all of them */
	cardea_record_pause(id);
	cardea_record_tracks(id, 0, 1, -1);
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 2);
}

static void it_ends_with_its_connection(void **state)
{
	(void)state;
	call();
	start("call");
	start("call-2");
	say(1, "{'janus':'destroy','transaction':'m','session_id':%" PRIu64 "}", s);
	pass(1);
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 4);
	close_sinks();
	await(CARDEA_RECORD_STOPPED, 2);
	assert_null(told_handle);
}

static void other_tracks_have_other_sinks(void **state)
{
	(void)state;
	call();
	uint64_t id = start("call");
	const uint64_t audio = cmds[n_cmds - 2].sink.id;
	cardea_record_tracks(id, 0, 1, -1); /* the same */
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 2);
	cardea_record_tracks(id, -1, 1, -1);
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 1);
	assert_true(cmd_of(CMD_SINK_CLOSE)->sink_id.id == audio);
	cardea_record_tracks(id, 0, 1, -1);
	cardea_record_tracks(id, 0, 7, -1); /* there is no such: pictures end */
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 3);
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 2);
}

static void what_finds_no_room_is_said_later_in_its_order(void **state)
{
	(void)state;
	call();
	media_full = true;
	uint64_t id = start("call");
	cardea_record_stop(id);
	pass(1);
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 0);
	media_full = false;
	pass(1);
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 2);
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 2);
	assert_int_equal(cmds[n_cmds - 1].type, CMD_SINK_CLOSE);
	close_sinks();
	await(CARDEA_RECORD_STOPPED, 1);
}

static void the_end_of_the_server_ends_all(void **state)
{
	(void)state;
	call();
	start("call");
}

static void it_is_shown(void **state)
{
	(void)state;
	call();
	assert_null(recordings_info(&last_attached->recordings));
	uint64_t id = start("call");
	json_t *info = recordings_info(&last_attached->recordings);
	assert_int_equal(json_array_size(info), 1);
	assert_non_null(json_object_get(json_array_get(info, 0), "seconds"));
	json_decref(info);
	cardea_record_stop(id);
	assert_null(recordings_info(&last_attached->recordings));
}

/* ---- what is refused ---- */

static void names_stay_in_their_folder(void **state)
{
	static const char *const bad[] = { "", "..", "../call", "a/../../call", "/etc/call", "a//b",
		"a/", "/", ".", "./a", ".a", "a/.b", "a\nb", "/tmp/cardea-control-XXXXXXcall",
		"1/2/3/4/5/6/7/8/call" };
	char inside[128], outside[128], text[300];
	(void)state;
	call();
	struct cardea_record w = what(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		w.name = bad[i];
		refused(&w, "no name for a recording");
	}
	w.name = "1/2/3/4/5/6/7/call"; /* no deeper than what retention looks into */
	assert_true(cardea_record_check(&w, &(struct cardea_error){ 0 }));
	snprintf(outside, sizeof outside, "%sx/call", dir);
	w.name = outside;
	refused(&w, "no name for a recording");
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	w.name = text;
	refused(&w, "no name for a recording");
	w.dir = "/tmp/cardea-no/below";
	w.name = "call";
	refused(&w, "protected folder");
	w.dir = "/proc/self";
	refused(&w, "cannot be written");
	snprintf(inside, sizeof inside, "%s/a/call", dir);
	start(inside);
}

static void a_recording_is_not_written_over(void **state)
{
	char path[160];
	struct cardea_record w = what("call");
	(void)state;
	call();
	start("call");
	refused(&w, "already"); /* though there is no file yet */
	w.is_apart = true;
	struct cardea_error e = { 0 };
	assert_true(cardea_record_start(last_attached, &w, &e) != 0);
	w = what("other");
	snprintf(path, sizeof path, "%s/other-video.mjr", dir);
	fclose(fopen(path, "w"));
	w.format = CARDEA_RECORD_BOTH;
	refused(&w, "already");
	w.format = CARDEA_RECORD_MEDIA;
	assert_true(cardea_record_start(last_attached, &w, &e) != 0);
}

static void there_has_to_be_something(void **state)
{
	struct cardea_record w = what("call");
	(void)state;
	refused(&w, "no PeerConnection");
	call();
	w.audio = 1;
	refused(&w, "no such track");
	w.audio = w.video = -1;
	refused(&w, "nothing to record");
}

/* Of messages, which need no sink. @return how many there could be, @p most or less */
static unsigned start_many(unsigned most, const char *name, struct cardea_error *e)
{
	unsigned n = 0;
	for (; n < most; n++) {
		char each[32];
		snprintf(each, sizeof each, "%s-%u", name, n);
		struct cardea_record w = what(each);
		w.audio = w.video = -1;
		w.data = 2;
		if (!cardea_record_start(last_attached, &w, e))
			break;
	}
	return n;
}

static void call_from(const char *ip)
{
	from_ip = ip;
	s = create_session(1);
	g_string_truncate(hooks, 0);
	h = attach_handle(1, s);
	call();
}

static void an_address_has_a_quarter_of_them(void **state)
{
	struct cardea_error e = { 0 };
	(void)state;
	call_from("192.0.2.2");
	uint64_t first = start("call");
	assert_int_equal(start_many(RECORDINGS_MAX, "a", &e), RECORDINGS_MAX / 4 - 1);
	assert_string_equal(e.reason,
		"Your address has 1024 recordings already (a quarter of what there may be)");
	cardea_record_stop(first);
	close_sinks();
	await(CARDEA_RECORD_STOPPED, 1);
	assert_int_equal(start_many(2, "b", &e), 1);
	call_from("192.0.2.3");
	assert_int_equal(start_many(1, "c", &e), 1);
	call_from("127.0.0.1"); /* a gateway's */
	assert_int_equal(start_many(RECORDINGS_MAX / 4 + 1, "d", &e), RECORDINGS_MAX / 4 + 1);
}

static void what_is_encrypted_end_to_end_is_packets_alone(void **state)
{
	struct cardea_record w = what("call");
	struct cardea_error e = { 0 };
	(void)state;
	call();
	last_attached->e2ee = true;
	refused(&w, "encrypted end to end");
	w.format = CARDEA_RECORD_BOTH;
	assert_true(cardea_record_start(last_attached, &w, &e) != 0);
}

/* The client offers again, and says so. */
static void encrypt(void)
{
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 3), ",'e2ee':true");
	hears_ack();
	free(hears_jsep("answer", true));
}

static void what_turns_to_encryption_ends_with_the_reason(void **state)
{
	struct cardea_record both = what("both");
	struct cardea_error e = { 0 };
	(void)state;
	call();
	start("call");
	both.format = CARDEA_RECORD_BOTH;
	assert_true(cardea_record_start(last_attached, &both, &e) != 0);
	encrypt();
	assert_int_equal(n_told[CARDEA_RECORD_FAILED], 0); /* not within the plugin's own call */
	await(CARDEA_RECORD_FAILED, 2);
	assert_string_equal(told_reason, "It is encrypted end to end from now on.");
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 4);
	close_sinks();
	await(CARDEA_RECORD_STOPPED, 2);
	const struct cardea_record again = what("again");
	refused(&again, "encrypted end to end");
}

static void packets_that_turn_to_encryption_go_on_apart(void **state)
{
	struct cardea_record w = what("call");
	struct cardea_error e = { 0 };
	(void)state;
	call();
	w.format = CARDEA_RECORD_MJR;
	assert_true(cardea_record_start(last_attached, &w, &e) != 0);
	encrypt();
	assert_int_equal(count_cmds(CMD_SINK_CLOSE), 2);
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 4);
	encrypt(); /* it is already */
	assert_int_equal(count_cmds(CMD_SINK_OPEN), 4);
	pass(1);
	assert_int_equal(n_told[CARDEA_RECORD_FAILED], 0);
}

static void what_no_container_holds_is_packets_alone(void **state)
{
	struct cardea_record w = what("call");
	struct cardea_error e = { 0 };
	(void)state;
	call();
	last_attached->pc->neg.tracks[0].codec = CARDEA_ISAC16;
	refused(&w, "no media file for these codecs");
	w.format = CARDEA_RECORD_MJR;
	assert_true(cardea_record_start(last_attached, &w, &e) != 0);
}

static void messages_have_their_share_of_the_queue(void **state)
{
	static char bytes[DATA_MAX];
	struct cardea_record w = what("call");
	struct data_msg *m = data_msg_new("chat", "", bytes, sizeof bytes);
	(void)state;
	call();
	w.data = 2;
	assert_true(cardea_record_start(last_attached, &w, &(struct cardea_error){ 0 }) != 0);
	settings.record.queue_bytes = 1;
	for (unsigned i = 0; i < 64; i++)
		recordings_message(&last_attached->recordings, m);
	json_t *info = recordings_info(&last_attached->recordings);
	assert_true(json_integer_value(json_object_get(json_array_get(info, 0), "shed")) > 0);
	json_decref(info);
	data_msg_drop(m);
}

/* ---- folders ---- */

static bool has_memory(const char *of)
{
	g_autofree char *path = g_strdup_printf("%s/recording-folders.json", dir), *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, of);
}

static void folders_are_remembered_over_a_restart(void **state)
{
	char room[] = "/tmp/cardea-control-XXXXXX", part[160], whole[160];
	(void)state;
	assert_non_null(mkdtemp(room));
	snprintf(part, sizeof part, "%s/call-audio.mjr.part", room);
	snprintf(whole, sizeof whole, "%s/call-audio.mjr", room);
	settings.state_dir = dir;
	cardea_record_folder(room);
	UNTIL(has_memory(room));
	recordings_stop();
	assert_true(g_file_set_contents(part, "MJR00002", -1, NULL)); /* a crash has left it */
	assert_int_equal(recordings_start(world_loop()), OK);
	UNTIL(!access(whole, F_OK));
	unlink(whole);
	rmdir(room);
	settings.state_dir = NULL;
}

static void folders_below_another_need_no_place(void **state)
{
	char room[128], link[128], way[160];
	(void)state;
	settings.state_dir = dir;
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(room, sizeof room, "%s/room-%u", dir, i);
		cardea_record_folder(room);
	}
	assert_int_equal(g_mkdir_with_parents(room, 0755), 0);
	snprintf(link, sizeof link, "%s/link", dir);
	assert_int_equal(symlink(room, link), 0);
	snprintf(way, sizeof way, "%s/below", link); /* which nobody finds who follows no links */
	cardea_record_folder(way);
	UNTIL(has_memory("/link\""));
	assert_false(has_memory("room-"));
	settings.state_dir = NULL;
}

static void folders_are_where_they_are_looked_for(void **state)
{
	static const char *const bad[] = { "/.hidden", "/a/.b", "/1/2/3/4/5/6/7/8/9" };
	char where[128];
	(void)state;
	call();
	struct cardea_record w = what("call");
	w.dir = where;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		snprintf(where, sizeof where, "%s%s", dir, bad[i]);
		refused(&w, "hidden or too deep");
	}
	snprintf(where, sizeof where, "%s/1/2/3/4/5/6/7/8", dir);
	assert_true(cardea_record_check(&w, &(struct cardea_error){ 0 }));
}

/* ---- texts ---- */

static void an_index_is_a_file_beside(void **state)
{
	struct cardea_error e = { 0 };
	char path[160];
	json_t *json = json_pack("{s:i}", "files", 3), *found = NULL;
	(void)state;
	assert_true(cardea_record_index(NULL, "room/index.json", json, &e));
	assert_false(cardea_record_index(NULL, "../index.json", json, &e));
	snprintf(path, sizeof path, "%s/room/index.json", dir);
	UNTIL((found = json_load_file(path, 0, NULL)));
	assert_true(json_equal(found, json));
	json_decref(found);
	json_decref(json);
}

static void formats_have_words(void **state)
{
	(void)state;
	assert_int_equal(cardea_record_format("media"), CARDEA_RECORD_MEDIA);
	assert_int_equal(cardea_record_format("MJR"), CARDEA_RECORD_MJR);
	assert_int_equal(cardea_record_format("both"), CARDEA_RECORD_BOTH);
	assert_int_equal(cardea_record_format("avi"), CARDEA_RECORD_CONFIGURED);
	assert_int_equal(cardea_record_format(NULL), CARDEA_RECORD_CONFIGURED);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin_in_folder, finish_in_folder)
	const struct CMUnitTest tests[] = {
		T(sinks_bring_what_is_recorded),
		T(it_ends_with_its_connection),
		T(other_tracks_have_other_sinks),
		T(what_finds_no_room_is_said_later_in_its_order),
		T(the_end_of_the_server_ends_all),
		T(it_is_shown),
		T(names_stay_in_their_folder),
		T(a_recording_is_not_written_over),
		T(there_has_to_be_something),
		T(an_address_has_a_quarter_of_them),
		T(what_is_encrypted_end_to_end_is_packets_alone),
		T(what_turns_to_encryption_ends_with_the_reason),
		T(packets_that_turn_to_encryption_go_on_apart),
		T(what_no_container_holds_is_packets_alone),
		T(messages_have_their_share_of_the_queue),
		T(folders_are_remembered_over_a_restart),
		T(folders_below_another_need_no_place),
		T(folders_are_where_they_are_looked_for),
		T(an_index_is_a_file_beside),
		T(formats_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
