/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base.h"
#include "proc.h"

#define MAX_SOCKETS 20000

static uint64_t field(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	char line[256];
	uint64_t v = 0;
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key))) {
			v = strtoull(line + strlen(key), NULL, 10);
			break;
		}
	fclose(f);
	return v;
}

/* Columns of /proc/net/udp: sl local rem st tx:rx tr:tm retr uid timeout inode ref ptr drops */
static void inode_and_drops(char *line, unsigned long *inode, uint64_t *drops)
{
	char *save = NULL, *word = strtok_r(line, " \n", &save);
	*inode = 0, *drops = 0;
	for (int column = 0; word; column++, word = strtok_r(NULL, " \n", &save)) {
		if (column == 9)
			*inode = strtoul(word, NULL, 10);
		if (column == 12)
			*drops = strtoull(word, NULL, 10);
	}
}

static int by_number(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
	return x < y ? -1 : x > y;
}

/* The drops of the sockets whose inode is in the sorted list. */
static uint64_t drops_in(const char *table, const unsigned long *inodes, size_t n)
{
	FILE *f = fopen(table, "r");
	char line[512];
	uint64_t sum = 0;
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		unsigned long inode;
		uint64_t drops;
		inode_and_drops(line, &inode, &drops);
		if (bsearch(&inode, inodes, n, sizeof(inode), by_number))
			sum += drops;
	}
	fclose(f);
	return sum;
}

static size_t socket_inodes(int pid, unsigned long *out)
{
	char path[400], link[128];
	size_t n = 0;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *d = opendir(path);
	if (!d)
		return 0;
	for (struct dirent *e; (e = readdir(d)) && n < MAX_SOCKETS;) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, e->d_name);
		ssize_t len = readlink(path, link, sizeof(link) - 1);
		if (len <= 0)
			continue;
		link[len] = 0;
		if (!strncmp(link, "socket:[", 8))
			out[n++] = strtoul(link + 8, NULL, 10);
	}
	closedir(d);
	return n;
}

static uint64_t udp_drops(int pid)
{
	unsigned long *inodes = make(MAX_SOCKETS, sizeof(*inodes));
	size_t n = socket_inodes(pid, inodes);
	qsort(inodes, n, sizeof(*inodes), by_number);
	uint64_t sum = drops_in("/proc/net/udp", inodes, n) + drops_in("/proc/net/udp6", inodes, n);
	free(inodes);
	return sum;
}

uint64_t proc_own_udp_drops(void)
{
	return udp_drops((int)getpid());
}

/* Columns 14, 15 and 20 of /proc/PID/stat, counted from 1; the name before them may hold
 * anything. */
static bool read_stat(int pid, double *user_s, double *system_s, int *threads)
{
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return false;
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	char *at = strrchr(text, ')');
	unsigned long user, system;
	if (!at || sscanf(at + 2,
			   "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %d",
			   &user, &system, threads) != 3)
		return false;
	double hz = (double)sysconf(_SC_CLK_TCK);
	*user_s = (double)user / hz;
	*system_s = (double)system / hz;
	return true;
}

static void add_switches(int pid, struct spent *out)
{
	char path[400];
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *d = opendir(path);
	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d));) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status", pid, e->d_name);
		out->waits += field(path, "voluntary_ctxt_switches:");
		out->forced += field(path, "nonvoluntary_ctxt_switches:");
	}
	closedir(d);
}

void proc_spent(int pid, struct spent *out, bool deep)
{
	char path[64];
	clockid_t clock;
	struct timespec t;
	*out = (struct spent){ 0 };
	if (pid <= 0 || !read_stat(pid, &out->user_s, &out->system_s, &out->threads))
		return;
	if (!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &t))
		out->cpu_s = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	else
		out->cpu_s = out->user_s + out->system_s;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	out->rss_kib = field(path, "VmRSS:");
	if (!deep)
		return;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	out->pss_kib = field(path, "Pss:");
	add_switches(pid, out);
	out->udp_drops = udp_drops(pid);
}

static void read_name(int pid, int thread, char out[16])
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, thread);
	FILE *f = fopen(path, "r");
	out[0] = 0;
	if (!f)
		return;
	if (!fgets(out, 16, f))
		out[0] = 0;
	fclose(f);
}

void proc_threads(int pid, struct threads *out)
{
	char path[400];
	out->n = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *d = opendir(path);
	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d)) && out->n < PROC_THREADS;) {
		unsigned long long ns;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, e->d_name);
		FILE *f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%llu", &ns) == 1) {
			out->id[out->n] = atoi(e->d_name);
			read_name(pid, out->id[out->n], out->name[out->n]);
			out->run_ns[out->n++] = ns;
		}
		fclose(f);
	}
	closedir(d);
}

/* What thread @p i of @p b has run since @p a. */
static uint64_t run_since(const struct threads *a, const struct threads *b, int i)
{
	for (int k = 0; k < a->n; k++)
		if (a->id[k] == b->id[i])
			return b->run_ns[i] - a->run_ns[k];
	return b->run_ns[i];
}

double proc_busiest_s(const struct threads *a, const struct threads *b)
{
	uint64_t most = 0;
	for (int i = 0; i < b->n; i++) {
		uint64_t ns = run_since(a, b, i);
		if (ns > most)
			most = ns;
	}
	return (double)most / 1e9;
}

double proc_named_s(const struct threads *a, const struct threads *b, const char *prefix)
{
	uint64_t sum = 0;
	for (int i = 0; i < b->n; i++)
		if (!strncmp(b->name[i], prefix, strlen(prefix)))
			sum += run_since(a, b, i);
	return (double)sum / 1e9;
}

/* The threads of the kernel that take over network work when it comes too fast. They sit at the
 * beginning of the table of processes and never change. */
static double softirq_seconds(void)
{
	static int pids[256], n = -1;
	double sum = 0;
	if (n < 0) {
		n = 0;
		for (int pid = 2; pid < 4096 && n < 256; pid++) {
			char path[64], name[32] = "";
			snprintf(path, sizeof(path), "/proc/%d/comm", pid);
			FILE *f = fopen(path, "r");
			if (!f)
				continue;
			if (fgets(name, sizeof(name), f) && !strncmp(name, "ksoftirqd/", 10))
				pids[n++] = pid;
			fclose(f);
		}
	}
	for (int i = 0; i < n; i++) {
		double user, system;
		int threads;
		if (read_stat(pids[i], &user, &system, &threads))
			sum += user + system;
	}
	return sum;
}

void proc_machine(struct machine *out)
{
	unsigned long long v[8] = { 0 };
	*out = (struct machine){ .softirq_s = softirq_seconds() };
	FILE *f = fopen("/proc/stat", "r");
	if (!f)
		return;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
		    &v[4], &v[5], &v[6], &v[7]) == 8) {
		for (int i = 0; i < 8; i++)
			out->total += v[i];
		out->idle = v[3] + v[4];
		out->steal = v[7];
	}
	fclose(f);
}

double proc_own_cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double proc_busy_pct(const struct machine *a, const struct machine *b)
{
	double total = (double)(b->total - a->total), idle = (double)(b->idle - a->idle);
	return total > 0 ? 100.0 * (total - idle) / total * (double)sysconf(_SC_NPROCESSORS_ONLN)
			 : 0;
}

double proc_load_average(void)
{
	double load[1];
	return getloadavg(load, 1) == 1 ? load[0] : 0;
}
