/* SPDX-License-Identifier: Apache-2.0 */
/* The text of /metrics (core/base/metric.c). docs/make/metrics.mjs makes docs/metrics.md from
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/metric.h"

static struct metric packets0 = { .name = "cardea_media_packets_total{worker=\"0\"}",
	.help = "packets received" };
static struct metric sessions = { .name = "cardea_control_sessions", .help = "sessions alive" };
static struct metric packets1 = { .name = "cardea_media_packets_total{worker=\"1\"}",
	.help = "packets received" };
static struct metric bare = { .name = "cardea_media_packets" };

static void shows_families_together_with_their_latest_values(void **state)
{
	char *text;
	(void)state;
	metric_register(&packets0);
	metric_register(&sessions);
	metric_register(&packets1);
	metric_register(&bare);
	metric_add(&packets0, 2);
	metric_add(&packets0, 3);
	metric_add(&packets1, UINT64_MAX);
	metric_set(&sessions, 7);
	metric_set(&sessions, 6);
	text = metric_text();
	assert_string_equal(text, "# HELP cardea_media_packets_total packets received\n"
				  "# TYPE cardea_media_packets_total counter\n"
				  "cardea_media_packets_total{worker=\"0\"} 5\n"
				  "cardea_media_packets_total{worker=\"1\"} 18446744073709551615\n"
				  "# HELP cardea_control_sessions sessions alive\n"
				  "# TYPE cardea_control_sessions gauge\n"
				  "cardea_control_sessions 6\n"
				  "# HELP cardea_media_packets \n"
				  "# TYPE cardea_media_packets gauge\n"
				  "cardea_media_packets 0\n");
	free(text);
}

static void is_empty_without_metrics(void **state)
{
	char *text = metric_text();
	(void)state;
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_without_metrics),
		cmocka_unit_test(shows_families_together_with_their_latest_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
