/* SPDX-License-Identifier: Apache-2.0 */
/** What the server and the machine spent, from the kernel's accounts. */
#ifndef LOAD_PROC_H
#define LOAD_PROC_H
#include <stdbool.h>
#include <stdint.h>

struct spent {
	double cpu_s;            /**< The process's CPU clock: all threads, nanoseconds. */
	double user_s, system_s; /**< The same in the kernel's ticks. */
	uint64_t rss_kib, pss_kib;
	uint64_t waits, forced; /**< Context switches of all threads: own wish, and not. */
	int threads;
	uint64_t udp_drops; /**< Of the process's own sockets: their buffer was full. */
};
#define PROC_THREADS 1024
struct threads {
	int n, id[PROC_THREADS];
	uint64_t run_ns[PROC_THREADS];
	char name[PROC_THREADS][16];
};
struct machine {
	uint64_t total, idle, steal; /**< Ticks of all CPUs. */
	/** CPU time of the ksoftirqd threads: nobody is charged for it. */
	double softirq_s;
};

/** Accounts of process @p pid; with @p deep also those that take milliseconds to read (pss_kib,
 *  waits, forced, udp_drops). All zero when there is no such process. */
void proc_spent(int pid, struct spent *out, bool deep);
void proc_threads(int pid, struct threads *out);
/** CPU seconds of the thread that worked most between the two. */
double proc_busiest_s(const struct threads *a, const struct threads *b);
/** CPU seconds of all threads between the two whose name begins with @p prefix. */
double proc_named_s(const struct threads *a, const struct threads *b, const char *prefix);
void proc_machine(struct machine *out);
double proc_own_cpu_s(void);
uint64_t proc_own_udp_drops(void);
/** Percent of one core: how much work was done between the two by all CPUs. */
double proc_busy_pct(const struct machine *a, const struct machine *b);
double proc_load_average(void);
#endif
