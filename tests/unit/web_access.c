/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in (core/web/access.c), asked through the whole web host. web_world.h has both
 * ends. */
#include "web_world.h"

#define PORT 23030
const uint16_t web_port = PORT;

/* The web port is on loopback only, and has a mount "/test" and the pages of the host. The others
 * are on ports of their own. */
enum { LISTED = PORT + 1, ADMIN, V4, V6, ENFORCED, FORWARDED, ANYONE };
#define PROXY   "127.0.0.2"
#define OUTSIDE "192.0.2.7"

static void says_ip(void *arg, const struct cardea_web_request *r)
{
	(void)arg;
	cardea_web_answer(r->id, 200, NULL, "text/plain", cardea_web_text(r->ip, strlen(r->ip)));
}

static void socket_says_ip(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	(void)arg;
	cardea_web_send(conn, cardea_web_text(who->ip, strlen(who->ip)));
}

static void nothing(void *arg, uint64_t conn, unsigned code)
{
	(void)arg, (void)conn, (void)code;
}

static void mount_at(struct cardea_web_place place)
{
	static const struct cardea_web_pages pages = {
		.size = sizeof pages, .request = says_ip, .late = on_late
	};
	static const struct cardea_web_socket sockets = { .size = sizeof sockets,
		.opened = socket_says_ip,
		.message = on_message,
		.closed = nothing };

	place.size = sizeof place;
	assert_null(cardea_web_mount_path("/ip", &place, &pages, NULL));
	assert_null(cardea_web_mount_socket("ip-protocol", &place, &sockets, NULL));
}

static int begin(void **state)
{
	const struct web_conf conf = { .port = PORT,
		.ip = "127.0.0.1",
		.max_message = 4096,
		.access = { .trusted_proxies = PROXY ", 10.0.0.0/8 fd00::/8",
			.hosts = "meet.example, Other.example",
			.acl = "127.0.0.1,127.0.0.2,192.0.,2001:db8:,10.",
			.allow_origin = "https://page.example" } };
	char why[256] = "";

	(void)state;
	mount_at((struct cardea_web_place){ .shared = true });
	mount_at((struct cardea_web_place){
		.port = LISTED, .ip = "0.0.0.0", .acl = "192.0.2.,127.0.0.1" });
	mount_at((struct cardea_web_place){ .port = ADMIN, .ip = "::", .admin = true });
	mount_at((struct cardea_web_place){ .port = V4, .ip = "0.0.0.0" });
	mount_at((struct cardea_web_place){ .port = V6, .ip = "::" });
	mount_at((struct cardea_web_place){ .port = ENFORCED,
		.ip = "0.0.0.0",
		.enforce_origin = true,
		.allow_origin = "https://good.example, https://other.example:81/" });
	mount_at((struct cardea_web_place){ .port = ANYONE, .ip = "0.0.0.0", .allow_origin = "*" });
	mount_at((struct cardea_web_place){
		.port = FORWARDED, .acl = "127.", .acl_forwarded = true });
	if (!web_start(&conf, why))
		return 0;
	print_error("%s\n", why);
	return -1;
}

static int dial_from(const char *ip, unsigned port)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = WAIT_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, ip, &from.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static char heard[4096];

/** GET there, with these headers. @return the status, 0: dropped */
static int get_from(const char *ip, unsigned port, const char *path, const char *headers)
{
	char request[8192];
	int fd = dial_from(ip, port), status;

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n%s\r\n", path, headers);
	heard[0] = '\0';
	status = ask(fd, request, heard, sizeof heard);
	close(fd);
	return status;
}

static int get(unsigned port, const char *headers)
{
	return get_from("127.0.0.1", port, "/ip", headers);
}

static const char *body(void)
{
	const char *end = strstr(heard, "\r\n\r\n");
	return end ? end + 4 : "";
}

/** Open a WebSocket. @return its status */
static int upgrade_from(const char *ip, unsigned port, const char *headers)
{
	char request[8192];
	int fd = dial_from(ip, port), status;
	unsigned first;

	snprintf(request, sizeof request,
		"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
		"Sec-WebSocket-Protocol: ip-protocol\r\n%s\r\n",
		headers);
	heard[0] = '\0';
	status = ask(fd, request, heard, sizeof heard);
	if (status == 101)
		expect_frame(fd, &first, heard, sizeof heard);
	close(fd);
	return status;
}

#define LOCAL "Host: localhost\r\n"

/* ---- the address ---- */

static void believes_a_trusted_proxy_who_asks(void **state)
{
	static const struct {
		const char *forwarded, *ip;
	} cases[] = {
		{ "", PROXY },
		{ "X-Forwarded-For: 192.0.2.7\r\n", OUTSIDE },
		/* the first was made up */
		{ "X-Forwarded-For: 127.0.0.1, 192.0.2.7\r\n", OUTSIDE },
		{ "X-Forwarded-For: nonsense,192.0.2.7\r\n", OUTSIDE },
		{ "X-Forwarded-For: 192.0.2.7, 10.1.2.3\r\n", OUTSIDE },
		{ "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.1.2.3, fd12::1\r\n", OUTSIDE },
		{ "X-Forwarded-For: 192.0.2.7:4711\r\n", OUTSIDE },
		{ "X-Forwarded-For: [2001:db8::1]:4711\r\n", "2001:db8::1" },
		{ "X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1" },
		{ "X-Forwarded-For: 10.1.2.3, 10.1.2.4\r\n", "10.1.2.3" },
		{ "X-Forwarded-For: ::ffff:192.0.2.7\r\n", OUTSIDE },
	};
	char headers[512];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(headers, sizeof headers, LOCAL "%s", cases[i].forwarded);
		assert_int_equal(get_from(PROXY, PORT, "/ip", headers), 200);
		assert_string_equal(body(), cases[i].ip);
		assert_int_equal(upgrade_from(PROXY, PORT, headers), 101);
		assert_string_equal(heard, cases[i].ip);
	}
}

static void refuses_what_a_trusted_proxy_adds_and_is_no_address(void **state)
{
	static const char *const cases[] = { "unknown", "192.0.2.7, unknown", "192.0.2.7, 1.2.3",
		"192.0.2.300" };
	char headers[512];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(headers, sizeof headers, LOCAL "X-Forwarded-For: %s\r\n", cases[i]);
		assert_int_equal(get_from(PROXY, PORT, "/ip", headers), 400);
		assert_int_equal(upgrade_from(PROXY, PORT, headers), 400);
	}
}

static void believes_nobody_else(void **state)
{
	(void)state;
	assert_int_equal(get(PORT, LOCAL "X-Forwarded-For: 192.0.2.7\r\n"), 200);
	assert_string_equal(body(), "127.0.0.1");
}

static void judges_lists_by_the_client_behind_a_proxy(void **state)
{
	(void)state;
	assert_int_equal(get(LISTED, LOCAL), 200);
	assert_int_equal(get_from("127.0.0.3", LISTED, "/ip", LOCAL), 0);
	assert_int_equal(
		get_from("127.0.0.3", LISTED, "/ip", LOCAL "X-Forwarded-For: 192.0.2.7\r\n"), 0);
	assert_int_equal(
		get_from(PROXY, LISTED, "/ip", LOCAL "X-Forwarded-For: 192.0.2.7\r\n"), 200);
	assert_int_equal(
		get_from(PROXY, LISTED, "/ip", LOCAL "X-Forwarded-For: 198.51.100.7\r\n"), 0);
	assert_int_equal(upgrade_from("127.0.0.3", LISTED, LOCAL), 403);
	assert_int_equal(upgrade_from("127.0.0.1", LISTED, LOCAL), 101);
}

/** What stands in the section `web` holds for all that is on its ports, and there only. */
static void judges_all_on_the_web_port_by_its_list(void **state)
{
	static const char *const paths[] = { "/", "/health", "/metrics", "/ip", "/nothing" };
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_int_not_equal(get_from("127.0.0.1", PORT, paths[i], LOCAL), 0);
		assert_int_equal(get_from("127.0.0.3", PORT, paths[i], LOCAL), 0);
	}
	assert_int_equal(upgrade_from("127.0.0.3", PORT, LOCAL), 403);
	assert_int_equal(get_from("127.0.0.3", V4, "/ip", LOCAL), 200);
}

/** A header of any length is read to its end. */
static void judges_long_headers_whole(void **state)
{
	char headers[3000];
	size_t n;
	(void)state;
	n = (size_t)snprintf(headers, sizeof headers, LOCAL "X-Forwarded-For: ");
	while (n < 2500)
		n += (size_t)snprintf(headers + n, sizeof headers - n, "127.0.0.1, ");
	snprintf(headers + n, sizeof headers - n, "127.0.0.1\r\n");
	assert_int_equal(get(FORWARDED, headers), 200);
	snprintf(headers + n, sizeof headers - n, "192.0.2.7\r\n");
	assert_int_equal(get(FORWARDED, headers), 0);
	assert_int_equal(upgrade_from("127.0.0.1", FORWARDED, headers), 403);
}

/* ---- the host ---- */

static void asks_for_a_name_of_its_own_on_loopback(void **state)
{
	static const char *const ours[] = { "localhost", "LocalHost:8088", "a.localhost",
		"localhost.", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8088", "x", "cardea:8088",
		"meet.example", "MEET.example:443", "other.example" };
	static const char *const theirs[] = { "evil.example", "localhost.evil.example",
		"evil.example.", "192.0.2.7", "meet.example.evil.example", "127.0.0.1.evil.example",
		"evil.example:127.0.0.1", "[2001:db8::1]" };
	char headers[256];
	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		snprintf(headers, sizeof headers, "Host: %s\r\n", ours[i]);
		assert_int_equal(get(PORT, headers), 200);
		assert_int_equal(upgrade_from("127.0.0.1", PORT, headers), 101);
	}
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
		snprintf(headers, sizeof headers, "Host: %s\r\n", theirs[i]);
		assert_int_equal(get(PORT, headers), 403);
		assert_non_null(strstr(heard, "web.trusted_proxies and web.hosts"));
		assert_int_equal(get_from("127.0.0.1", PORT, "/health", headers), 403);
		assert_int_equal(get_from("127.0.0.1", PORT, "/", headers), 403);
		assert_int_equal(upgrade_from("127.0.0.1", PORT, headers), 403);
		/* a browser on the proxy's machine has the proxy's address, but forwards for
		 * nobody */
		assert_int_equal(get_from(PROXY, PORT, "/ip", headers), 403);
		assert_int_equal(upgrade_from(PROXY, PORT, headers), 403);
		snprintf(headers, sizeof headers, "Host: %s\r\nX-Forwarded-For: 192.0.2.7\r\n",
			theirs[i]);
		assert_int_equal(get_from(PROXY, PORT, "/ip", headers), 200);
		assert_int_equal(upgrade_from(PROXY, PORT, headers), 101);
		/* who listens for everybody has more names than we know */
		assert_int_equal(get(V4, headers), 200);
	}
}

/* ---- the origin ---- */

static void compares_whole_origins_with_a_list(void **state)
{
	static const char *const theirs[] = { "https://good.example.evil.net",
		"https://good.example:81", "http://good.example", "null", "https://other.example",
		"https://good.exampl", "https://good.example/x",
		"https://good.example\r\nOrigin: https://evil.example" };
	char headers[256];
	(void)state;
	assert_int_equal(get(ENFORCED, "Host: h\r\nOrigin: https://good.example\r\n"), 200);
	assert_non_null(strstr(heard, "\r\nAccess-Control-Allow-Origin: https://good.example\r\n"));
	assert_non_null(strstr(heard, "\r\nVary: Origin\r\n"));
	assert_int_equal(get(ENFORCED, "Host: h\r\nOrigin: https://OTHER.example:81\r\n"), 200);
	assert_non_null(
		strstr(heard, "\r\nAccess-Control-Allow-Origin: https://other.example:81\r\n"));
	assert_int_equal(get(ENFORCED, "Host: h\r\nReferer: https://good.example/page?x\r\n"), 200);
	assert_int_equal(get(ENFORCED, "Host: h\r\nReferer: https://good.example?x\r\n"), 200);
	assert_int_equal(
		get(ENFORCED, "Host: h\r\nReferer: https://good.example@evil.example/\r\n"), 403);
	assert_int_equal(get(ENFORCED, "Host: h\r\n"), 403);
	assert_int_equal(
		upgrade_from("127.0.0.1", ENFORCED, "Host: h\r\nOrigin: https://good.example\r\n"),
		101);
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
		snprintf(headers, sizeof headers, "Host: h\r\nOrigin: %s\r\n", theirs[i]);
		assert_int_equal(get(ENFORCED, headers), 403);
		assert_non_null(
			strstr(heard, "\r\nAccess-Control-Allow-Origin: https://good.example\r\n"));
		assert_int_equal(upgrade_from("127.0.0.1", ENFORCED, headers), 403);
	}
	assert_int_equal(get(PORT, LOCAL "Origin: https://any.example\r\n"), 200);
	assert_non_null(strstr(heard, "\r\nAccess-Control-Allow-Origin: https://page.example\r\n"));
	/* a port of its own */
	assert_int_equal(get(V4, "Host: h\r\nOrigin: https://any.example\r\n"), 200);
	assert_non_null(strstr(heard, "\r\nAccess-Control-Allow-Origin: https://page.example\r\n"));
	assert_int_equal(get(ANYONE, "Host: h\r\nOrigin: https://any.example\r\n"), 200);
	assert_non_null(strstr(heard, "\r\nAccess-Control-Allow-Origin: *\r\n"));
	assert_null(strstr(heard, "Credentials"));
}

/* ---- the Admin API without a secret ---- */

static void keeps_an_open_admin_api_to_this_machine(void **state)
{
	static const char *const refused[] = { "Host: evil.example\r\n", "Host: meet.example\r\n",
		LOCAL "Origin: https://evil.example\r\n", LOCAL "Origin: null\r\n",
		LOCAL "Origin: http://localhost:3000\r\n", LOCAL "X-Forwarded-For: 127.0.0.1\r\n",
		LOCAL "Forwarded: for=192.0.2.7\r\n",
		/* an empty one of the client's, and the proxy's own behind it */
		LOCAL "X-Forwarded-For:\r\nX-Forwarded-For: 192.0.2.7\r\n",
		LOCAL "Forwarded:\r\nForwarded: for=192.0.2.7\r\n",
		LOCAL "X-Real-IP: 192.0.2.7\r\n", LOCAL "Via: 1.1 squid\r\n",
		LOCAL "X-Forwarded-Host: evil.example\r\n", LOCAL "x-forwarded-proto: https\r\n",
		LOCAL "X-Client-IP: 192.0.2.7\r\n", LOCAL "CF-Connecting-IP: 192.0.2.7\r\n",
		LOCAL "True-Client-IP: 192.0.2.7\r\n", LOCAL "Sec-Fetch-Site: cross-site\r\n",
		LOCAL "Sec-Fetch-Site: same-site\r\n" };
	(void)state;
	assert_int_equal(get(ADMIN, LOCAL), 200);
	assert_null(strstr(heard, "Access-Control-Allow-Origin"));
	assert_int_equal(
		get(ADMIN, "Host: localhost:7088\r\nOrigin: http://localhost:7088\r\n"), 200);
	assert_int_equal(upgrade_from("127.0.0.1", ADMIN, LOCAL), 101);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(get(ADMIN, refused[i]), 403);
		assert_non_null(strstr(heard, "general.admin_secret"));
		assert_int_equal(upgrade_from("127.0.0.1", ADMIN, refused[i]), 403);
	}
	assert_int_equal(
		get_from(PROXY, ADMIN, "/ip", LOCAL "X-Forwarded-For: 192.0.2.7\r\n"), 403);
	assert_int_equal(
		get_from(PROXY, ADMIN, "/ip", LOCAL "X-Forwarded-For: 127.0.0.1\r\n"), 200);
	assert_int_equal(
		get_from(PROXY, ADMIN, "/ip", LOCAL "Via: 1.1 p\r\nX-Forwarded-For: 127.0.0.1\r\n"),
		200);
	/* who it was for, it does not say where we look */
	assert_int_equal(get_from(PROXY, ADMIN, "/ip", LOCAL "X-Real-IP: 192.0.2.7\r\n"), 403);
}

/* ---- where it listens ---- */

static int get_v6(unsigned port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), status;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
		close(fd);
		return -1;
	}
	status = ask(fd, "GET /ip HTTP/1.1\r\nHost: [::1]\r\n\r\n", heard, sizeof heard);
	close(fd);
	return status;
}

static bool has_v6(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a);

	close(fd);
	return has;
}

static void serves_what_it_binds(void **state)
{
	(void)state;
	assert_int_equal(get(V4, LOCAL), 200);
	assert_int_equal(upgrade_from("127.0.0.1", V4, LOCAL), 101);
	assert_int_equal(get(V6, LOCAL), 200);
	assert_string_equal(body(), "127.0.0.1");
	assert_int_equal(upgrade_from("127.0.0.1", V6, LOCAL), 101);
	if (!has_v6())
		return;
	assert_int_equal(get_v6(V6), 200);
	assert_string_equal(body(), "::1");
	assert_int_equal(get_v6(V4), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_a_trusted_proxy_who_asks),
		cmocka_unit_test(refuses_what_a_trusted_proxy_adds_and_is_no_address),
		cmocka_unit_test(believes_nobody_else),
		cmocka_unit_test(judges_lists_by_the_client_behind_a_proxy),
		cmocka_unit_test(judges_all_on_the_web_port_by_its_list),
		cmocka_unit_test(judges_long_headers_whole),
		cmocka_unit_test(asks_for_a_name_of_its_own_on_loopback),
		cmocka_unit_test(compares_whole_origins_with_a_list),
		cmocka_unit_test(keeps_an_open_admin_api_to_this_machine),
		cmocka_unit_test(serves_what_it_binds),
	};
	return cmocka_run_group_tests(tests, begin, stop);
}
