/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "base.h"
#include "idle.h"
#include "options.h"

static int *fds;
static int n_fds;

static struct sockaddr_in server(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char ip[64];
	unsigned port;
	if (sscanf(opt.url, "ws://%63[0-9.]:%u", ip, &port) != 2 ||
		inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		die("--idle-ws wants an address and a port in --url");
	a.sin_port = htons((uint16_t)port);
	return a;
}

static int open_one(const struct sockaddr_in *to)
{
	static const char hello[] =
		"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: janus-protocol\r\n\r\n";
	char answer[2048];
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) ||
		send(fd, hello, sizeof(hello) - 1, 0) != sizeof(hello) - 1)
		die("an idle WebSocket: %s", strerror(errno));
	ssize_t n = recv(fd, answer, sizeof(answer) - 1, 0);
	answer[n > 0 ? n : 0] = 0;
	if (!strstr(answer, " 101 "))
		die("an idle WebSocket was not taken: %.60s", answer);
	return fd;
}

void idle_open(int n)
{
	struct sockaddr_in to = server();
	fds = make((size_t)n, sizeof(*fds));
	for (n_fds = 0; n_fds < n; n_fds++)
		fds[n_fds] = open_one(&to);
}

void idle_close(void)
{
	while (n_fds)
		close(fds[--n_fds]);
	free(fds);
	fds = NULL;
}
