/* SPDX-License-Identifier: Apache-2.0 */
#include "dd.h"
#include <string.h>
#include "bits.h"

/* The dependency descriptor, AV1 RTP specification, appendix A.8. Only what routing needs is kept:
 * the layer of each template, and what a frame of it means to the decode target of just that layer.
 */
enum { NOT_PRESENT, DISCARDABLE, SWITCH, REQUIRED };
#define MAX_TARGETS 32

static bool read_layers(struct bits *b, struct dd_templates *t)
{
	uint8_t spatial = 0, temporal = 0;
	for (;;) {
		if (t->n == 64 || b->over || spatial > 3 || temporal > 7)
			return false;
		t->of[t->n].spatial = spatial;
		t->of[t->n++].temporal = temporal;
		switch (bits_take(b, 2)) {
		case 1:
			temporal++;
			break;
		case 2:
			temporal = 0;
			spatial++;
			break;
		case 3:
			return true;
		}
	}
}

/* The target whose highest layers are those of the template. */
static void find_target(struct dd_templates *t, unsigned i, unsigned n_targets,
	const uint8_t *spatial, const uint8_t *temporal, uint8_t (*dti)[MAX_TARGETS])
{
	for (unsigned k = 0; k < n_targets; k++)
		if (spatial[k] == t->of[i].spatial && temporal[k] == t->of[i].temporal) {
			t->of[i].dti = dti[i][k];
			return;
		}
	t->of[i].dti = REQUIRED;
}

static bool read_structure(struct bits *b, struct dd_templates *t)
{
	uint8_t spatial[MAX_TARGETS] = { 0 }, temporal[MAX_TARGETS] = { 0 }, dti[64][MAX_TARGETS];
	unsigned n_targets;
	memset(t, 0, sizeof *t);
	t->offset = (uint8_t)bits_take(b, 6);
	n_targets = bits_take(b, 5) + 1;
	if (!read_layers(b, t))
		return false;
	for (unsigned i = 0; i < t->n; i++)
		for (unsigned k = 0; k < n_targets; k++) {
			dti[i][k] = (uint8_t)bits_take(b, 2);
			if (dti[i][k] == NOT_PRESENT)
				continue;
			if (t->of[i].spatial > spatial[k])
				spatial[k] = t->of[i].spatial;
			if (t->of[i].temporal > temporal[k])
				temporal[k] = t->of[i].temporal;
		}
	for (unsigned i = 0; i < t->n; i++)
		find_target(t, i, n_targets, spatial, temporal, dti);
	return !b->over;
}

bool dd_look(struct dd_templates *known, const uint8_t *dd, size_t len, struct payload_info *out)
{
	struct bits b = bits_of(dd, len);
	bool starts = bits_take(&b, 1), ends = bits_take(&b, 1), structure = false;
	unsigned i = bits_take(&b, 6);
	bits_take(&b, 16); /* frame number */
	if (b.over)
		return false;
	if (len > 3) {
		structure = bits_take(&b, 1);
		bits_take(&b, 4);
	}
	if (structure) {
		struct dd_templates fresh;
		if (!read_structure(&b, &fresh))
			return false;
		*known = fresh;
	}
	i = (i + 64 - known->offset) & 63;
	if (i >= known->n)
		return false;
	out->starts_frame = starts;
	out->ends_frame = ends;
	out->is_keyframe = structure && !known->of[i].spatial;
	out->spatial = (int8_t)known->of[i].spatial;
	out->temporal = (int8_t)known->of[i].temporal;
	out->switch_up = known->of[i].dti == SWITCH;
	out->not_a_reference = known->of[i].dti == DISCARDABLE;
	return true;
}
