/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** @file
 * What the fuzzers share. Each is one function that takes any input and ends the program when a
 * promise is broken; libFuzzer calls it with inputs that it makes, replay.c with those kept in
 * corpus/. Nothing is remembered from one input to the next. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/** Called once, before the first input. A fuzzer may do without. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** As assert(), whatever the build. */
#define must(x) ((x) ? (void)0 : fuzz_fail(#x, __FILE__, __LINE__))

static inline _Noreturn void fuzz_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, what);
	abort();
}

/** A copy without a byte to spare, so that a read beyond its end is seen. Freed by the caller. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	must(exact);
	if (len)
		memcpy(exact, data, len);
	return exact;
}

/* ---- an input as a list of decisions ---- */

struct script {
	const uint8_t *at, *end;
};
static inline struct script script_of(const uint8_t *data, size_t size)
{
	return (struct script){ data, data + size };
}
static inline bool script_over(const struct script *s)
{
	return s->at == s->end;
}
/** Behind its end a script goes on with zeros. */
static inline uint8_t script_8(struct script *s)
{
	return s->at < s->end ? *s->at++ : 0;
}
static inline uint16_t script_16(struct script *s)
{
	unsigned high = script_8(s);
	return (uint16_t)(high << 8 | script_8(s));
}
static inline uint32_t script_32(struct script *s)
{
	uint32_t high = script_16(s);
	return high << 16 | script_16(s);
}
/** A number below @p n, which is at most 256. */
static inline unsigned script_below(struct script *s, unsigned n)
{
	return script_8(s) % n;
}
/** The next @p len bytes, or fewer where the script ends. Borrowed. */
static inline const uint8_t *script_bytes(struct script *s, size_t *len)
{
	const uint8_t *at = s->at;
	if (*len > (size_t)(s->end - s->at))
		*len = (size_t)(s->end - s->at);
	s->at += *len;
	return at;
}

/** FNV-1a: for decisions that hang on all of a text. */
static inline uint32_t fuzz_hash(const void *data, size_t len)
{
	const uint8_t *at = data;
	uint32_t h = 0x811c9dc5;
	while (len--)
		h = (h ^ *at++) * 0x01000193;
	return h;
}

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define FUZZ_POISONS
#endif
#elif defined __SANITIZE_ADDRESS__
#define FUZZ_POISONS
#endif
#ifdef FUZZ_POISONS
#include <sanitizer/asan_interface.h>
/** What is behind a datagram in a buffer of the server's is not to be read. */
#define fuzz_poison(at, len)   __asan_poison_memory_region(at, len)
#define fuzz_unpoison(at, len) __asan_unpoison_memory_region(at, len)
#else
#define fuzz_poison(at, len)   ((void)(at))
#define fuzz_unpoison(at, len) ((void)(at))
#endif
