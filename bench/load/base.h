/* SPDX-License-Identifier: Apache-2.0 */
/** Time, random numbers, byte order, words to the terminal. */
#ifndef LOAD_BASE_H
#define LOAD_BASE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

uint64_t now_ns(void);  /**< Monotonic. */
uint64_t wall_ns(void); /**< The clock that the kernel stamps arriving packets with. */
uint64_t rand64(void);
uint32_t rand32(void);
double rand_share(void);                 /**< 0 to 1. */
void rand_word(char *out, size_t len);   /**< @p len letters and digits, and NUL. */
void rand_bytes(uint8_t *out, size_t n); /**< Not for keys. */

/** Say why there is no measurement, and end with status 2. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
extern int verbosity; /**< how many times --verbose was given */
/** Words to stderr, when it was given at least @p level times. */
void say(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** realloc() that does not fail. */
void *grow(void *p, size_t size);
void *make(size_t n, size_t size); /**< Zeroed; does not fail. */

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}
static inline uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}
static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}
static inline void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}
#endif
