/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <stdio.h>
#include <string.h>
#include "label.h"

#define MAX_DEPTH 4  /* of folders of fonts */
#define FADE      24 /* pixels, of a text that is too long */
#define MAX_SIGNS 64 /* of a text that a font is looked for by */

/* ---- fonts ---- */

static bool is_font(const char *name)
{
	return g_str_has_suffix(name, ".ttf") || g_str_has_suffix(name, ".otf") ||
	       g_str_has_suffix(name, ".ttc");
}

/* @return freed with g_free(); one that is made for text rather than any */
static char *find_in(const char *folder, unsigned depth)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	char *found = NULL;
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL), *in = NULL;
		if (is_font(name))
			in = g_steal_pointer(&path);
		else if (depth && g_file_test(path, G_FILE_TEST_IS_DIR))
			in = find_in(path, depth - 1);
		if (in && (!found || strstr(in, "Sans"))) {
			g_free(found);
			found = g_steal_pointer(&in);
		}
	}
	if (dir)
		g_dir_close(dir);
	return found;
}

static const char *font_file(void)
{
	static char *found;
	static bool is_known;
	g_autofree char *own = g_build_filename(g_get_user_data_dir(), "fonts", NULL);
	const char *const folders[] = { "/usr/share/fonts", "/usr/local/share/fonts", own };
	for (unsigned i = 0; i < G_N_ELEMENTS(folders) && !found && !is_known; i++)
		found = find_in(folders[i], MAX_DEPTH);
	is_known = true;
	return found;
}

/* By this fontconfig finds a font that has the text's characters: "Sans:charset=41 42" */
static char *pattern_for(const char *text)
{
	GString *s = g_string_new("Sans:charset=");
	unsigned n = 0;
	for (; *text && n < MAX_SIGNS; text = g_utf8_next_char(text), n++)
		g_string_append_printf(s, "%x ", g_utf8_get_char(text));
	return g_string_free(s, FALSE);
}

/* ---- the filter ---- */

static AVFilterContext *add_filter(AVFilterGraph *g, const char *name, AVDictionary **options)
{
	const AVFilter *filter = avfilter_get_by_name(name);
	AVFilterContext *f = filter ? avfilter_graph_alloc_filter(g, filter, name) : NULL;
	if (f && avfilter_init_dict(f, options) < 0)
		f = NULL;
	av_dict_free(options);
	return f;
}

static AVFilterContext *add_source(AVFilterGraph *g, int w, int h)
{
	char args[64];
	AVDictionary *options = NULL;
	snprintf(args, sizeof args, "%dx%d", w, h);
	av_dict_set(&options, "video_size", args, 0);
	av_dict_set(&options, "pix_fmt", "gray", 0);
	av_dict_set(&options, "time_base", "1/25", 0);
	return add_filter(g, "buffer", &options);
}

static AVFilterContext *add_text(
	AVFilterGraph *g, const char *text, int size, const char *font, const char *file)
{
	AVDictionary *options = NULL;
	if (font)
		av_dict_set(&options, "font", font, 0);
	if (file)
		av_dict_set(&options, "fontfile", file, 0);
	av_dict_set(&options, "expansion", "none", 0);
	av_dict_set(&options, "text", text, 0);
	av_dict_set(&options, "fontcolor", "white", 0);
	av_dict_set_int(&options, "fontsize", size, 0);
	av_dict_set_int(&options, "x", size / 2, 0);
	av_dict_set(&options, "y", "(h-max_glyph_h)/2", 0);
	return add_filter(g, "drawtext", &options);
}

/* @return a picture, or NULL */
static AVFrame *run(AVFilterGraph *g, AVFilterContext *source, AVFilterContext *text, AVFrame *in)
{
	AVDictionary *none = NULL;
	AVFilterContext *sink = add_filter(g, "buffersink", &none);
	AVFrame *out = av_frame_alloc();
	if (sink && out && !avfilter_link(source, 0, text, 0) && !avfilter_link(text, 0, sink, 0) &&
		avfilter_graph_config(g, NULL) >= 0 && av_buffersrc_add_frame(source, in) >= 0 &&
		av_buffersink_get_frame(sink, out) >= 0)
		return out;
	av_frame_free(&out);
	return NULL;
}

static AVFrame *blank(int w, int h)
{
	AVFrame *f = av_frame_alloc();
	if (!f)
		return NULL;
	f->format = AV_PIX_FMT_GRAY8;
	f->width = w;
	f->height = h;
	if (av_frame_get_buffer(f, 0) < 0)
		av_frame_free(&f);
	else
		memset(f->data[0], 0, (size_t)f->linesize[0] * (size_t)h);
	return f;
}

/* By a pattern of fontconfig, or by a file. */
static AVFrame *try(const char *text, int size, int w, int h, const char *font, const char *file)
{
	AVFilterGraph *g = avfilter_graph_alloc();
	AVFrame *in = blank(w, h), *out = NULL;
	AVFilterContext *source = g ? add_source(g, w, h) : NULL;
	AVFilterContext *filter = source ? add_text(g, text, size, font, file) : NULL;
	if (filter && in)
		out = run(g, source, filter, in);
	av_frame_free(&in);
	avfilter_graph_free(&g);
	return out;
}

static AVFrame *draw(const char *text, int size, int w, int h)
{
	g_autofree char *pattern = pattern_for(text);
	AVFrame *f = try(text, size, w, h, pattern, NULL);
	if (!f)
		f = try(text, size, w, h, "Sans", NULL);
	if (!f && font_file())
		f = try(text, size, w, h, NULL, font_file());
	return f;
}

/* ---- masks ---- */

static int last_column(const AVFrame *f)
{
	for (int x = f->width - 1; x >= 0; x--)
		for (int y = 0; y < f->height; y++)
			if (f->data[0][(ptrdiff_t)f->linesize[0] * y + x] > 32)
				return x;
	return -1;
}

/* Limited range: what drawtext calls white is 235, black 16 or 0. */
static void take(struct canvas_mask *m, const AVFrame *f, bool is_cut)
{
	for (int y = 0; y < m->h; y++) {
		const uint8_t *from = f->data[0] + (ptrdiff_t)f->linesize[0] * y;
		uint8_t *to = m->bytes + (ptrdiff_t)m->w * y;
		for (int x = 0; x < m->w; x++) {
			int left = m->w - 1 - x, value = from[x] * 255 / 235;
			value = value > 255 ? 255 : value;
			to[x] = (uint8_t)(is_cut && left < FADE ? value * left / FADE : value);
		}
	}
}

bool label_draw(struct canvas_mask *m, const char *text, int size, int width)
{
	int h = (size * 8 / 5 + 1) & ~1, last;
	AVFrame *f = draw(text, size, width + 2 * size, h);
	*m = (struct canvas_mask){ 0 };
	if (!f)
		return false;
	last = last_column(f);
	if (last >= 0) {
		bool is_cut = last + size / 2 >= width;
		m->w = (is_cut ? width : last + size / 2) & ~1;
		m->h = h;
		m->bytes = g_malloc((size_t)m->w * (size_t)h);
		take(m, f, is_cut);
	}
	av_frame_free(&f);
	return m->bytes;
}

void label_free(struct canvas_mask *m)
{
	g_free(m->bytes);
	*m = (struct canvas_mask){ 0 };
}

bool label_has_font(void)
{
	struct canvas_mask m;
	bool has = label_draw(&m, "A", 16, 64);
	label_free(&m);
	return has;
}
