/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "handshake.h"
#include "http.h"

#define ANSWER_SIZE 2048

bool handshake_is_asked(const struct head *h)
{
	return !strcmp(h->method, "GET") && !h->is_1_0 && head_lists(h, "Upgrade", "websocket") &&
	       head_lists(h, "Connection", "upgrade");
}

/** The subprotocols that are offered, with commas between. @return false: too much */
static bool read_offered(const struct head *h, char *out, size_t size)
{
	unsigned at = 0;
	size_t n = 0;
	const char *v;

	out[0] = '\0';
	while ((v = head_each(h, "Sec-WebSocket-Protocol", &at)) && n < size)
		n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", v);
	return n < size;
}

static bool has_key(const struct head *h)
{
	const char *key = head_get(h, "Sec-WebSocket-Key");
	unsigned char raw[18];
	return strlen(key) == 24 && EVP_DecodeBlock(raw, (const unsigned char *)key, 24) == 18;
}

/** Section 4.2.2: what proves that we have read the request. */
static void accept_key(const char *key, char out[29])
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char all[24 + sizeof magic], digest[20];

	memcpy(all, key, 24);
	memcpy(all + 24, magic, sizeof magic - 1);
	EVP_Digest(all, 24 + sizeof magic - 1, digest, NULL, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof digest);
}

bool handshake_accept(
	struct conn *c, const struct head *h, const struct mount *m, const struct visitor *v)
{
	char key[29], *buf = (char *)conn_scratch(ANSWER_SIZE);
	bool is_named = mount_has_subprotocol(m);

	if (!buf)
		return false;
	accept_key(head_get(h, "Sec-WebSocket-Key"), key);
	int n = snprintf(buf, ANSWER_SIZE,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s%s%s"
		"%s%.*s%s\r\n",
		key, is_named ? "Sec-WebSocket-Protocol: " : "", is_named ? m->name : "",
		is_named ? "\r\n" : "", v->allow_origin ? "Access-Control-Allow-Origin: " : "",
		(int)v->allow_origin_len, v->allow_origin ? v->allow_origin : "",
		v->allow_origin ? "\r\n" : "");
	return n < ANSWER_SIZE && conn_write(c, (unsigned char *)buf, (size_t)n);
}

int handshake_check(struct conn *c, const struct head *h, const struct mount **m, struct visitor *v)
{
	char offered[512], path[256], local[64];

	if (http_has_body(c->http))
		return 400;
	if (strcmp(head_get(h, "Sec-WebSocket-Version"), "13"))
		return 426;
	conn_local_ip(c, local, sizeof local);
	if (!has_key(h) || !read_offered(h, offered, sizeof offered) ||
		!head_path(h, path, sizeof path) ||
		!(*m = listen_socket(c->listener, offered, path, local)))
		return 400;
	return access_check(c->listener, *m, c->ip, h, v);
}
