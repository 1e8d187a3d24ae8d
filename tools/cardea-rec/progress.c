/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "../../core/base/clock.h"
#include "progress.h"
#include "stop.h"
#include "words.h"

#define EVERY_US 100000
#define WIDTH    30
#define KNOWN    0.02 /* what is done before, above all the beginning, says little of the rest */

static const char *name; /* NULL: nothing is shown */
static int64_t began_us, shown_us;
static double part_from, part_to;
static bool is_there;

void progress_begin(const char *what, bool quiet)
{
	const char *base = strrchr(what, '/');
	name = quiet || !isatty(STDERR_FILENO) ? NULL : base ? base + 1 : what;
	began_us = clock_now_us();
	shown_us = began_us - EVERY_US; /* at once */
	progress_part(0, 1);
}

void progress_part(double from, double to)
{
	part_from = from;
	part_to = to;
}

static unsigned columns(void)
{
	struct winsize w;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

/* name  [########----------]  43 %  0:12 left */
static void draw(double done, int64_t now_us)
{
	char bar[WIDTH + 1], left[24] = "", text[WORDS_PATH];
	unsigned full = (unsigned)(done * WIDTH), room = columns();
	memset(bar, '-', WIDTH);
	memset(bar, '#', full);
	bar[WIDTH] = 0;
	if (done >= KNOWN)
		words_span(left, sizeof left,
			(int64_t)((double)(now_us - began_us) * (1 - done) / done), false);
	words_path(text, room > WIDTH + 24 ? room - WIDTH - 24 : 0, name);
	fprintf(stderr, "\r\033[K%s  [%s] %3d %%  %s%s", text, bar, (int)(done * 100), left,
		*left ? " left" : "");
	fflush(stderr);
	is_there = true;
}

bool progress_show(void *arg, double done)
{
	int64_t now_us = clock_now_us();
	(void)arg;
	done = part_from + done * (part_to - part_from);
	if (name && done > 0 && done <= 1 && now_us - shown_us >= EVERY_US) {
		shown_us = now_us;
		draw(done, now_us);
	}
	return !stop_wanted();
}

void progress_end(void)
{
	if (is_there)
		fputs("\r\033[K", stderr);
	is_there = false;
	name = NULL;
}
