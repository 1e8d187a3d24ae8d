/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs to write recordings: frames of many at once (25 pictures a second with a keyframe
 * every 4 s, sound of 20 ms) through mux_write() into files. Prints CPU time per frame and memory
 * per recording; it goes as fast as it can.
 *   mux FOLDER [RECORDINGS [SECONDS [KBIT/S [webm|mp4]]]] */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../../core/recorder/av/mux.h"

#define PICTURE_US 40000
#define SOUND_US   20000
#define KEYFRAME   100 /* pictures from one to the next */

/* An SPS and a PPS of baseline, 640×480. */
static const uint8_t sets[] = { 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x3d, 0xa1, 0,
	0, 3, 0, 1, 0, 0, 3, 0, 0x32, 0x0f, 0x16, 0x2e, 0x48, 0, 0, 0, 1, 0x68, 0xcb, 0x83, 0xcb,
	0x20 };
static uint8_t noise[1 << 20];

struct recording {
	struct rec_file *file;
	struct mux *mux;
};

static double cpu_us(int clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double resident_kib(void)
{
	long pages = 0, all;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%ld %ld", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void begin(struct recording *r, const char *folder, unsigned i, enum mux_container c)
{
	char name[512], why[256];
	const struct mux_track tracks[] = {
		{ .codec = CARDEA_OPUS, .clock_hz = 48000, .channels = 2 },
		{ .codec = c == MUX_MP4 ? CARDEA_H264 : CARDEA_VP8,
			.width = 640,
			.height = 480,
			.head = sets,
			.head_len = c == MUX_MP4 ? sizeof sets : 0 },
	};
	snprintf(name, sizeof name, "%s/bench-%u", folder, i);
	r->file = rec_file_new(&rec_disk_real, NULL, name, why, sizeof why);
	const struct mux_conf conf = { c, r->file, "bench", 0 };
	r->mux = r->file ? mux_new(&conf, tracks, 2, why, sizeof why) : NULL;
	if (r->mux)
		return;
	fprintf(stderr, "%s\n", why);
	exit(1);
}

/* Pictures come 30 ms behind the sound that belongs to them. */
static unsigned write_at(const struct recording *r, int64_t us, size_t picture)
{
	struct rec_frame f = { .data = noise, .len = 120, .is_keyframe = true };
	unsigned n = 1;
	mux_write(r->mux, 0, &f, us);
	if (us % PICTURE_US || us < PICTURE_US)
		return n;
	f.is_keyframe = us / PICTURE_US % KEYFRAME == 1;
	f.len = f.is_keyframe ? 4 * picture : picture;
	mux_write(r->mux, 1, &f, us - 30000);
	return n + 1;
}

int main(int argc, char **argv)
{
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 50, frames = 0;
	int64_t seconds = argc > 3 ? atoi(argv[3]) : 60;
	size_t picture = (argc > 4 ? (size_t)atoi(argv[4]) : 1000) * 1000 / 8 / 25;
	enum mux_container c = argc > 5 && !strcmp(argv[5], "mp4") ? MUX_MP4 : MUX_WEBM;
	struct recording *all = calloc(n, sizeof *all);
	double kib, cpu, wall, peak = 0;
	char name[512];
	if (argc < 2 || !all || 4 * picture > sizeof noise) {
		fprintf(stderr, "usage: mux FOLDER [RECORDINGS [SECONDS [KBIT/S [webm|mp4]]]]\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)(i * 2654435761u >> 13 | 1); /* no start code in it */
	noise[3] = 1;
	memset(noise, 0, 3);
	begin(&all[0], argv[1], 0, c); /* libraries are no part of it */
	kib = resident_kib();
	for (unsigned i = 1; i < n; i++)
		begin(&all[i], argv[1], i, c);
	cpu = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
	wall = cpu_us(CLOCK_MONOTONIC);
	for (int64_t us = 0; us < seconds * 1000000; us += SOUND_US) {
		for (unsigned i = 0; i < n; i++)
			frames += write_at(&all[i], us, picture);
		if (us % 500000 == 0 && resident_kib() > peak)
			peak = resident_kib();
	}
	cpu = cpu_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = cpu_us(CLOCK_MONOTONIC) - wall;
	printf("%u recordings of %d s, %zu bytes a picture: %.2f us CPU a frame (%.2f us wall), "
	       "%.0f KiB each\n",
		n, (int)seconds, picture, cpu / frames, wall / frames, (peak - kib) / n);
	for (unsigned i = 0; i < n; i++) {
		mux_end(all[i].mux);
		rec_file_end(all[i].file, false);
		snprintf(name, sizeof name, "%s/bench-%u.part", argv[1], i);
		unlink(name);
	}
	free(all);
	return 0;
}
