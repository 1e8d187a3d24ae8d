/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <pthread.h>
#include <assert.h>

/** @file
 * Who owns what. An object that lives on one thread keeps a struct owner and says
 * OWNED_BY(o->owner) at its entry points: a check in debug builds, nothing otherwise. */
struct owner {
	pthread_t thread;
};

#define OWNER_HERE ((struct owner){ pthread_self() })
#ifdef NDEBUG
#define OWNED_BY(o) ((void)0)
#else
#define OWNED_BY(o) assert(pthread_equal((o).thread, pthread_self()))
#endif
