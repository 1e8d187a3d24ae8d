/* SPDX-License-Identifier: Apache-2.0 */
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "av_error.h"

static __thread char said[160];

static void hear(void *from, int level, const char *format, va_list values)
{
	(void)from;
	if (level > AV_LOG_ERROR)
		return;
	vsnprintf(said, sizeof said, format, values);
	said[strcspn(said, "\r\n")] = 0;
}

static void catch (void)
{
	av_log_set_callback(hear);
}

void av_error_catch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, catch);
}

void av_error_forget(void)
{
	*said = 0;
}

void av_error_why(char *why, size_t size, const char *what, int code)
{
	char word[AV_ERROR_MAX_STRING_SIZE];
	size_t n;
	if (!*said)
		snprintf(said, sizeof said, "%s", av_make_error_string(word, sizeof word, code));
	n = strlen(said);
	while (n && strchr(". ", said[n - 1]))
		n--;
	snprintf(why, size, "%s: %.*s.", what, (int)n, said);
}
