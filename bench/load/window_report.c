/* SPDX-License-Identifier: Apache-2.0 */
/* What window.h has measured, as rows for people and numbers for the JSON result. */
#include <stdio.h>
#include "options.h"
#include "peer.h"
#include "result.h"
#include "sink.h"
#include "source.h"
#include "verdict.h"
#include "window.h"

static void report_delivery(const struct window *w)
{
	double delivered = (double)w->delivered_in_span / w->seconds,
	       expected = (double)w->expected / w->seconds;
	result_row("receivers / connections", "%d / %d", w->receivers, n_peers);
	result_row("delivered / expected",
		"%.0f / %.0f packets/s, loss %.4f %%, worst receiver %.3f %%", delivered, expected,
		w->loss_pct, w->worst_loss_pct);
	result_int("connections", n_peers);
	result_int("receivers", w->receivers);
	result_int("stalled_receivers", w->stalled);
	result_real("window_s", w->seconds);
	result_real("delivered_pps", delivered);
	result_real("expected_pps", expected);
	result_real("loss_pct", w->loss_pct);
	result_real("worst_receiver_loss_pct", w->worst_loss_pct);
}

static void report_server(const struct window *w)
{
	double user = 100 * (w->end.user_s - w->start.user_s) / w->span;
	double system = 100 * (w->end.system_s - w->start.system_s) / w->span;
	double waits = (double)(w->after.waits - w->before.waits) / w->span;
	double forced = (double)(w->after.forced - w->before.forced) / w->span;
	if (!opt.pid)
		return;
	result_row("server CPU per delivered packet", "%.3f us", window_us_per_packet(w));
	result_row("server CPU", "%.1f %% of a core (user %.1f, system %.1f), %d threads",
		window_cpu_pct(w), user, system, w->after.threads);
	result_row("its busiest thread", "%.1f %%", 100 * w->busiest_s / w->span);
	result_row("server memory", "RSS %.1f MiB", (double)w->after.rss_kib / 1024);
	result_row("server context switches", "%.0f own, %.0f forced a second", waits, forced);
	result_real("cpu_us_per_packet", window_us_per_packet(w));
	result_real("cpu_us_per_packet_ticks",
		w->delivered_in_span
			? 1e4 * (user + system) * w->span / (double)w->delivered_in_span
			: 0);
	result_real("server_pct", window_cpu_pct(w));
	result_real("server_user_pct", user);
	result_real("server_system_pct", system);
	result_real("server_busiest_thread_pct", 100 * w->busiest_s / w->span);
	result_int("server_threads", w->after.threads);
	result_int("server_rss_kib", (int64_t)w->after.rss_kib);
	result_real("server_waits_per_s", waits);
	result_real("server_forced_per_s", forced);
	result_int("server_udp_drops", (int64_t)w->server_drops);
}

static void report_latency(void)
{
	static const char *const kind[] = { "audio", "video" };
	char key[40];
	for (int i = 0; i < 2; i++) {
		const struct hist *h = &sink_latency[i];
		if (!h->n)
			continue;
		result_row(i ? "latency, video" : "latency, audio",
			"p50 %.3f  p99 %.3f  max %.3f ms (%llu samples)", hist_ms(h, 50),
			hist_ms(h, 99), hist_max_ms(h), (unsigned long long)h->n);
		const struct {
			const char *name;
			double v;
		} all[] = {
			{ "p50", hist_ms(h, 50) },
			{ "p99", hist_ms(h, 99) },
			{ "max", hist_max_ms(h) },
		};
		for (int k = 0; k < 3; k++) {
			snprintf(key, sizeof(key), "%s_%s_ms", kind[i], all[k].name);
			result_real(key, all[k].v);
		}
	}
}

static void report_client(const struct window *w)
{
	const struct machine *a = &w->machine[0], *b = &w->machine[1];
	double total = (double)(b->total - a->total);
	double steal = total > 0 ? 100.0 * (double)(b->steal - a->steal) / total : 0;
	result_row("client / others / steal", "%.1f %% / %.1f %% / %.1f %%", window_client_pct(w),
		window_others_pct(w), steal);
	result_row("frames left late", "p99 %.2f  max %.2f ms", hist_ms(&source_lateness, 99),
		hist_max_ms(&source_lateness));
	result_row("full sockets, client / server", "%llu / %llu",
		(unsigned long long)w->client_drops, (unsigned long long)w->server_drops);
	result_real("client_pct", window_client_pct(w));
	result_real("client_us_per_packet",
		w->delivered ? 1e6 * w->client_s / (double)w->delivered : 0);
	result_int("client_udp_drops", (int64_t)w->client_drops);
	result_real("late_frames_p99_ms", hist_ms(&source_lateness, 99));
	result_real("others_pct", window_others_pct(w));
	result_real("steal_pct", steal);
	result_real("ksoftirqd_pct", window_softirq_pct(w));
	result_int("samples", (int64_t)sink_checks.samples);
}

static void report_feedback(void)
{
	const char *profile = "";
	uint64_t duplicates = 0, dropped = 0, recovered = 0, nacks = 0, plis = 0, nacks_in = 0;
	for (int i = 0; i < n_peers; i++) {
		const struct peer *p = peers[i];
		if (p->dtls.profile)
			profile = p->dtls.profile;
		duplicates += p->sink.duplicates;
		dropped += p->sink.dropped;
		recovered += p->sink.recovered;
		nacks += p->nacks_out;
		plis += p->plis_in;
		nacks_in += p->nacks_in;
	}
	if (opt.loss > 0)
		result_row("NACKs", "dropped here %llu, asked %llu times, recovered %llu",
			(unsigned long long)dropped, (unsigned long long)nacks,
			(unsigned long long)recovered);
	result_text("srtp_profile", profile);
	result_int("duplicates", (int64_t)duplicates);
	result_int("plis_received", (int64_t)plis);
	result_int("nacks_received", (int64_t)nacks_in);
	result_int("recovered", (int64_t)recovered);
}

void window_report(const struct window *w)
{
	report_delivery(w);
	report_server(w);
	report_latency();
	report_client(w);
	report_feedback();
	verdict_on_window(w);
}
