/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <unistd.h>
#include "../base/protected.h"
#include "../base/rand.h"
#include "../base/work.h"
#include "../capture/capture_msg.h"
#include "../capture/dump.h"
#include "admin_capture.h"
#include "admin_table.h"
#include "capture.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "peerconn.h"

/** @file
 * Admin requests that capture the packets of a handle. A file is opened by a thread of the pool,
 * for the disk may be slow; a capture that is to end is answered when its file is complete. */

/* A request that is answered later. */
struct capture_request {
	struct cardea_origin from;
	char *transaction;
	uint64_t session_id, handle_id;
	/* to begin */
	char **folders; /* that are protected */
	char *folder, *name;
	bool is_text;
	uint32_t truncate;
	int fd;
	struct capture_request *stop; /* that came while the file was being opened */
};

static GSList *starting; /* whose files are being opened */

static struct capture_request *capture_request_new(const struct request *r)
{
	struct capture_request *w = g_new0(struct capture_request, 1);
	w->from = r->from;
	w->transaction = g_strdup(r->transaction);
	w->session_id = r->session_id;
	w->handle_id = r->handle_id;
	w->fd = -1;
	return w;
}

static void capture_request_free(struct capture_request *w)
{
	if (w->stop)
		capture_request_free(w->stop);
	if (w->fd >= 0)
		close(w->fd);
	g_strfreev(w->folders);
	g_free(w->folder);
	g_free(w->name);
	g_free(w->transaction);
	g_free(w);
}

static struct request request_of(const struct capture_request *w)
{
	return (struct request){
		.from = w->from, .transaction = w->transaction, .session_id = w->session_id
	};
}

static struct capture_request *starting_of(const struct request *r)
{
	for (GSList *l = starting; l; l = l->next) {
		struct capture_request *w = l->data;
		if (w->session_id == r->session_id && w->handle_id == r->handle_id)
			return w;
	}
	return NULL;
}

/* The answer does not name the session. */
static void succeed(const struct capture_request *w)
{
	const struct request r = { .from = w->from, .transaction = w->transaction };
	request_succeed(&r, NULL);
}

static const char *form(bool is_text)
{
	return is_text ? "text2pcap" : "pcap";
}

/* ---- the end of one ---- */

static void stopped(void *arg, bool too_late)
{
	if (!too_late)
		succeed(arg);
	capture_request_free(arg);
}

static void stop_capture(struct capture_request *w)
{
	const struct request r = request_of(w);
	struct session *s = session_find(w->session_id);
	struct cardea_handle *h = s ? handle_find(s, w->handle_id) : NULL;
	if (!h || !capture_is_on(h->capture))
		request_fail(&r, API_UNKNOWN, "Capture not started");
	else if (capture_stop(h->capture, stopped, w))
		return;
	else
		request_fail(&r, API_UNKNOWN, "The media worker is overloaded");
	capture_request_free(w);
}

/* ---- start ---- */

static void open_file(void *arg)
{
	struct capture_request *w = arg;
	w->fd = protected_open((const char *const *)w->folders, w->folder, w->name);
	if (w->fd >= 0 && !dump_prepare(w->fd, w->is_text)) {
		close(w->fd);
		w->fd = -1;
	}
}

static struct capture *begin(struct capture_request *w)
{
	g_autofree char *path =
		w->folder ? g_build_filename(w->folder, w->name, NULL) : g_strdup(w->name);
	const struct capture_file f = { .fd = w->fd,
		.path = path,
		.is_text = w->is_text,
		.truncate = w->truncate,
		.session = w->session_id,
		.handle = w->handle_id };
	w->fd = -1; /* given away */
	return capture_begin(&f);
}

static void too_many(const struct request *r)
{
	request_fail(r, API_UNKNOWN, "Too many captures (%d)", CAPTURES_MAX);
}

/* The file is open, but the handle may have gone meanwhile, or has another capture. */
static void start(struct capture_request *w)
{
	const struct request r = request_of(w);
	struct session *s = session_find(w->session_id);
	struct cardea_handle *h = s ? handle_find(s, w->handle_id) : NULL;
	struct capture *c;
	if (w->fd < 0) {
		request_fail(&r, API_UNKNOWN, "Error starting %s dump", form(w->is_text));
	} else if (!h) {
		request_fail(&r, API_NO_HANDLE, "No such handle");
	} else if (capture_is_on(h->capture)) {
		request_fail(
			&r, API_UNKNOWN, "%s already started", form(capture_is_text(h->capture)));
	} else if (!(c = begin(w))) {
		too_many(&r);
	} else if (h->pc && h->pc->peer && !capture_of_peer(c, h->pc->worker, h->pc->peer)) {
		capture_drop(c);
		request_fail(&r, API_UNKNOWN, "The media worker is overloaded");
	} else {
		capture_drop(h->capture);
		h->capture = c;
		succeed(w);
	}
}

static bool is_stopping;

static void opened(void *arg, bool cancelled)
{
	struct capture_request *w = arg, *stop = w->stop;
	starting = g_slist_remove(starting, w);
	w->stop = NULL;
	if (!cancelled && !is_stopping) {
		start(w);
		if (stop)
			stop_capture(stop);
	} else if (stop) {
		capture_request_free(stop);
	}
	capture_request_free(w);
}

static const struct cardea_field start_fields[] = {
	{ "folder", CARDEA_STR, .note = "that is there; absent: the current one" },
	{ "filename", CARDEA_STR,
		.note = "name alone, without folders; absent: one of its own is found" },
	{ "truncate", CARDEA_UINT, .note = "bytes of each packet that are kept; 0: all" },
	{ 0 },
};

static void on_start(struct request *r, const struct cardea_args *a, bool is_text)
{
	const char *name = cardea_str(a, "filename");
	struct capture_request *w = starting_of(r);
	if (w || capture_is_on(r->handle->capture)) {
		request_fail(r, API_UNKNOWN, "%s already started",
			form(w ? w->is_text : capture_is_text(r->handle->capture)));
		return;
	}
	if (!capture_is_possible(g_slist_length(starting))) {
		too_many(r);
		return;
	}
	w = capture_request_new(r);
	w->is_text = is_text;
	w->truncate = (uint32_t)MIN(cardea_int(a, "truncate"), UINT16_MAX);
	w->folder = g_strdup(cardea_str(a, "folder"));
	w->name = name ? g_strdup(name)
		       : g_strdup_printf(
				 "janus-text2pcap-%u.%s", rand_u32(), is_text ? "txt" : "pcap");
	w->folders = options_protected_folders();
	if (work_run(open_file, opened, w) == OK) {
		starting = g_slist_prepend(starting, w);
		return;
	}
	request_fail(r, API_UNKNOWN, "Error starting %s dump", form(is_text));
	capture_request_free(w);
}

static void on_start_pcap(struct request *r, const struct cardea_args *a)
{
	on_start(r, a, false);
}

static void on_start_text2pcap(struct request *r, const struct cardea_args *a)
{
	on_start(r, a, true);
}

/* ---- stop ---- */

static void on_stop(struct request *r, const struct cardea_args *a)
{
	struct capture_request *start = starting_of(r), *w;
	(void)a;
	if (start ? start->stop != NULL : !capture_is_on(r->handle->capture)) {
		request_fail(r, API_UNKNOWN, "Capture not started");
		return;
	}
	w = capture_request_new(r);
	if (start)
		start->stop = w;
	else
		stop_capture(w);
}

void admin_capture_stop(void)
{
	is_stopping = true;
}

const struct admin_request admin_of_capture[] = {
	{ "start_pcap", ADMIN_HANDLE, start_fields, on_start_pcap,
		"Write all RTP and RTCP of a handle, decrypted, to a pcap file." },
	{ "start_text2pcap", ADMIN_HANDLE, start_fields, on_start_text2pcap,
		"The same, to a text file for text2pcap." },
	{ "stop_pcap", ADMIN_HANDLE, NULL, on_stop,
		"End the capture of a handle, whatever its form; answered when the file is "
		"complete." },
	{ "stop_text2pcap", ADMIN_HANDLE, NULL, on_stop, "The same." },
	{ 0 },
};
