/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "conversions.h"
#include "output.h"
#include "progress.h"
#include "stop.h"

#define WHY 1024

/* ---- sound out of a container ---- */

static int first_sound(const struct mux_info *info, enum target to)
{
	for (unsigned i = 0; i < info->n_tracks; i++)
		if (target_holds(to, info->tracks[i].codec))
			return (int)i;
	return -1;
}

static enum status copy_sound(struct demux *d, const struct mux_info *info, unsigned wanted,
	struct target_file *out, char *why)
{
	enum err e = OK, written = OK;
	struct rec_frame f;
	unsigned track;
	int64_t us;
	bool goes_on = true;
	while (goes_on && !written && !(e = demux_read(d, &track, &f, &us))) {
		if (track == wanted)
			written = target_file_write(out, 0, &f, us);
		goes_on = progress_show(
			NULL, info->duration_us > 0 ? (double)us / (double)info->duration_us : 0);
	}
	if (!target_file_end(out, goes_on, why, WHY))
		return goes_on ? STATUS_UNWRITTEN : STATUS_STOPPED;
	return e == ERR_NOT_FOUND ? STATUS_GOOD : STATUS_PART;
}

static enum status take_sound(
	const struct options *o, const char *in, const char *out, enum target to, char *why)
{
	struct mux_info info;
	struct target_file *m = NULL;
	struct demux *d = demux_open(in, &info, why, WHY);
	enum status s;
	int i;
	if (!d)
		return STATUS_UNREADABLE;
	i = first_sound(&info, to);
	if (i >= 0) {
		struct mux_track t = { .codec = info.tracks[i].codec,
			.clock_hz = info.tracks[i].clock_hz,
			.channels = info.tracks[i].channels };
		struct target_conf conf = { out, o->force, o->title, info.began_us };
		m = target_file_open(&conf, &t, 1, why, WHY);
	} else {
		snprintf(why, WHY, "%s has no sound that %s can hold", in, out);
	}
	s = m ? copy_sound(d, &info, (unsigned)i, m, why) : STATUS_UNWRITTEN;
	demux_close(d);
	return s;
}

/* ---- all of it into another ---- */

static enum status copy_all(
	const struct options *o, const char *in, const char *out, enum target to, char *why)
{
	struct mux_info info;
	const struct mux_copy how = { .title = o->title, .progress = progress_show };
	struct output *to_file;
	enum err e;
	if (mux_info(in, false, &info, why, WHY))
		return STATUS_UNREADABLE;
	for (unsigned i = 0; i < info.n_tracks; i++) {
		const char *name = cardea_codec_name(info.tracks[i].codec);
		if (target_holds(to, info.tracks[i].codec))
			continue;
		snprintf(why, WHY, "%s has %s, which %s cannot hold", in,
			name ? name : "a codec that is not known here", out);
		return STATUS_UNWRITTEN;
	}
	if (!(to_file = output_open(out, o->force, why, WHY)))
		return STATUS_UNWRITTEN;
	e = mux_copy(in, output_file(to_file), target_container(to), &how, why, WHY);
	return output_end(to_file, !e && !stop_wanted(), why, WHY) ? STATUS_GOOD : STATUS_UNWRITTEN;
}

enum status convert_media(const struct options *o, const char *in, const char *out, enum target to)
{
	char why[WHY] = "";
	bool is_sound = to == TARGET_OGG || to == TARGET_WAV;
	enum status s = (is_sound ? take_sound : copy_all)(o, in, out, to, why);
	progress_end();
	if (s == STATUS_GOOD)
		return report_made(o, out, NULL);
	if (s == STATUS_PART)
		return report_made(o, out, "what it was made of is damaged");
	return report_failure(o, s, why);
}
