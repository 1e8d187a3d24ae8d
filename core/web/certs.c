/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/certfile.h"
#include "../base/log.h"
#include "../base/work.h"
#include "certs.h"
#include "listen.h"
#include "selfsigned.h"

#define MAX_READ 32

/* What a pool thread reads: for each listener its files, and what came of them. */
struct certs_reading {
	const char *state_dir; /* NULL: nothing here is self-signed */
	unsigned n;
	struct {
		struct listen_files files;
		struct ssl_ctx_st *made;
	} at[MAX_READ];
};

static const char *own_dir; /* of the self-signed one, NULL: none is shown */
static bool is_reading, is_asked_again;

bool certs_prepare(const char *state_dir, char *why)
{
	own_dir = listen_is_selfsigned() ? state_dir : NULL;
	return !own_dir || selfsigned_ensure(own_dir, why) == OK;
}

void certs_stop(void)
{
	own_dir = NULL;
	is_asked_again = false;
}

static void drop(struct certs_reading *r)
{
	for (unsigned i = 0; i < r->n; i++)
		certfile_free(r->at[i].made);
	free(r);
}

/* ---- pool ---- */

static bool is_seen(const struct certs_reading *r, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (r->at[k].files.pem && !strcmp(r->at[k].files.pem, r->at[i].files.pem))
			return true;
	return false;
}

static void read_one(struct certs_reading *r, unsigned i)
{
	const struct listen_files *f = &r->at[i].files;
	struct certfile_fault fault;
	char stale[CERTFILE_WHY];

	if (!(r->at[i].made = certfile_read(f->pem, f->key, f->pwd, &fault))) {
		if (!is_seen(r, i))
			log_error("web", 0, "certificate not read again: the old one stays",
				"file=%s why=%s", f->pem, LOG_QUOTED(fault.why));
	} else if (certfile_is_stale(r->at[i].made, stale) && !is_seen(r, i)) {
		log_warn("web", 0, "certificate out of its time", "file=%s why=%s", f->pem,
			LOG_QUOTED(stale));
	}
}

static void read_all(void *arg)
{
	struct certs_reading *r = arg;
	char why[256];

	if (r->state_dir && selfsigned_ensure(r->state_dir, why))
		log_error("web", 0, "self-signed certificate not made anew", "why=%s",
			LOG_QUOTED(why));
	for (unsigned i = 0; i < r->n; i++)
		if (r->at[i].files.pem)
			read_one(r, i);
}

/* ---- web thread ---- */

static void show(const void *rec, size_t len)
{
	struct certs_reading *r = *(struct certs_reading *const *)rec;
	(void)len;
	for (unsigned i = 0; i < r->n; i++) {
		if (r->at[i].made)
			listen_renew(i, r->at[i].made);
		r->at[i].made = NULL;
	}
	drop(r);
}

/* ---- control thread ---- */

static void have_read(void *arg, bool cancelled)
{
	struct certs_reading *r = arg;

	is_reading = false;
	if (cancelled || !cardea_web_post(show, &r, sizeof r))
		drop(r);
	if (is_asked_again && !cancelled)
		certs_read_again();
}

void certs_read_again(void)
{
	struct certs_reading *r = is_reading ? NULL : calloc(1, sizeof *r);

	is_asked_again = is_reading;
	if (!r)
		return;
	r->state_dir = own_dir;
	while (r->n < MAX_READ && listen_certificate(r->n, &r->at[r->n].files))
		r->n++;
	is_reading = work_run(read_all, have_read, r) == OK;
	if (!is_reading)
		drop(r);
}
