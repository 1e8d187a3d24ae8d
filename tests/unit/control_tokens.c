/* SPDX-License-Identifier: Apache-2.0 */
/* Stored tokens, and the file that keeps them (core/control/tokens.c, token_store.c). */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "text.h"
#include "../../core/base/clock.h"
#include "../../core/base/file.h"
#include "../../core/base/log.h"
#include "../../core/base/loop.h"
#include "../../core/base/work.h"
#include "../../core/control/tokens.h"

#define MAX 5

static struct loop *loop;
static int64_t now_us = 1000000000;
static char folder[64], path[128];
static sem_t reached;

static void start(const char *file)
{
	loop = loop_create("home");
	assert_int_equal(work_start(loop, 1, 8), OK);
	tokens_start(loop, MAX, file);
}

static void stop(void)
{
	tokens_stop();
	work_stop();
	loop_destroy(loop);
}

static int begin(void **state)
{
	(void)state;
	clock_fake(now_us);
	log_set_level(0);
	sem_init(&reached, 0, 0);
	strcpy(folder, "/tmp/cardea-tokens-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/tokens.json", folder);
	start(NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	stop();
	unlink(path);
	return rmdir(folder);
}

static void again(const char *file)
{
	stop();
	start(file);
}

static void mark(void *arg)
{
	(void)arg;
	sem_post(&reached);
}

/* The one thread of the pool has done all that was asked so far, and home knows. */
static void settle(void)
{
	for (int i = 0; i < 3; i++) { /* a write may bring about another */
		assert_int_equal(work_run(mark, NULL, NULL), OK);
		sem_wait(&reached);
		loop_turn(loop, now_us);
	}
}

static void lists(const char *expected)
{
	json_t *list = tokens_list();
	char *text = json_dumps(list, JSON_COMPACT);
	assert_string_equal(text, Q(expected));
	free(text);
	json_decref(list);
}

static void plugins_are(const char *token, const char *expected)
{
	char *text = json_dumps(tokens_plugins(token), JSON_COMPACT);
	assert_string_equal(text, Q(expected));
	free(text);
}

static void knows_what_was_added(void **state)
{
	(void)state;
	assert_false(tokens_has("a"));
	assert_int_equal(tokens_add("a"), OK);
	assert_int_equal(tokens_add("a"), ERR_EXISTS);
	assert_int_equal(tokens_add("\xc3\xa9 \"b\""), OK);
	assert_true(tokens_has("a"));
	assert_true(tokens_has("\xc3\xa9 \"b\""));
	assert_false(tokens_has("A"));
	assert_false(tokens_has("aa"));
	assert_false(tokens_has(""));
	assert_false(tokens_has(NULL));
	assert_int_equal(tokens_remove("a"), OK);
	assert_int_equal(tokens_remove("a"), ERR_NOT_FOUND);
	assert_false(tokens_has("a"));
	assert_true(tokens_has("\xc3\xa9 \"b\""));
}

static void says_who_may_use_what(void **state)
{
	(void)state;
	tokens_add("a");
	tokens_add("b");
	assert_int_equal(tokens_allow("a", "videoroom"), OK);
	assert_int_equal(tokens_allow("a", "echotest"), OK);
	assert_int_equal(tokens_allow("a", "videoroom"), OK);
	assert_int_equal(tokens_allow("nobody", "videoroom"), ERR_NOT_FOUND);
	plugins_are("a", "['janus.plugin.videoroom','janus.plugin.echotest']");
	plugins_are("b", "[]");
	assert_null(tokens_plugins("nobody"));
	assert_true(tokens_may_use("a", "echotest"));
	assert_false(tokens_may_use("a", "echo"));
	assert_false(tokens_may_use("b", "echotest"));
	assert_false(tokens_may_use(NULL, "echotest"));
	lists("[{'token':'a','allowed_plugins':['janus.plugin.videoroom','janus.plugin."
	      "echotest']}]");
	assert_int_equal(tokens_disallow("a", "videoroom"), OK);
	assert_int_equal(tokens_disallow("a", "videoroom"), OK);
	assert_int_equal(tokens_disallow("nobody", "videoroom"), ERR_NOT_FOUND);
	assert_false(tokens_may_use("a", "videoroom"));
	plugins_are("a", "['janus.plugin.echotest']");
}

static void has_bounds(void **state)
{
	char token[TOKEN_MAX + 2] = "";
	(void)state;
	assert_int_equal(tokens_add(""), ERR_INVALID);
	memset(token, 'x', TOKEN_MAX + 1);
	assert_int_equal(tokens_add(token), ERR_INVALID);
	assert_false(tokens_has(token));
	token[TOKEN_MAX] = '\0';
	assert_int_equal(tokens_add(token), OK);
	assert_true(tokens_has(token));
	for (unsigned i = 1; i < MAX; i++)
		assert_int_equal(tokens_add((char[]){ (char)('a' + i), 0 }), OK);
	assert_int_equal(tokens_add("more"), ERR_FULL);
	assert_int_equal(tokens_add(token), ERR_EXISTS);
	tokens_remove(token);
	assert_int_equal(tokens_add("more"), OK);
}

/* ---- the file ---- */

static void loses_all_at_a_restart_without_a_file(void **state)
{
	(void)state;
	tokens_add("a");
	again(NULL);
	assert_false(tokens_has("a"));
}

static void keeps_all_in_a_file(void **state)
{
	struct stat st;
	(void)state;
	again(path);
	tokens_add("none");
	tokens_add("z");
	tokens_add("a");
	tokens_allow("a", "videoroom");
	tokens_allow("a", "echotest");
	tokens_allow("z", "echotest");
	tokens_remove("none");
	tokens_add("none");
	settle();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	again(path);
	lists("[{'token':'z','allowed_plugins':['janus.plugin.echotest']},"
	      "{'token':'a','allowed_plugins':['janus.plugin.videoroom','janus.plugin."
	      "echotest']}]");
	assert_true(tokens_has("none"));
	assert_true(tokens_may_use("a", "videoroom"));
}

static void writes_what_is_left_when_it_stops(void **state)
{
	(void)state;
	again(path);
	for (char c = 'a'; c < 'a' + MAX; c++)
		tokens_add((char[]){ c, 0 });
	tokens_remove("b"); /* while the first write is on its way, at least */
	again(path);
	assert_true(tokens_has("a"));
	assert_true(tokens_has("e"));
	assert_false(tokens_has("b"));
}

static void tries_again_what_could_not_be_written(void **state)
{
	(void)state;
	char moved[140];
	snprintf(moved, sizeof moved, "%s/later", folder);
	snprintf(path, sizeof path, "%s/later/tokens.json", folder);
	again(path);
	tokens_add("a");
	settle();
	assert_int_equal(access(path, F_OK), -1);
	tokens_add("b");
	assert_int_equal(mkdir(moved, 0700), 0);
	now_us += 6000000;
	clock_fake(now_us);
	loop_turn(loop, now_us);
	settle();
	again(path);
	assert_true(tokens_has("a") && tokens_has("b"));
	again(NULL);
	unlink(path);
	rmdir(moved);
}

static void leaves_a_broken_file_alone(void **state)
{
	static const char *const broken[] = {
		"",
		"{",
		"[]",
		"{'version':1}",
		"{'version':2,'tokens':[]}",
		"{'version':1,'tokens':[]} x",
		"{'version':1,'tokens':[5]}",
		"{'version':1,'tokens':[{}]}",
		"{'version':1,'tokens':[{'token':'good','allowed_plugins':[]},{'token':"
		"'b'}]}",
		"{'version':1,'tokens':[{'token':'','allowed_plugins':[]}]}",
		"{'version':1,'tokens':[{'token':'good','allowed_plugins':[5]}]}",
		"{'version':1,'tokens':[{'token':'good','allowed_plugins':['echotest']}"
		"]}",
		"{'version':1,'tokens':[{'token':'good','allowed_plugins':[]},"
		"{'token':'good','allowed_plugins':[]}]}",
		"{'version':1,'tokens':[{'token':'good','allowed_plugins':[]},"
		"{'token':'2','allowed_plugins':[]},{'token':'3','allowed_plugins':[]},"
		"{'token':'4','allowed_plugins':[]},{'token':'5','allowed_plugins':[]},"
		"{'token':'6','allowed_plugins':[]}]}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		const char *before = Q(broken[i]);
		char *text;
		size_t len;
		assert_int_equal(file_replace(path, before, strlen(before)), OK);
		again(path);
		if (tokens_has("good"))
			fail_msg("taken from %s", before);
		assert_int_equal(tokens_add("new"), OK); /* in force, but not kept */
		settle();
		assert_true(tokens_has("new"));
		again(NULL);
		assert_int_equal(file_read(path, 10000, &text, &len), OK);
		assert_string_equal(text, before);
		free(text);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_what_was_added),
		TEST(says_who_may_use_what),
		TEST(has_bounds),
		TEST(loses_all_at_a_restart_without_a_file),
		TEST(keeps_all_in_a_file),
		TEST(writes_what_is_left_when_it_stops),
		TEST(tries_again_what_could_not_be_written),
		TEST(leaves_a_broken_file_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
