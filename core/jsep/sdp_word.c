/* SPDX-License-Identifier: Apache-2.0 */
#include "sdp_word.h"
#include <stdio.h>
#include <string.h>

char *sdp_word(char **text)
{
	char *word = *text + strspn(*text, " \t"), *end = word + strcspn(word, " \t");
	if (!*word)
		return NULL;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

bool sdp_token(char *out, size_t size, const char *word)
{
	size_t len = strcspn(word, " \t");
	*out = '\0';
	if (!len || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		if (word[i] < 0x21 || word[i] > 0x7e)
			return false;
	memcpy(out, word, len);
	out[len] = '\0';
	return true;
}

enum err sdp_bad(char *why, const char *what, const char *line)
{
	snprintf(why, SDP_WHY, "%s: %.100s", what, line);
	for (char *p = why; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return ERR_INVALID;
}

bool sdp_dir(const char *name, enum cardea_dir *dir)
{
	if (strcmp(name, "sendrecv") == 0)
		*dir = CARDEA_SENDRECV;
	else if (strcmp(name, "sendonly") == 0)
		*dir = CARDEA_RECV;
	else if (strcmp(name, "recvonly") == 0)
		*dir = CARDEA_SEND;
	else if (strcmp(name, "inactive") == 0)
		*dir = CARDEA_INACTIVE;
	else
		return false;
	return true;
}
