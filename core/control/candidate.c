/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "candidate.h"

#define FOUNDATION_MAX 32
#define PORT_MAX       65535

static const char *const words[] = { "host", "srflx", "prflx", "relay" };

const char *candidate_word(enum candidate_type type)
{
	return words[type];
}

static bool is_number(const char *text, uint64_t min, uint64_t max)
{
	return g_ascii_string_to_unsigned(text, 10, min, max, NULL, NULL);
}

static bool read_type(struct candidate *out, const char *word)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcasecmp(words[i], word) == 0) {
			out->type = (enum candidate_type)i;
			return true;
		}
	return false;
}

/* foundation component transport priority address port "typ" type */
static bool read_parts(struct candidate *out, char *const p[8])
{
	size_t foundation = strlen(p[0]);
	*out = (struct candidate){ .is_udp = strcasecmp(p[2], "udp") == 0 };
	if (!foundation || foundation > FOUNDATION_MAX || !is_number(p[1], 1, 256) ||
		!is_number(p[3], 0, UINT32_MAX) || !*p[2] || !*p[4] ||
		!is_number(p[5], 0, PORT_MAX) || strcasecmp(p[6], "typ") != 0)
		return false;
	if (addr_parse(&out->addr, p[4]))
		addr_set_port(&out->addr, (uint16_t)g_ascii_strtoull(p[5], NULL, 10));
	return read_type(out, p[7]);
}

bool candidate_read(struct candidate *out, const char *text)
{
	char **parts = g_strsplit(text, " ", 9);
	bool is_one = g_strv_length(parts) >= 8 && read_parts(out, parts);
	g_strfreev(parts);
	return is_one;
}
