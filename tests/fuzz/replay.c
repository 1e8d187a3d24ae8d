/* SPDX-License-Identifier: Apache-2.0 */
/* The main() of a fuzzer that is built without libFuzzer: it is given the inputs that are kept, and
 * some mutants of each, always the same ones.
 *   NAME [FILE…]   all of corpus/NAME by default
 * An input on which it fails is left in the file NAME.crash. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include "fuzz.h"
#include "mutate.h"

#define MUTANTS 20
#define MARGIN  64 /* bytes that a mutant may be longer */

#pragma weak LLVMFuzzerInitialize
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static char crash_file[64];
static const uint8_t *at_hand;
static size_t at_hand_len;
static unsigned n_inputs, n_mutants;

static void leave_input(void)
{
	int fd = at_hand ? open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
	if (fd < 0)
		return;
	if (write(fd, at_hand, at_hand_len) == (ssize_t)at_hand_len)
		fprintf(stderr, "the input is in %s\n", crash_file);
	close(fd);
	at_hand = NULL;
}

static void on_abort(int sig)
{
	leave_input();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void run(const uint8_t *data, size_t len)
{
	uint8_t *exact = fuzz_copy(data, len);
	at_hand = exact;
	at_hand_len = len;
	LLVMFuzzerTestOneInput(exact, len);
	at_hand = NULL;
	free(exact);
}

static void run_mutants(const uint8_t *data, size_t len)
{
	uint8_t *buf = malloc(len + MARGIN);
	must(buf);
	mutate_seed(len + 1);
	for (unsigned i = 0; i < MUTANTS; i++, n_mutants++) {
		memcpy(buf, data, len);
		run(buf, mutate(buf, len, len + MARGIN));
	}
	free(buf);
}

static bool run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long len;
	printf("%s\n", path);
	fflush(stdout);
	if (!f || fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) ||
		!(data = malloc((size_t)len + 1))) {
		perror(path);
		return false;
	}
	must(fread(data, 1, (size_t)len, f) == (size_t)len);
	fclose(f);
	run(data, (size_t)len);
	run_mutants(data, (size_t)len);
	n_inputs++;
	free(data);
	return true;
}

static bool run_folder(const char *path)
{
	struct dirent **names;
	bool good = true;
	int n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char file[1024];
		snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			good = run_file(file) && good;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return good;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/'), *srcdir = getenv("srcdir");
	char folder[512];
	bool good = true;
	name = name ? name + 1 : argv[0];
	snprintf(crash_file, sizeof crash_file, "%.50s.crash", name);
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name);
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(leave_input);
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	if (argc < 2)
		good = run_folder(folder);
	for (int i = 1; i < argc; i++)
		good = run_file(argv[i]) && good;
	good = good && n_inputs;
	/* in the words of cmocka, in which ./test counts */
	printf("%s inputs_kept_are_harmless: %u, and %u mutants\n",
		good ? "[       OK ]" : "[  FAILED  ]", n_inputs, n_mutants);
	return !good;
}
