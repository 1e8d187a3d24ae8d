/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/metric.h"
#include "health.h"

#define STUCK_US (5 * US_PER_S) /* a callback of the control thread takes 20 ms at most */

static void health(struct answer *a, const struct pulse *control)
{
	char text[128];
	int64_t busy_since_us = 0, busy_us = 0;

	if (control) {
		pulse_turns(control, &busy_since_us);
		busy_us = busy_since_us ? clock_now_us() - busy_since_us : 0;
	}
	bool stuck = busy_us > STUCK_US;
	int len = stuck ? snprintf(text, sizeof text,
				  "{\"status\":\"stuck\",\"thread\":\"control\","
				  "\"seconds\":%lld}\n",
				  (long long)(busy_us / US_PER_S))
			: snprintf(text, sizeof text, "{\"status\":\"ok\"}\n");
	answer_set(a, stuck ? 503 : 200, "Cache-Control: no-store\r\n", "application/json",
		cardea_web_text(text, (size_t)len));
}

static void metrics(struct answer *a)
{
	char *text = metric_text();
	struct cardea_text *body = text ? cardea_web_text(text, strlen(text)) : NULL;
	free(text);
	answer_set(a, body ? 200 : 500, "Cache-Control: no-store\r\n",
		"text/plain; version=0.0.4; charset=utf-8", body);
}

bool health_serve(
	struct answer *a, const struct pulse *control, const char *method, const char *path)
{
	bool is_health = !strcmp(path, "/health");

	if (!is_health && strcmp(path, "/metrics"))
		return false;
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		answer_set(a, 405, "Allow: GET, HEAD\r\n", NULL, NULL);
	else if (is_health)
		health(a, control);
	else
		metrics(a);
	return true;
}
