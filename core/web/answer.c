/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../base/clock.h"
#include "answer.h"

void answer_set(struct answer *a, int status, const char *headers, const char *type,
	struct cardea_text *body)
{
	*a = (struct answer){ .status = status,
		.headers = headers ? strdup(headers) : NULL,
		.type = type ? strdup(type) : NULL,
		.body = body };
}

void answer_set_file(struct answer *a, int status, const char *headers, const char *type, int fd,
	int64_t at, int64_t len)
{
	answer_set(a, status, headers, type, NULL);
	a->has_file = true;
	a->fd = fd;
	a->file_at = at;
	a->file_len = len;
}

int64_t answer_len(const struct answer *a)
{
	if (a->has_file)
		return a->file_len;
	return a->body ? (int64_t)a->body->len : 0;
}

bool answer_read(const struct answer *a, int64_t at, unsigned char *out, size_t len)
{
	if (!a->has_file) {
		memcpy(out, a->body->data + at, len);
		return true;
	}
	for (size_t got = 0; got < len;) {
		ssize_t n = pread(a->fd, out + got, len - got, a->file_at + at + (off_t)got);
		if (n <= 0 && !(n < 0 && errno == EINTR))
			return false;
		got += n > 0 ? (size_t)n : 0;
	}
	return true;
}

void answer_clear(struct answer *a)
{
	if (a->has_file)
		close(a->fd);
	free(a->headers);
	free(a->type);
	cardea_text_drop(a->body);
	*a = (struct answer){ 0 };
}

const char *answer_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 302, "Found" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 426, "Upgrade Required" },
		{ 431, "Request Header Fields Too Large" },
		{ 422, "Unprocessable Content" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Status";
}

/* Not by strftime(): its names follow the locale. */
const char *answer_date(void)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	static char text[80];
	static time_t printed = -1;
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	struct tm t;

	if (now != printed && gmtime_r(&now, &t)) {
		snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", days[t.tm_wday],
			t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min,
			t.tm_sec);
		printed = now;
	}
	return text;
}
