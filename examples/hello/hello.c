/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The plugin hello: one request, {"request": "greet", "name": "Ann"}. */
#include <cardea/plugin.h>

extern CARDEA_API const struct cardea_plugin cardea_plugin; /* the server looks for it */

static const char *words; /* of the configuration: what a greeting begins with */

static const struct cardea_dialect dialect = { "hello", { .missing = 2, .invalid = 3 }, 1, 2 };

/* The server checks a request against this before it calls greet(), and words the error. */
static const struct cardea_field greet_fields[] = {
	{ "name", CARDEA_STR, .required = true, .max = 100, .note = "who is greeted" }, { 0 }
};

static bool greet(struct cardea_call *c)
{
	c->data = json_pack("{s:s, s:s+++}", "hello", "greeting", "text", words, ", ",
		cardea_str(&c->args, "name"), "!");
	return true; /* or cardea_fail(c->error, code, "why not") */
}

static const struct cardea_request requests[] = {
	{ "greet", greet_fields, greet, .note = "Greet somebody." },
	{ 0 },
};
static const struct cardea_code errors[] = { { 1, "there is no such request" },
	{ 2, "a required field is missing" }, { 3, "a field has the wrong type or value" }, { 0 } };

static const struct cardea_field general_fields[] = {
	{ "words", CARDEA_STR, .max = 100, .dflt_str = "Good day",
		.note = "what a greeting begins with" },
	{ 0 }
};
static const struct cardea_section options[] = { { "general", general_fields, NULL }, { 0 } };

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");
	words = cardea_str(&general, "words"); /* stays as long as the plugin */
	return NULL;                           /* or a sentence on why it cannot run */
}

/* A client begins to use the plugin, and has done so. There is nothing to keep for it. */
static int attach(struct cardea_handle *h)
{
	(void)h;
	return 0;
}

static void detach(struct cardea_handle *h)
{
	(void)h;
}

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	cardea_serve(h, m, requests, &dialect);
}

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "hello", /* hello.so, and cardea.plugin.hello to clients */
	.title = "hello",
	.description = "Greets who asks for it.",
	.author = "You",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.requests = requests,
	.errors = errors,
	.start = start,
	.attach = attach,
	.detach = detach,
	.message = message,
};
