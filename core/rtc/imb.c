/* SPDX-License-Identifier: Apache-2.0 */
#include "imb.h"

#ifdef HAVE_INTEL_IPSEC_MB_H
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define LIBRARY "libIPSec_MB.so.1"
/* Below AVX2 OpenSSL is as good. */
#define WANTED      (IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX2)
#define MINOR(full) ((full) >> 8) /* a version without its patch level */

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Written once, then read by all threads. */
static IMB_MGR *(*alloc)(uint64_t);
static void (*init)(IMB_MGR *, IMB_ARCH *);
static void (*release)(IMB_MGR *);
const IMB_MGR *imb_found;
static bool has_jobs;
static const char *version_text;

static bool find(void *lib)
{
	alloc = (IMB_MGR * (*)(uint64_t)) dlsym(lib, "alloc_mb_mgr");
	init = (void (*)(IMB_MGR *, IMB_ARCH *))dlsym(lib, "init_mb_mgr_auto");
	release = (void (*)(IMB_MGR *))dlsym(lib, "free_mb_mgr");
	unsigned (*version)(void) = (unsigned (*)(void))dlsym(lib, "imb_get_version");
	const char *(*text)(void) = (const char *(*)(void))dlsym(lib, "imb_get_version_str");
	version_text = text ? text() : NULL;
	has_jobs = version && MINOR(version()) == MINOR(IMB_VERSION_NUM);
	return alloc && init && release;
}

static IMB_MGR *make(void)
{
	IMB_MGR *m = alloc(0);
	if (m)
		init(m, NULL);
	return m;
}

static void load(void)
{
	void *lib = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		return;
	IMB_MGR *m = find(lib) ? make() : NULL;
	if (m && (m->features & WANTED) == WANTED && m->gcm128_enc && m->gcm256_dec) {
		imb_found = m;
		return;
	}
	if (m)
		release(m);
	dlclose(lib);
}

const IMB_MGR *imb_functions(void)
{
	pthread_once(&once, load);
	return imb_found;
}

const char *imb_version(void)
{
	return imb_found ? version_text : NULL;
}

bool imb_has_jobs(void)
{
	return imb_functions() && has_jobs;
}

IMB_MGR *imb_manager_new(void)
{
	return imb_has_jobs() ? make() : NULL;
}

void imb_manager_free(IMB_MGR *m)
{
	if (m)
		release(m);
}
#else
#include <stddef.h>

const char *imb_version(void)
{
	return NULL;
}
#endif
