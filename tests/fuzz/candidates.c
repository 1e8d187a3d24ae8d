/* SPDX-License-Identifier: Apache-2.0 */
/* A candidate as clients send it: as the member of a `trickle`, before and behind an offer, alone
 * and in lists, and as a line of a description. The input is JSON, or else a candidate's text. */
#include "fuzz.h"
#include "../unit/control_world.h"

#define CAP       2048
#define KEPT      32 /* candidates that are remembered at most … */
#define KEPT_LONG 255

static const char offer_head[] =
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n"
	"a=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:"
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\na=setup:actpass\r\n"
	"a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
	"a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";
static const char offer_tail[] = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n"
				 "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n";

static uint64_t session, handle;

static void send_it(json_t *tree)
{
	struct cardea_origin from = origin(1, false);
	must(tree && cardea_transport_incoming(&from, tree));
	turn();
}

/* @return whether it is no error: that has a code, and a reason in words. */
static bool is_good(json_t *answer)
{
	const char *what = json_string_value(json_object_get(answer, "janus"));
	json_t *error = json_object_get(answer, "error");
	must(what);
	must(!strcmp(what, "error") == !!error);
	if (error)
		must(json_integer_value(json_object_get(error, "code")) >= 400 &&
			json_string_length(json_object_get(error, "reason")));
	json_decref(answer);
	return !error;
}

/* One request, one answer. */
static bool ask(const char *what, const char *key, json_t *value)
{
	send_it(json_pack("{s:s, s:s, s:I, s:I, s:o}", "janus", what, "transaction", "t",
		"session_id", (json_int_t)session, "handle_id", (json_int_t)handle, key, value));
	json_t *answer = hear(1);
	must(answer);
	bool good = is_good(answer);
	must(!(answer = hear(1)));
	return good;
}

static bool offer(const char *line)
{
	char *sdp = g_strconcat(offer_head, line, offer_tail, NULL);
	json_t *jsep = json_pack("{s:s, s:s}", "type", "offer", "sdp", sdp), *answer;
	bool good = true;
	g_free(sdp);
	must(jsep);
	send_it(json_pack("{s:s, s:s, s:I, s:I, s:{}, s:o}", "janus", "message", "transaction", "t",
		"session_id", (json_int_t)session, "handle_id", (json_int_t)handle, "body", "jsep",
		jsep));
	must(answer = hear(1));
	if ((good = is_good(answer))) {
		must(answer = hear(1)); /* behind the ack, the event with our answer */
		good = json_object_get(answer, "jsep");
		json_decref(answer);
	}
	must(!hear(1));
	return good;
}

static void check_kept(void)
{
	const struct peerconn *pc = last_attached->pc;
	if (!pc->trickled)
		return;
	must(pc->trickled->len <= KEPT);
	for (unsigned i = 0; i < pc->trickled->len; i++) {
		const char *text = g_ptr_array_index(pc->trickled, i);
		must(*text && strlen(text) <= KEPT_LONG);
		must(g_utf8_validate(text, -1, NULL)); /* it is shown in JSON */
	}
}

static void trickle(json_t *c)
{
	bool good = ask("trickle", "candidate", json_incref(c));
	check_kept();
	if (good)
		must(ask("trickle", "candidates", json_pack("[O, O]", c, c)));
	ask("trickle", "candidates", json_incref(c));
	check_kept();
}

static json_t *as_json(const char *text, size_t len)
{
	json_t *c = json_loadb(text, len, JSON_DECODE_ANY, NULL), *line;
	if (c)
		return c;
	line = json_stringn(text, len);
	return line ? json_pack("{s:s, s:i, s:o}", "sdpMid", "0", "sdpMLineIndex", 0, "candidate",
			      line)
		    : NULL;
}

static void as_line(const char *text, size_t len)
{
	if (memchr(text, '\r', len) || memchr(text, '\n', len) || memchr(text, '\0', len))
		return;
	char *line = g_strdup_printf("a=candidate:%.*s\r\n", (int)len, text);
	if (g_utf8_validate(line, -1, NULL))
		offer(line); /* none of our business, or refused for what else is in it */
	g_free(line);
}

static void close_all(void)
{
	send_it(json_pack("{s:s, s:s, s:I}", "janus", "destroy", "transaction", "t", "session_id",
		(json_int_t)session));
	json_t *answer = hear(1);
	must(answer && is_good(answer));
	for (unsigned i = 0; i < n_cmds; i++)
		if (cmds[i].type == CMD_PEER_CLOSE)
			report(&(struct report){ .type = REP_RETIRED, .peer = cmds[i].peer });
	must(!peerconns_count());
	n_cmds = 0;
	g_string_truncate(hooks, 0);
	g_string_truncate(owned, 0);
	while ((answer = hear(1)))
		json_decref(answer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	begin_with(NULL);
	atexit(end);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	json_t *c;
	if (size > CAP || !(c = as_json(text, size)))
		return 0;
	session = create_session(1);
	handle = attach_handle(1, session);
	ask("trickle", "candidate", json_incref(c));
	must(offer(""));
	trickle(c);
	as_line(text, size);
	close_all();
	json_decref(c);
	return 0;
}
