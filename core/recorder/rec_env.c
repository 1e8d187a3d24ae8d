/* SPDX-License-Identifier: Apache-2.0 */
#include "rec_env.h"

struct metric rec_recordings = { .name = "cardea_recorder_recordings", .help = "Recordings now." };
struct metric rec_frames = { .name = "cardea_recorder_frames_total",
	.help = "Pictures, and packets of sound, that recordings have got" };
struct metric rec_broken = { .name = "cardea_recorder_broken_frames_total",
	.help = "Frames that recordings miss because packets of them have not come" };
struct metric rec_bytes = { .name = "cardea_recorder_bytes_total",
	.help = "Bytes that recordings have written" };
struct metric rec_shed = { .name = "cardea_recorder_shed_packets_total",
	.help = "Packets missing in recordings because the disk was too slow" };

void rec_show_metrics(void)
{
	static struct metric *const all[] = { &rec_recordings, &rec_frames, &rec_broken, &rec_bytes,
		&rec_shed };
	static bool is_shown;
	for (unsigned i = 0; !is_shown && i < sizeof all / sizeof *all; i++)
		metric_register(all[i]);
	is_shown = true;
}
