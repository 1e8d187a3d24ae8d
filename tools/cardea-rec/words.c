/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include "../../core/base/utf8.h"
#include "words.h"

const char *words_span(char *out, size_t size, int64_t us, bool tenths)
{
	int64_t t = us < 0 ? 0 : (us + (tenths ? 50000 : 500000)) / 100000, s = t / 10;
	int n;
	if (s >= 3600)
		n = snprintf(out, size, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			(int)(s % 60));
	else
		n = snprintf(out, size, "%d:%02d", (int)(s / 60), (int)(s % 60));
	if (tenths && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, ".%d", (int)(t % 10));
	return out;
}

const char *words_bytes(char *out, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1000;
	unsigned i = 0;
	if (bytes < 1000) {
		snprintf(out, size, "%d B", (int)bytes);
		return out;
	}
	for (; n >= 999.95 && i < 3; i++)
		n /= 1000;
	snprintf(out, size, "%.1f %s", n, units[i]);
	return out;
}

const char *words_number(char *out, size_t size, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	size_t at = 0;
	for (int i = 0; i < len && at + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = 0;
	return out;
}

const char *words_time(char *out, size_t size, int64_t unix_us)
{
	time_t s = (time_t)(unix_us / 1000000);
	struct tm tm;
	*out = 0;
	if (gmtime_r(&s, &tm))
		strftime(out, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
	return out;
}

const char *words_path(char *out, size_t size, const char *path)
{
	if (size)
		utf8_printable(out, size, path);
	else
		*out = 0;
	return out;
}
