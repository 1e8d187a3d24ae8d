/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>
#include "types.h"

const char *type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = { { ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".mjs", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" }, { ".svg", "image/svg+xml" },
		{ ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".ico", "image/x-icon" },
		{ ".webp", "image/webp" }, { ".txt", "text/plain; charset=utf-8" },
		{ ".md", "text/plain; charset=utf-8" }, { ".wasm", "application/wasm" },
		{ ".webm", "video/webm" }, { ".mp4", "video/mp4" }, { ".mkv", "video/x-matroska" },
		{ ".vtt", "text/vtt; charset=utf-8" }, { ".jsonl", "application/x-ndjson" },
		{ ".opus", "audio/ogg" }, { ".wav", "audio/wav" }, { ".woff2", "font/woff2" },
		{ ".webmanifest", "application/manifest+json" } };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcasecmp(dot, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}
