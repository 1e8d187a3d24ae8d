/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include "../../core/control/product.h"
#include "options.h"

static const char usage[] =
	"Usage: cardea-rec info FILE…             say what is in recordings\n"
	"       cardea-rec check FILE…            read every frame: can they be played?\n"
	"       cardea-rec convert IN… OUT        WebM, MP4, Matroska, Opus, WAV or MJR, by OUT's\n"
	"                                         ending; several MJR files become one, in sync\n"
	"       cardea-rec repair FILE [OUT]      make a file whole that was cut short\n"
	"       cardea-rec compose INDEX.json|FILE… -o FILM.mp4|FILM.webm\n"
	"                                         one film of a room's recording: all who were in "
	"it\n"
	"                                         beside each other, with names and mixed sound\n"
	"\n"
	"  -f, --force        write over OUT where it is there already\n"
	"  -j, --json         print results and errors as JSON\n"
	"  -q, --quiet        print errors alone, and no progress\n"
	"  -t, --title TEXT   convert: put a title into OUT; compose: begin with a card, too\n"
	"  -o, --output FILM  compose: what is made\n"
	"      --layout grid|speaker, --size 1280x720, --rate 25|30, --from 0:00, --to 1:02:03.5\n"
	"                     compose: how it looks, and which part of the call\n"
	"      --help, --version\n"
	"\n"
	"Exit status: 0 all is well; 1 damaged, or done in part; 2 wrong usage; 3 unreadable;\n"
	"4 OUT cannot be written; 130 interrupted, and nothing is left behind.\n";

/* They have no letter. */
enum { LAYOUT = 256, SIZE, RATE, FROM, TO };

static const struct option longs[] = {
	{ "force", no_argument, NULL, 'f' },
	{ "from", required_argument, NULL, FROM },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "layout", required_argument, NULL, LAYOUT },
	{ "output", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "rate", required_argument, NULL, RATE },
	{ "size", required_argument, NULL, SIZE },
	{ "title", required_argument, NULL, 't' },
	{ "to", required_argument, NULL, TO },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

void options_complain(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("cardea-rec: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
}

/* What is kept as it is given. NULL: another option */
static const char **text_of(struct options *o, int letter)
{
	switch (letter) {
	case 'o':
		return &o->out;
	case 't':
		return &o->title;
	case LAYOUT:
		return &o->layout;
	case SIZE:
		return &o->size;
	case RATE:
		return &o->rate;
	case FROM:
		return &o->from;
	case TO:
		return &o->to;
	default:
		return NULL;
	}
}

static enum options_result take(struct options *o, int letter)
{
	const char **text = text_of(o, letter);
	if (text) {
		*text = optarg;
		return OPTIONS_GOOD;
	}
	switch (letter) {
	case 'f':
		o->force = true;
		return OPTIONS_GOOD;
	case 'j':
		o->json = true;
		return OPTIONS_GOOD;
	case 'q':
		o->quiet = true;
		return OPTIONS_GOOD;
	case 'h':
		fputs(usage, stdout);
		return OPTIONS_DONE;
	case 'V':
		printf("cardea-rec %s\n", product_version());
		return OPTIONS_DONE;
	default:
		fputs("Try cardea-rec --help.\n", stderr);
		return OPTIONS_WRONG;
	}
}

enum options_result options_read(struct options *o, int argc, char **argv)
{
	enum options_result result;
	int letter;
	*o = (struct options){ 0 };
	while ((letter = getopt_long(argc, argv, "fhjo:qt:V", longs, NULL)) != -1)
		if ((result = take(o, letter)) != OPTIONS_GOOD)
			return result;
	if (optind == argc) {
		fputs(usage, stderr);
		return OPTIONS_WRONG;
	}
	o->command = argv[optind];
	o->files = (const char *const *)argv + optind + 1;
	o->n_files = (unsigned)(argc - optind - 1);
	return OPTIONS_GOOD;
}
