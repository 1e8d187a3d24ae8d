/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "result.h"
#include "sink.h"
#include "source.h"
#include "verdict.h"
#include "window.h"

#define LOAD_REACHED 0.97 /* of what the options ask for; rounding of frames stays below */
#define SOFTIRQ_PCT  2.0  /* two ticks of the accounts in a second */
/* half a frame: later ones leave together, and no camera makes such bursts */
#define LATE_MS 15.0

static void on_samples(void)
{
	const struct sink_checks *c = &sink_checks;
	const struct {
		uint64_t n;
		const char *what;
	} faults[] = {
		{ c->undecrypted, "could not be decrypted" },
		{ c->unstamped, "were not sent by us" },
		{ c->misrouted, "came from somebody else than they should" },
		{ c->altered, "had another body than was sent" },
		{ c->renumbered, "broke the order of sequence numbers or timestamps" },
	};
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (faults[i].n)
			result_invalid("%llu of %llu samples %s", (unsigned long long)faults[i].n,
				(unsigned long long)c->samples, faults[i].what);
	if (!c->samples)
		result_invalid("nothing was received");
}

static double sent_pps(const struct window *w)
{
	return w->seconds > 0 ? (double)w->expected / w->seconds : 0;
}

bool verdict_is_load_reached(const struct window *w)
{
	return window_client_pct(w) <= VERDICT_CLIENT_PCT && !w->client_drops && !w->send_errors &&
	       sent_pps(w) >= w->nominal_pps * LOAD_REACHED;
}

bool verdict_is_client_late(void)
{
	return hist_ms(&source_lateness, 99) > LATE_MS;
}

void verdict_on_window(const struct window *w)
{
	if (window_client_pct(w) > VERDICT_CLIENT_PCT)
		result_invalid("the client is saturated: %.0f %% of a core", window_client_pct(w));
	on_samples();
	if (w->client_drops)
		result_invalid("%llu packets did not fit into the client's sockets",
			(unsigned long long)w->client_drops);
	if (w->send_errors)
		result_invalid("the kernel refused %llu packets of the client",
			(unsigned long long)w->send_errors);
	if (sent_pps(w) < w->nominal_pps * LOAD_REACHED)
		result_invalid(
			"the load was %.0f packets/s instead of %.0f", sent_pps(w), w->nominal_pps);
	if (verdict_is_client_late())
		result_invalid("one frame in a hundred left more than %.0f ms late",
			hist_ms(&source_lateness, 99));
	if (window_softirq_pct(w) > SOFTIRQ_PCT)
		result_invalid(
			"the kernel did %.1f %% of a core of network work on nobody's account",
			window_softirq_pct(w));
	if (w->delivered > w->expected && opt.loss <= 0)
		result_invalid("more packets came than were sent");
}
