/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that offers files over HTTP: addresses for those that web/files.h
 * serves. */

#include <cardea/plugin.h>
#include <stdio.h>
#include <string.h>
#include "../base/rand.h"
#include "../web/files.h"

#define NAME_SHOWN 100

/* The name is for whoever keeps the file; the key is what finds it. */
static void append_name(char url[CARDEA_FILE_URL], const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t at = strlen(url);
	for (size_t i = 0; name[i] && i < NAME_SHOWN; i++)
		url[at++] = strchr("/?#%\"<>\\ ", name[i]) || (unsigned char)name[i] < '!' ||
					    (unsigned char)name[i] > '~'
				    ? '_'
				    : name[i];
	url[at] = '\0';
}

void cardea_file_offer(const char *path, char url[CARDEA_FILE_URL])
{
	uint8_t bytes[FILES_KEY / 2];
	char key[FILES_KEY + 1];
	rand_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(key + 2 * i, 3, "%02x", bytes[i]);
	files_offer(key, path);
	snprintf(url, CARDEA_FILE_URL, FILES_PATH "%s/", key);
	append_name(url, path);
}

void cardea_file_withdraw(const char *url)
{
	char key[FILES_KEY + 1];
	size_t n = strlen(FILES_PATH);
	if (strncmp(url, FILES_PATH, n) || strlen(url) < n + FILES_KEY)
		return;
	snprintf(key, sizeof key, "%s", url + n);
	files_withdraw(key);
}
