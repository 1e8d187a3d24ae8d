/* SPDX-License-Identifier: Apache-2.0 */
#include "assoc_metrics.h"
#include "channels.h"

struct metric assoc_handshakes = { .name = "cardea_dtls_handshakes_total",
	.help = "DTLS handshakes completed" };
struct metric assoc_failures = { .name = "cardea_dtls_failures_total",
	.help = "DTLS handshakes that failed or timed out" };
struct metric assoc_unsettled = { .name = "cardea_dtls_unsettled_total",
	.help = "DTLS associations that keep their TLS object, for want of AES-GCM" };
struct metric assoc_broken = { .name = "cardea_dtls_broken_total",
	.help = "DTLS handshakes begun anew after something that did not fit" };
struct metric assoc_renewals = { .name = "cardea_dtls_renewals_total",
	.help = "DTLS associations that a new certificate has brought" };
struct metric assoc_unsent = { .name = "cardea_dtls_unsent_drops",
	.help = "DTLS datagrams dropped because a worker did not read" };

void assoc_metrics(void)
{
	struct metric *all[] = { &assoc_handshakes, &assoc_failures, &assoc_unsettled,
		&assoc_broken, &assoc_renewals, &assoc_unsent };
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_register(all[i]);
	channels_metrics();
}
