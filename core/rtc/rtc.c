/* SPDX-License-Identifier: Apache-2.0 */
#include "rtc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/rand.h"
#include "candidates.h"
#include "preview.h"
#include "secure.h"
#include "udp.h"
#include "worker.h"

#define MAX_WORKERS 64
#define TAG_CHARS   3 /* of the ufrag: this process */

/* The one media side of the process. Written by the control thread before any other runs, and not
 * after; what changes with the network is control's alone (candidates.h). */
static struct {
	struct rtc_conf conf;
	char *strings[6]; /* copies of the configuration's */
	struct secure *secure;
	struct worker *workers[MAX_WORKERS];
	unsigned n_workers;
	char tag[TAG_CHARS + 1];
} rtc;

static const char *keep(unsigned n, const char *s)
{
	return s ? rtc.strings[n] = strdup(s) : NULL;
}

static void copy_conf(const struct rtc_conf *c)
{
	rtc.conf = *c;
	rtc.conf.enforce_list = keep(0, c->enforce_list);
	rtc.conf.ignore_list = keep(1, c->ignore_list);
	rtc.conf.nat_1_1 = keep(2, c->nat_1_1);
	rtc.conf.cert_pem = keep(3, c->cert_pem);
	rtc.conf.cert_key = keep(4, c->cert_key);
	rtc.conf.cert_pwd = keep(5, c->cert_pwd);
}

static enum err start_candidates(void)
{
	const struct addr_conf ac = preview_addr_conf(&rtc.conf);
	uint16_t ports[MAX_WORKERS];
	for (unsigned w = 0; w < rtc.n_workers; w++)
		ports[w] = udp_port(rtc.workers[w]->udp);
	return candidates_start(&ac, ports, rtc.n_workers);
}

static enum err start(struct queue *reports, struct queue *data, char *why)
{
	const struct rtc_conf *c = &rtc.conf;
	struct secure_conf sc = { c->cert_pem, c->cert_key, c->cert_pwd, c->rsa, c->mtu,
		c->max_peers, c->workers, data, c->dtls_timeout_us };
	enum err e = secure_start(&rtc.secure, &sc, why);
	if (e)
		return e;
	for (; rtc.n_workers < c->workers; rtc.n_workers++)
		if ((e = worker_create(&rtc.workers[rtc.n_workers], rtc.n_workers, c, rtc.secure,
			     reports, rtc.workers, why)))
			return e;
	if ((e = start_candidates())) {
		strcpy(why, "out of memory");
		return e;
	}
	for (unsigned w = 0; w < rtc.n_workers; w++)
		if ((e = worker_start(rtc.workers[w]))) {
			strcpy(why, "cannot start a thread");
			return e;
		}
	return OK;
}

enum err rtc_start(
	const struct rtc_conf *conf, struct queue *reports, struct queue *data, char *why)
{
	static bool did_register;
	if (!conf->workers || conf->workers > MAX_WORKERS || !conf->max_peers ||
		conf->max_peers > 1u << 20 || conf->udp_port + conf->workers - 1 > UINT16_MAX) {
		snprintf(why, 256, "media: %u workers from UDP port %u on, %u peers: out of range",
			conf->workers, conf->udp_port, conf->max_peers);
		return ERR_INVALID;
	}
	copy_conf(conf);
	rand_ice_chars(rtc.tag, TAG_CHARS);
	enum err e = start(reports, data, why);
	if (e) {
		rtc_stop();
		return e;
	}
	if (!did_register) {
		worker_metrics();
		secure_metrics();
		did_register = true;
	}
	return OK;
}

void rtc_stop(void)
{
	for (unsigned w = 0; w < rtc.n_workers; w++)
		worker_stop(rtc.workers[w]);
	secure_stop(rtc.secure);
	for (unsigned w = 0; w < rtc.n_workers; w++)
		worker_destroy(rtc.workers[w]);
	candidates_stop();
	for (unsigned s = 0; s < sizeof(rtc.strings) / sizeof(*rtc.strings); s++)
		free(rtc.strings[s]);
	memset(&rtc, 0, sizeof(rtc));
}

enum err rtc_post(unsigned worker, const struct cmd *c)
{
	return worker < rtc.n_workers ? worker_post(rtc.workers[worker], c) : ERR_NOT_FOUND;
}

enum err rtc_tune(unsigned worker, const struct router_tuning *t)
{
	const struct cmd c = { .type = CMD_TUNE, .tuning = *t };
	return rtc_post(worker, &c);
}

struct queue *rtc_media_queue(unsigned worker)
{
	return worker < rtc.n_workers ? rtc.workers[worker]->media : NULL;
}

unsigned rtc_first_source(void)
{
	return rtc.conf.max_peers;
}

enum err rtc_data_send(uint64_t peer, struct data_msg *m)
{
	return secure_data_send(rtc.secure, peer, m);
}

enum err rtc_data_consumed(uint64_t peer, size_t cost)
{
	return secure_data_consumed(rtc.secure, peer, cost);
}

const char *rtc_fingerprint(void)
{
	return secure_fingerprint(rtc.secure);
}

void rtc_ice_credentials(unsigned worker, char ufrag[ICE_OUR_UFRAG + 1], char pwd[ICE_OUR_PWD + 1])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	memcpy(ufrag, rtc.tag, TAG_CHARS);
	ufrag[TAG_CHARS] = alphabet[worker % MAX_WORKERS];
	rand_ice_chars(ufrag + TAG_CHARS + 1, ICE_OUR_UFRAG - TAG_CHARS - 1);
	rand_ice_chars(pwd, ICE_OUR_PWD);
}

void rtc_follow_network(struct loop *loop)
{
	candidates_follow(loop);
}

const char *rtc_candidate(unsigned worker, unsigned i)
{
	return candidates_get(worker, i);
}

const char *rtc_address(void)
{
	return candidates_address();
}
