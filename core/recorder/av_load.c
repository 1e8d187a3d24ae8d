/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "av_load.h"

#define MODULE "cardea-av.so"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct av_ops *loaded; /* under the lock */

/* Is this program one that is not installed? */
static bool is_build(void)
{
	char exe[PATH_MAX], build[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	size_t len;
	if (n < 0 || !realpath(CARDEA_BUILDDIR, build))
		return false;
	exe[n] = 0;
	len = strlen(build);
	return !strncmp(exe, build, len) && exe[len] == '/';
}

static const char *default_path(void)
{
	return is_build() ? CARDEA_BUILDDIR "/core/recorder/.libs/" MODULE
			  : CARDEA_PKGLIBDIR "/" MODULE;
}

static const struct av_ops *open_module(const char *path, char *why, size_t size)
{
	void *dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct av_ops *ops = dl ? dlsym(dl, AV_SYMBOL) : NULL;
	if (ops && ops->abi == AV_ABI && ops->size == sizeof *ops)
		return ops;
	if (dl)
		snprintf(why, size, "%s is of another version of Cardea.", path);
	else
		snprintf(why, size, "What writes media files cannot be loaded: %s.", dlerror());
	if (dl)
		dlclose(dl);
	return NULL;
}

const struct av_ops *av_load(const char *path, char *why, size_t size)
{
	const struct av_ops *ops;
	pthread_mutex_lock(&lock);
	if (!loaded)
		loaded = open_module(path ? path : default_path(), why, size);
	ops = loaded;
	pthread_mutex_unlock(&lock);
	return ops;
}
