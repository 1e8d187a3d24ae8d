/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/bind.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/clock.h"
#include "addr.h"
#include "stun_ask.h"

#define REPEAT_MS 250 /* UDP may lose a request or its answer */
#define ANSWER    1500

static const uint16_t known_attributes[] = { STUN_ATTRIBUTE_MAPPED_ADDRESS,
	STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, STUN_ATTRIBUTE_ERROR_CODE,
	STUN_ATTRIBUTE_ALTERNATE_SERVER, 0 };

/* @return -1: it cannot be had */
static int open_socket(const struct addr *server, uint16_t local_port)
{
	struct addr local = { .sa = { .sa_family = server->sa.sa_family } };
	addr_set_port(&local, local_port);
	int fd = socket(server->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (!bind(fd, &local.sa, addr_len(&local)) && !connect(fd, &server->sa, addr_len(server)))
		return fd;
	close(fd);
	return -1;
}

/* @return ERR_AGAIN: it is not the answer */
static enum err read_answer(StunAgent *agent, const uint8_t *data, size_t len, struct addr *out)
{
	StunMessage msg;
	struct sockaddr_storage ours = { 0 }, other = { 0 };
	socklen_t ours_len = sizeof ours, other_len = sizeof other;
	if (stun_agent_validate(agent, &msg, data, len, NULL, NULL) != STUN_VALIDATION_SUCCESS)
		return ERR_AGAIN;
	if (stun_usage_bind_process(&msg, (struct sockaddr *)&ours, &ours_len,
		    (struct sockaddr *)&other, &other_len) != STUN_USAGE_BIND_RETURN_SUCCESS)
		return ERR_INVALID;
	memcpy(out, &ours, sizeof *out);
	return out->sa.sa_family == AF_INET || out->sa.sa_family == AF_INET6 ? OK : ERR_INVALID;
}

/* Wait for an answer until then. @return ERR_AGAIN: there was none */
static enum err wait_answer(int fd, StunAgent *agent, int64_t until_us, struct addr *out)
{
	uint8_t data[ANSWER];
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left_us = until_us - clock_now_us();
		if (left_us <= 0 || poll(&p, 1, (int)(left_us / 1000) + 1) <= 0)
			return ERR_AGAIN;
		ssize_t n = recv(fd, data, sizeof data, 0);
		enum err e = n > 0 ? read_answer(agent, data, (size_t)n, out) : ERR_AGAIN;
		if (e != ERR_AGAIN)
			return e;
		if (n < 0 && p.revents & POLLERR) /* refused: perhaps not the next time */
			return ERR_AGAIN;
	}
}

static enum err ask(int fd, struct addr *out)
{
	StunAgent agent;
	StunMessage msg;
	uint8_t request[256];
	stun_agent_init(&agent, known_attributes, STUN_COMPATIBILITY_RFC5389, 0);
	size_t len = stun_usage_bind_create(&agent, &msg, request, sizeof request);
	int64_t begun_us = clock_now_us();
	for (int ms = REPEAT_MS; len && ms <= STUN_ASK_MS; ms += REPEAT_MS) {
		int64_t until_us = begun_us + ms * US_PER_MS;
		ssize_t sent = send(fd, request, len, 0); /* what a refusal has left may fail it */
		(void)sent;
		enum err e = wait_answer(fd, &agent, until_us, out);
		if (e != ERR_AGAIN)
			return e;
		if (clock_now_us() < until_us)
			usleep((useconds_t)(until_us - clock_now_us()));
	}
	return ERR_NOT_FOUND;
}

enum err stun_ask(const struct addr *server, uint16_t local_port, struct addr *out)
{
	int fd = open_socket(server, local_port);
	if (fd < 0)
		return ERR_IO;
	enum err e = ask(fd, out);
	close(fd);
	return e;
}
