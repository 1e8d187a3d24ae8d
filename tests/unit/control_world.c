/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "control_world.h"

/* ---- the clock and the loop ---- */

static struct loop *loop;
struct conf *conf;
int64_t now_us;

struct loop *world_loop(void)
{
	return loop;
}

void turn(void)
{
	clock_fake(now_us);
	loop_turn(loop, now_us);
}

void pass(double seconds)
{
	int64_t until = now_us + (int64_t)(seconds * 1e6);
	while (now_us < until) {
		now_us = MIN(now_us + 500000, until);
		turn();
	}
}

/* ---- the transport ---- */

GQueue heard_by_all = G_QUEUE_INIT;
bool is_deaf;
unsigned n_sent, n_errors;
GString *owned;
int last_poll_status;

static void fake_send(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	n_sent++;
	if (is_deaf) {
		n_errors += strstr(text->data, Q("'error")) != NULL;
		cardea_text_drop(text);
		return;
	}
	struct heard *h = g_new0(struct heard, 1);
	*h = (struct heard){ client, request, session_id,
		json_loadb(text->data, text->len, 0, NULL) };
	assert_non_null(h->msg);
	g_queue_push_tail(&heard_by_all, h);
	cardea_text_drop(text);
}

static void fake_owns(uint64_t client, uint64_t session_id, bool owner)
{
	(void)session_id;
	g_string_append_printf(owned, "%c%u ", owner ? '+' : '-', (unsigned)client);
}

static void fake_polled(uint64_t client, uint64_t request, uint64_t session_id, int status)
{
	(void)client, (void)request, (void)session_id;
	last_poll_status = status;
}

int text_style;

static int fake_style(void)
{
	return text_style;
}

static json_t *fake_query(const json_t *request)
{
	return json_pack("{s:i, s:O}", "result", 200, "asked", request);
}

const struct cardea_transport fake_transport = {
	.size = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "fake",
	.title = "Fake",
	.version_string = "1",
	.version = 1,
	.style = fake_style,
	.send = fake_send,
	.owns = fake_owns,
	.polled = fake_polled,
	.query = fake_query,
};

json_t *hear(uint64_t client)
{
	for (GList *l = heard_by_all.head; l; l = l->next) {
		struct heard *h = l->data;
		if (h->client != client)
			continue;
		json_t *msg = h->msg;
		g_queue_delete_link(&heard_by_all, l);
		g_free(h);
		return msg;
	}
	return NULL;
}

const char *from_ip = "";

struct cardea_origin origin(uint64_t client, bool admin)
{
	static uint64_t request;
	return (struct cardea_origin){ &fake_transport, client, ++request, admin,
		cardea_address(from_ip), 0 };
}

/* printf a request and send it. */
static void vsay(uint64_t client, bool admin, const char *fmt, va_list args)
{
	char *text = quote(g_strdup_vprintf(fmt, args));
	struct cardea_origin from = origin(client, admin);
	json_error_t e;
	json_t *tree = json_loads(text, JSON_DECODE_ANY, &e);
	if (!tree)
		fail_msg("bad test request %s: %s", text, e.text);
	assert_true(cardea_transport_incoming(&from, tree));
	g_free(text);
	turn();
}

void say(uint64_t client, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsay(client, false, fmt, args);
	va_end(args);
}

void ask_admin(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsay(9, true, fmt, args);
	va_end(args);
}

void hears(uint64_t client, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *expected = quote(g_strdup_vprintf(fmt, args));
	va_end(args);
	json_t *msg = hear(client);
	char *got = msg ? json_dumps(msg, JSON_COMPACT) : strdup("(nothing)");
	assert_string_equal(got, expected);
	free(got);
	g_free(expected);
	json_decref(msg);
}

void hears_error(uint64_t client, int code, const char *reason)
{
	json_t *msg = hear(client);
	assert_non_null(msg);
	json_t *error = json_object_get(msg, "error");
	assert_string_equal(json_string_value(json_object_get(msg, "janus")), "error");
	assert_int_equal(json_integer_value(json_object_get(error, "code")), code);
	if (reason)
		assert_string_equal(json_string_value(json_object_get(error, "reason")), reason);
	json_decref(msg);
}

void hears_nothing(uint64_t client)
{
	json_t *msg = hear(client);
	char *got = msg ? json_dumps(msg, JSON_COMPACT) : NULL;
	if (got)
		fail_msg("unexpected: %s", got);
}

uint64_t hears_id(uint64_t client)
{
	json_t *msg = hear(client);
	assert_non_null(msg);
	uint64_t id =
		(uint64_t)json_integer_value(json_object_get(json_object_get(msg, "data"), "id"));
	assert_true(id > 0);
	json_decref(msg);
	return id;
}

uint64_t create_session(uint64_t client)
{
	say(client, "{'janus':'create','transaction':'c'}");
	return hears_id(client);
}

uint64_t attach_handle(uint64_t client, uint64_t session)
{
	say(client,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'janus.plugin.probe'}",
		session);
	return hears_id(client);
}

/* ---- the plugin ---- */

GString *hooks;
struct cardea_handle *last_attached;
int refuse_attach;
int64_t detach_takes_us;

static int probe_attach(struct cardea_handle *h)
{
	g_string_append(hooks, "attach ");
	last_attached = h;
	cardea_set_user_data(h, hooks);
	return refuse_attach;
}

static void probe_detach(struct cardea_handle *h)
{
	assert_ptr_equal(cardea_user_data(h), hooks);
	if (h == last_attached)
		last_attached = NULL;
	if (detach_takes_us)
		clock_fake(now_us += detach_takes_us);
	g_string_append(hooks, "detach ");
}

static struct cardea_desc *accept_all(const struct cardea_desc *offer)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	for (unsigned i = 0; i < offer->n_media; i++)
		cardea_accept(a, offer, i,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				.dir = offer->media[i].dir,
				.codec = 0,
				.exts = 1u << CARDEA_EXT_MID | 1u << CARDEA_EXT_RID });
	return a;
}

static struct cardea_desc *offer_audio(bool restart)
{
	struct cardea_desc *o = cardea_offer_new();
	cardea_offer_add(o, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
				    .kind = CARDEA_AUDIO,
				    .dir = CARDEA_SEND,
				    .codec = CARDEA_OPUS,
				    .exts = 1u << CARDEA_EXT_MID });
	o->restart = restart;
	return o;
}

json_t *word(const char *text)
{
	return json_pack("{s:s}", "probe", text);
}

static void probe_do(struct cardea_handle *h, struct cardea_message *m, const char *what)
{
	char tx[64];
	snprintf(tx, sizeof tx, "%s", cardea_transaction(m));
	if (strcmp(what, "event") == 0) {
		cardea_ack(m);
		cardea_event(h, tx, word("later"), NULL);
	} else if (strcmp(what, "refuse") == 0) {
		cardea_refuse(m, "I would rather not");
	} else if (strcmp(what, "close") == 0) {
		cardea_close(h);
		g_string_append(hooks, "closed ");
		cardea_reply(m, word("closed"));
	} else if (strcmp(what, "end") == 0) {
		cardea_end(h);
		cardea_end(h);
		cardea_reply(m, word("ended"));
		g_string_append(hooks, "still ");
	} else if (strcmp(what, "twice") == 0) {
		cardea_reply(m, word("one"));
		cardea_reply(m, word("two"));
	} else if (strcmp(what, "offer") == 0 || strcmp(what, "restart") == 0) {
		cardea_ack(m);
		cardea_event(h, tx, word("offer"), offer_audio(what[0] == 'r'));
	} else if (strcmp(what, "nothing") != 0) {
		cardea_reply(m, word(what));
	}
}

static void probe_message(struct cardea_handle *h, struct cardea_message *m)
{
	const struct cardea_desc *remote = cardea_remote(m);
	const char *what = json_string_value(json_object_get(cardea_body(m), "do"));
	char tx[64];
	snprintf(tx, sizeof tx, "%s", cardea_transaction(m));
	g_string_append(hooks, "message ");
	if (!remote || remote->type == CARDEA_ANSWER || what) {
		probe_do(h, m, what ? what : "ok");
		return;
	}
	cardea_ack(m);
	if (cardea_event(h, tx, word("answer"), accept_all(remote)))
		for (unsigned i = 0; i < remote->n_media; i++)
			cardea_route((struct cardea_track){ h, i }, (struct cardea_track){ h, i },
				&(struct cardea_want){
					.size = sizeof(struct cardea_want), .max_layer = 2 });
}

static void probe_connected(struct cardea_handle *h)
{
	g_string_append(hooks, cardea_is_up(h) ? "up " : "not-up ");
}

static void probe_hangup(struct cardea_handle *h, const char *reason)
{
	g_string_append_printf(hooks, "hangup(%s) ", reason);
	assert_false(cardea_is_up(h));
	cardea_event(h, NULL, word("done"), NULL);
}

static void probe_receiving(struct cardea_handle *h, unsigned mindex, int substream, bool on)
{
	(void)h;
	g_string_append_printf(hooks, "receiving(%u,%d,%d) ", mindex, substream, on);
}

static void probe_estimate(struct cardea_handle *h, uint64_t bps)
{
	assert_true(cardea_is_up(h));
	g_string_append_printf(hooks, "estimate(%" PRIu64 ") ", bps);
}

bool probe_is_busy;

static bool probe_data(struct cardea_handle *h, const struct cardea_data *what)
{
	(void)h;
	g_string_append_printf(
		hooks, "data(%s,%u,%.20s) ", what->label, what->channel, (const char *)what->bytes);
	return !probe_is_busy;
}

static void probe_data_ready(struct cardea_handle *h)
{
	assert_true(cardea_has_data(h));
	g_string_append(hooks, "data-ready ");
}

static json_t *probe_query(struct cardea_handle *h)
{
	(void)h;
	return word("queried");
}

static json_t *probe_admin(const json_t *request)
{
	const char *what = json_string_value(json_object_get(request, "do"));
	if (what && strcmp(what, "end") == 0)
		cardea_end(last_attached);
	if (what && strcmp(what, "close") == 0)
		cardea_close(last_attached);
	return what ? word(what) : NULL;
}

const struct cardea_plugin probe = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "probe",
	.title = "Probe",
	.version_string = "1",
	.version = 1,
	.attach = probe_attach,
	.detach = probe_detach,
	.message = probe_message,
	.connected = probe_connected,
	.hangup = probe_hangup,
	.receiving = probe_receiving,
	.estimate = probe_estimate,
	.data = probe_data,
	.data_ready = probe_data_ready,
	.query = probe_query,
	.admin = probe_admin,
};

void called(const char *expected)
{
	assert_string_equal(hooks->str, expected);
	g_string_truncate(hooks, 0);
}

/* ---- the media side ---- */

struct cmd cmds[4096];
unsigned n_cmds, n_closes;
struct data_msg *data_sent[64];
unsigned n_data;
size_t data_consumed;
bool media_full;
unsigned n_posts, fails_at, n_fails;

static size_t last_cmd(enum cmd_type type)
{
	for (unsigned i = n_cmds; i-- > 0;)
		if (cmds[i].type == type)
			return i;
	fail_msg("no command %d", type);
	return 0;
}

unsigned count_cmds(enum cmd_type type)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_cmds; i++)
		n += cmds[i].type == type;
	return n;
}

const struct cmd *cmd_of(enum cmd_type type)
{
	return &cmds[last_cmd(type)];
}

void report(struct report *r)
{
	assert_int_equal(queue_push(worker_reports(), r, sizeof *r), OK);
	turn();
}

enum err rtc_post(unsigned worker, const struct cmd *c)
{
	(void)worker;
	n_posts++;
	if (media_full || (n_posts >= fails_at && n_posts < fails_at + n_fails))
		return ERR_FULL;
	assert_true(c->peer || (c->type >= CMD_SINK_OPEN && c->type <= CMD_SINK_KEYFRAME));
	if (n_cmds < G_N_ELEMENTS(cmds))
		cmds[n_cmds++] = *c;
	n_closes += c->type == CMD_PEER_CLOSE;
	return OK;
}

struct router_tuning tuned;
unsigned n_tuned;

struct queue *media_queue;

struct queue *rtc_media_queue(unsigned worker)
{
	(void)worker;
	return media_queue;
}

unsigned rtc_first_source(void)
{
	return settings.rtc.max_peers;
}

enum err rtc_tune(unsigned worker, const struct router_tuning *t)
{
	(void)worker;
	if (media_full)
		return ERR_FULL;
	tuned = *t;
	n_tuned++;
	return OK;
}

enum err rtc_data_send(uint64_t peer, struct data_msg *m)
{
	assert_true(peer != 0);
	if (media_full || n_data == G_N_ELEMENTS(data_sent))
		return ERR_FULL;
	data_sent[n_data++] = m;
	return OK;
}

enum err rtc_data_consumed(uint64_t peer, size_t cost)
{
	assert_true(peer != 0);
	if (media_full)
		return ERR_FULL;
	data_consumed += cost;
	return OK;
}

void data_event(const struct data_event *e)
{
	assert_int_equal(queue_push(data_channels_events(), e, sizeof *e), OK);
	turn();
}

const char *rtc_fingerprint(void)
{
	return "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:"
	       "55:66:77:88:99";
}

void rtc_ice_credentials(unsigned worker, char ufrag[ICE_OUR_UFRAG + 1], char pwd[ICE_OUR_PWD + 1])
{
	static unsigned n;
	(void)worker;
	snprintf(ufrag, ICE_OUR_UFRAG + 1, "ufrag%07u", ++n);
	snprintf(pwd, ICE_OUR_PWD + 1, "pwdpwdpwdpwdpwd%09u", n);
}

const char *rtc_candidate(unsigned worker, unsigned i)
{
	(void)worker;
	return i == 0 ? "1 1 udp 2015363327 127.0.0.1 10000 typ host" : NULL;
}

const char *rtc_address(void)
{
	return settings.rtc.nat_1_1 ? "203.0.113.5" : "127.0.0.1";
}

/* ---- begin and end ---- */

void begin_with(const char *const *sets)
{
	unsigned n = 0;
	while (sets && sets[n])
		n++;
	now_us = 1000000000;
	clock_fake(now_us);
	loop = loop_create("test");
	conf = conf_load(NULL, sets, n);
	options_read(&settings, conf);
	assert_int_equal(conf_findings(conf, NULL, NULL), 0);
	settings.log.level = 0;
	log_set_level(0);
	hooks = g_string_new(NULL);
	owned = g_string_new(NULL);
	n_cmds = n_closes = 0;
	refuse_attach = 0;
	detach_takes_us = 0;
	media_full = probe_is_busy = false;
	n_posts = fails_at = n_fails = 0;
	n_data = 0;
	data_consumed = 0;
	from_ip = "";
	assert_int_equal(control_start(loop, conf), OK);
	assert_null(plugin_add(&probe, NULL, NULL));
	assert_null(transport_add(&fake_transport, NULL));
}

void end(void)
{
	json_t *msg;
	control_stop();
	control_free();
	plugins_unload();
	loop_destroy(loop);
	conf_destroy(conf);
	for (uint64_t client = 0; client < 100; client++)
		while ((msg = hear(client)))
			json_decref(msg);
	assert_true(g_queue_is_empty(&heard_by_all));
	g_string_free(hooks, TRUE);
	g_string_free(owned, TRUE);
	while (n_data)
		data_msg_drop(data_sent[--n_data]);
	clock_fake(-1);
}

int begin(void **state)
{
	(void)state;
	begin_with(NULL);
	return 0;
}

int finish(void **state)
{
	(void)state;
	end();
	return 0;
}
