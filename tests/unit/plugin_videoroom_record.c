/* SPDX-License-Identifier: Apache-2.0 */
/* What of a room is recorded, when, and what its index says: the recorder is the real one, the
 * workers are the test. */
#include <unistd.h>
#include "../../core/base/clock.h"
#include "../../core/recorder/disk.h"
#include "../../core/recorder/mjr.h"
#include "../../core/router/sink/sink_msg.h"
#include "room_world.h"

#define WAIT_MS 10000

static char dir[64];

static int begin_in(const char *more, void **state)
{
	static char folder[128];
	const char *const sets[] = { "cardea.plugin.videoroom:sfu.path=",
		"cardea:recordings.min_free_space=0",
		"cardea:general.protected_folders=[\"/tmp/cardea-no\"]", folder, more, NULL };
	strcpy(dir, "/tmp/cardea-room-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(folder, sizeof folder, "cardea:recordings.folder=%s", dir);
	return begin_room_with(sets, state);
}

static int begin_in_folder(void **state)
{
	return begin_in(NULL, state);
}

static int begin_with_key(void **state)
{
	return begin_in("cardea.plugin.videoroom:general.admin_key=boss", state);
}

static int end_in_folder(void **state)
{
	char command[128];
	int failed = end_room(state);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command) || failed;
}

static void publishes(struct client *c, unsigned id, const char *ufrag)
{
	join(c, id);
	assert_int_equal(publish_as(c, "{'request':'publish'}", "av", ufrag, false), 0);
}

static unsigned opened(void)
{
	turn();
	return count_cmds(CMD_SINK_OPEN);
}

static unsigned closed(void)
{
	turn();
	return count_cmds(CMD_SINK_CLOSE);
}

static void warns(const struct client *c, const char *body, bool expected)
{
	json_t *answer = ask_once(c, body, NULL, NULL, false);
	const json_t *data = plugin_data(answer);
	assert_string_equal(json_string_value(json_object_get(data, "configured")), "ok");
	assert_int_equal(json_object_get(data, "warning") != NULL, expected);
	json_decref(answer);
}

/* ---- who is recorded ---- */

static void a_room_records_each_from_its_answer_on(void **state)
{
	(void)state;
	create_room(",'record':true");
	join(ann, 1);
	assert_int_equal(opened(), 0);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	assert_int_equal(opened(), 2);
	publishes(bob, 2, "bob1");
	assert_int_equal(opened(), 4);
	assert_int_equal(closed(), 0);
	assert_int_equal(ask(bob, "{'request':'leave'}"), 0);
	assert_int_equal(closed(), 2);
	assert_int_equal(ask(boss, "{'request':'kick','room':5,'id':1}"), 0);
	assert_int_equal(closed(), 4);
}

/* Is the orientation of a phone's picture agreed on? */
static bool publishes_turned(struct client *c, unsigned id, const char *ufrag)
{
	char *sdp = offer_sdp("av", ufrag);
	join(c, id);
	json_t *answer = ask_once(c, "{'request':'publish'}", "offer", sdp, false);
	const json_t *jsep = json_object_get(answer, "jsep");
	const char *text = json_string_value(json_object_get(jsep, "sdp"));
	assert_non_null(text);
	bool is_agreed = strstr(text, "urn:3gpp:video-orientation");
	json_decref(answer);
	g_free(sdp);
	return is_agreed;
}

static void what_is_recorded_stands_upright(void **state)
{
	(void)state;
	create_room("");
	assert_true(publishes_turned(ann, 1, "ann1"));
	assert_int_equal(ask(boss, "{'request':'enable_recording','room':5,'record':true}"), 0);
	assert_false(publishes_turned(bob, 2, "bob1"));
}

static void it_ends_with_the_stream_and_with_the_room(void **state)
{
	(void)state;
	create_room(",'record':true");
	publishes(ann, 1, "ann1");
	assert_int_equal(publish_as(ann, "{'request':'configure'}", "aV", "ann1", false), 0);
	assert_int_equal(closed(), 1);
	assert_int_equal(publish_as(ann, "{'request':'configure'}", "av", "ann1", false), 0);
	assert_int_equal(opened(), 3);
	assert_int_equal(ask(boss, "{'request':'destroy','room':5}"), 0);
	assert_int_equal(closed(), 3);
}

static void requests_change_it_for_all_and_for_one(void **state)
{
	(void)state;
	create_room("");
	publishes(ann, 1, "ann1");
	publishes(bob, 2, "bob1");
	assert_int_equal(opened(), 0);
	assert_int_equal(ask(ann, "{'request':'configure','record':true}"), 0);
	assert_int_equal(opened(), 2);
	assert_int_equal(ask(ann, "{'request':'configure','record':true}"), 0);
	assert_int_equal(opened(), 2);
	/* hers begins anew: it is one of the room's now */
	assert_int_equal(ask(boss, "{'request':'enable_recording','room':5,'record':true}"), 0);
	assert_int_equal(opened(), 6);
	assert_int_equal(closed(), 2);
	assert_int_equal(ask(bob, "{'request':'configure','record':false}"), 0);
	assert_int_equal(closed(), 4);
	publishes(carl, 3, "car1");
	assert_int_equal(opened(), 8);
	assert_int_equal(ask(boss, "{'request':'edit','room':5,'new_record':false}"), 0);
	assert_int_equal(closed(), 8);
}

static void a_lock_takes_the_secret(void **state)
{
	(void)state;
	create_room(",'lock_record':true,'secret':'open'");
	publishes(ann, 1, "ann1");
	warns(ann, "{'request':'configure','record':true,'bitrate':90000}", true);
	warns(ann, "{'request':'configure','record':true,'secret':'shut'}", true);
	warns(ann, "{'request':'configure','filename':'x','secret':'shut'}", true);
	assert_int_equal(opened(), 0);
	assert_int_equal(count_cmds(CMD_LIMIT), 2); /* the rest was done */
	warns(ann, "{'request':'configure','secret':'shut'}", false);
	warns(ann, "{'request':'configure','record':true,'secret':'open'}", false);
	assert_int_equal(opened(), 2);
	warns(ann, "{'request':'configure','record':false}", true);
	assert_int_equal(closed(), 0);
}

/* ---- where ---- */

static void names_do_not_leave_the_folder(void **state)
{
	static const char *const names[] = { "../x", "/etc/x", "a//x", "a/", "." };
	(void)state;
	create_room("");
	publishes(ann, 1, "ann1");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *body = g_strdup_printf(
			"{'request':'configure','record':true,'filename':'%s'}", names[i]);
		assert_int_equal(ask(ann, body), 499);
	}
	assert_int_equal(opened(), 0);
	assert_int_equal(ask(ann, "{'request':'configure','filename':'a/x'}"), 0);
	assert_int_equal(ask(ann, "{'request':'configure','record':true}"), 0);
	assert_int_equal(opened(), 2);
}

static void folders_are_within_that_of_recordings(void **state)
{
	(void)state;
	create_room("");
	assert_int_equal(ask(boss, "{'request':'create','rec_dir':'/etc'}"), 430);
	assert_int_equal(ask(boss, "{'request':'create','rec_dir':'a/../../b'}"), 430);
	assert_int_equal(ask(boss, "{'request':'create','rec_dir':'/tmp/cardea-no/a'}"), 430);
	assert_int_equal(ask(boss, "{'request':'create','rec_dir':'a/b'}"), 0);
	assert_int_equal(ask(boss, "{'request':'edit','room':5,'new_rec_dir':'/etc'}"), 430);
	g_autofree char *within =
		g_strdup_printf("{'request':'edit','room':5,'new_rec_dir':'%s/c'}", dir);
	g_autofree char *beside =
		g_strdup_printf("{'request':'edit','room':5,'new_rec_dir':'%s-2'}", dir);
	assert_int_equal(ask(boss, within), 0);
	assert_int_equal(ask(boss, beside), 430);
}

static void who_has_the_key_chooses_any_but_the_protected(void **state)
{
	(void)state;
	assert_int_equal(ask(boss, "{'request':'create','admin_key':'boss','rec_dir':'/tmp'}"), 0);
	assert_int_equal(
		ask(boss, "{'request':'create','admin_key':'boss','rec_dir':'/tmp/../a'}"), 430);
	assert_int_equal(ask(boss, "{'request':'create','admin_key':'boss',"
				   "'rec_dir':'/tmp/cardea-no/a'}"),
		499);
	assert_int_equal(
		ask(boss, "{'request':'create','admin_key':'boss','rec_dir':'/proc/x'}"), 499);
}

static void a_folder_that_is_gone_refuses_the_room(void **state)
{
	char command[128];
	(void)state;
	create_room(",'rec_dir':'a/b'");
	publishes(ann, 1, "ann1");
	snprintf(command, sizeof command, "touch %s/a", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(ask(boss, "{'request':'enable_recording','room':5,'record':true}"), 499);
	json_t *answer = ask_once(boss, "{'request':'list'}", NULL, NULL, false);
	json_t *room = json_array_get(json_object_get(plugin_data(answer), "list"), 0);
	assert_false(json_is_true(json_object_get(room, "record")));
	assert_string_equal(json_string_value(json_object_get(room, "rec_dir")), "a/b");
	json_decref(answer);
	assert_int_equal(opened(), 0);
}

/* ---- the index ---- */

static char *index_path(void)
{
	GDir *all = g_dir_open(dir, 0, NULL);
	const char *name;
	char *found = NULL;
	while (!found && (name = g_dir_read_name(all)))
		if (g_str_has_prefix(name, "room-5-") && g_str_has_suffix(name, ".json"))
			found = g_build_filename(dir, name, NULL);
	g_dir_close(all);
	return found;
}

/* The index, as soon as it has what is waited for. */
static json_t *index_with(const char *member, size_t n)
{
	for (unsigned ms = 0; ms < WAIT_MS; ms++) {
		g_autofree char *path = index_path();
		json_t *x = path ? json_load_file(path, 0, NULL) : NULL;
		const json_t *at = json_object_get(x, member);
		if (at && (!json_is_array(at) || json_array_size(at) == n))
			return x;
		json_decref(x);
		pass(0.5);
		usleep(1000);
	}
	fail_msg("no index with %zu %s", n, member);
	return NULL;
}

static void talks(bool talking)
{
	report(&(struct report){ .type = REP_TALKING,
		.peer = peer_of(ann),
		.talking = { 0, talking, talking ? 20 : 127 } });
}

static void the_index_says_who_was_there_and_spoke(void **state)
{
	(void)state;
	assert_int_equal(ask(boss, "{'request':'create','room':5,'record':true}"), 0);
	join(bob, 2);
	assert_null(index_path());
	publishes(ann, 1, "ann1");
	unsigned n_watched = count_cmds(CMD_WATCH_LEVEL);
	assert_true(n_watched > 0);
	json_decref(index_with("participants", 2));
	talks(true);
	talks(false);
	assert_string_equal(ann->talk->str, ""); /* the room has no audiolevel_event */
	json_decref(index_with("speakers", 2));
	assert_int_equal(ask(boss, "{'request':'enable_recording','room':5,'record':false}"), 0);
	assert_true(count_cmds(CMD_WATCH_LEVEL) > n_watched);
	json_t *x = index_with("ended_ms", 0);
	json_t *first = json_array_get(json_object_get(x, "participants"), 0);
	assert_int_equal(json_integer_value(json_object_get(x, "version")), 1);
	assert_int_equal(json_integer_value(json_object_get(first, "id")), 2);
	assert_int_equal(json_integer_value(json_object_get(first, "joined_ms")), 0);
	json_decref(x);
}

/* ---- what stands in the files ---- */

/* A worker says of a sink what it has, and brings a packet. */
static void bring(uint64_t sink, enum cardea_kind kind)
{
	const struct sink_record track = { .type = SINK_TRACK,
		.sink = sink,
		.track = { .t = { .kind = (uint8_t)kind,
				   .dir = CARDEA_RECV,
				   .codec = kind == CARDEA_AUDIO ? CARDEA_OPUS : CARDEA_VP8,
				   .clock_hz = kind == CARDEA_AUDIO ? 48000 : 90000 } } };
	uint8_t buf[256] __attribute__((aligned(16))) = { 0 };
	struct sink_record *r = (void *)buf;
	struct sink_packet *p = (void *)(buf + SINK_HEAD);
	*r = (struct sink_record){ .type = SINK_PACKETS, .sink = sink, .packets.n = 1 };
	*p = (struct sink_packet){ .at_us = clock_now_us(),
		.len = 24,
		.payload = 12,
		.payload_len = 12,
		.info = { .is_keyframe = true, .starts_frame = true } };
	((uint8_t *)(p + 1))[0] = 0x80;
	assert_int_equal(queue_push(disk_queue(), &track, sizeof track), OK);
	assert_int_equal(queue_push(disk_queue(), buf, SINK_HEAD + sizeof *p + 24), OK);
}

static void close_sink(uint64_t sink)
{
	const struct sink_record r = { .type = SINK_CLOSED, .sink = sink };
	assert_int_equal(queue_push(disk_queue(), &r, SINK_HEAD), OK);
}

/* All that is recorded, and its end. */
static void bring_all(void)
{
	turn();
	for (unsigned i = 0; i < n_cmds; i++)
		if (cmds[i].type == CMD_SINK_OPEN)
			bring(cmds[i].sink.id, cmds[i].sink.kind);
	assert_int_equal(ask(ann, "{'request':'leave'}"), 0);
	turn();
	for (unsigned i = 0; i < n_cmds; i++)
		if (cmds[i].type == CMD_SINK_CLOSE)
			close_sink(cmds[i].sink_id.id);
}

/* The head of the one file whose name ends so, as soon as it is there. */
static struct mjr_head head_of(const char *ending)
{
	struct mjr_head head = { 0 };
	for (unsigned ms = 0; ms < WAIT_MS && !head.kind; ms++, usleep(1000)) {
		GDir *all = g_dir_open(dir, 0, NULL);
		const char *name;
		char why[256];
		while ((name = g_dir_read_name(all))) {
			g_autofree char *path = g_build_filename(dir, name, NULL);
			if (strstr(name, ending))
				mjr_close(mjr_open(path, &head, why, sizeof why));
		}
		g_dir_close(all);
		pass(0.5);
	}
	assert_int_not_equal(head.kind, 0);
	return head;
}

static void heads_of_mjr_have_the_descriptions_of_streams(void **state)
{
	(void)state;
	create_room(",'record':true,'recording_format':'mjr','description':'A room'");
	assert_int_equal(ask(ann, "{'request':'join','room':5,'ptype':'publisher','id':1,"
				  "'display':'Ann'}"),
		0);
	assert_int_equal(publish_as(ann,
				 "{'request':'publish','descriptions':["
				 "{'mid':'1','description':'My camera'}]}",
				 "av", "ann1", false),
		0);
	bring_all();
	assert_string_equal(head_of("-video-1.mjr").description, "My camera");
	assert_string_equal(head_of("-audio-0.mjr").description, "");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_in_folder, end_in_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_room_records_each_from_its_answer_on),
		TEST(what_is_recorded_stands_upright),
		TEST(it_ends_with_the_stream_and_with_the_room),
		TEST(requests_change_it_for_all_and_for_one),
		TEST(a_lock_takes_the_secret),
		TEST(names_do_not_leave_the_folder),
		TEST(folders_are_within_that_of_recordings),
		cmocka_unit_test_setup_teardown(who_has_the_key_chooses_any_but_the_protected,
			begin_with_key, end_in_folder),
		TEST(a_folder_that_is_gone_refuses_the_room),
		TEST(heads_of_mjr_have_the_descriptions_of_streams),
		TEST(the_index_says_who_was_there_and_spoke),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
