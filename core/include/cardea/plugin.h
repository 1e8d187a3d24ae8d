/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/conf.h>
#include <cardea/data.h>
#include <cardea/direct.h>
#include <cardea/event.h>
#include <cardea/file.h>
#include <cardea/handle.h>
#include <cardea/json.h>
#include <cardea/log.h>
#include <cardea/media.h>
#include <cardea/message.h>
#include <cardea/metrics.h>
#include <cardea/path.h>
#include <cardea/play.h>
#include <cardea/record.h>
#include <cardea/route.h>
#include <cardea/run.h>
#include <cardea/store.h>

/** @file
 * The plugin SDK. A plugin is a shared object that exports `const struct cardea_plugin
 * cardea_plugin`. It decides who hears whom and declares routes; the core moves the packets. Every
 * hook and every function of the headers below runs on the control thread, one at a time, unless it
 * says otherwise: a plugin needs no lock and must not block. */
#define CARDEA_PLUGIN_ABI 5

/** What a plugin is: its names, its tables, and its hooks, all of which run on the control
 *  thread. Static. */
struct cardea_plugin {
	size_t size;  /**< sizeof(struct cardea_plugin) */
	uint32_t abi; /**< CARDEA_PLUGIN_ABI */
	/** "echotest": the file is <name>.so, the packages cardea.plugin.<name> and
	 *  janus.plugin.<name> */
	const char *name;
	const char *title, *description, *author, *version_string;
	int version;
	const struct cardea_section *options; /**< of cardea.plugin.<name>.jcfg; NULL: none */

	/** Also called by --check, which calls `stop` next: take nothing that a running server
	 *  holds.
	 *  @return NULL, or one sentence on why the plugin cannot run (it is then left out). */
	const char *(*start)(const struct cardea_conf *conf);
	void (*stop)(void); /**< after the last detach */
	/** @return 0, or a plugin number that refuses the attachment (API error 461). */
	int (*attach)(struct cardea_handle *h);
	/** Last word on h; its PeerConnection is gone already. Where a client whose session may
	 *  be claimed has ended its connection on purpose, `attach` follows at once for the same
	 *  handle, which then begins anew. */
	void (*detach)(struct cardea_handle *h);
	/** Answer with exactly one of cardea_reply(), cardea_ack() (then cardea_event()),
	 *  cardea_refuse(). */
	void (*message)(struct cardea_handle *h, struct cardea_message *m);
	/* All below may be NULL. */
	void (*connected)(struct cardea_handle *h); /**< ICE and DTLS are up: after `webrtcup` */
	/** The PeerConnection is gone, whatever the reason; before the client's `hangup` event.
	 *  After a cardea_close() it is called when the present hook has returned. A client's
	 *  `hangup` request calls it also where there is no PeerConnection. */
	void (*hangup)(struct cardea_handle *h, const char *reason);
	/** An incoming track starts (true) or stops to bring packets. substream -1 unless
	 *  simulcast. */
	void (*receiving)(struct cardea_handle *h, unsigned mindex, int substream, bool on);
	/** The layer that an outgoing track carries has changed. A few times a second at most, the
	 *  last of them always. */
	void (*layer)(struct cardea_handle *h, unsigned mindex, const struct cardea_layer *now);
	/** Average audio level crossed the threshold asked for with cardea_watch_level(): five
	 *  times a second at most. Also false, with 127, when a talking track is muted, stops, or
	 *  brings no packet for a second. */
	void (*talking)(struct cardea_handle *h, unsigned mindex, bool talks, double avg_dbov);
	/** Packets were lost in the last second; uplink: those the server sent. */
	void (*slow_link)(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost);
	/** What the peer itself estimates that it can take from the server has changed (REMB): bits
	 *  per second (INT64_MAX at most), for the whole PeerConnection. At most once a second,
	 *  while media flows. Chromium never sends it where transport-wide feedback was agreed on,
	 *  for then estimating is the sender's part. A new PeerConnection begins without any. */
	void (*estimate)(struct cardea_handle *h, uint64_t bps);
	/** A message has come on a data channel.
	 *  @return false: not now, because cardea_data_send() to this very handle has refused. It
	 *  is offered again when there is
	 *          room; until then SCTP holds the peer back. */
	bool (*data)(struct cardea_handle *h, const struct cardea_data *what);
	/** Data can be sent: the association is up, or there is room again after a refusal. */
	void (*data_ready)(struct cardea_handle *h);
	/** The client of a direct handle has sent a message. */
	void (*direct_message)(struct cardea_handle *h, const struct cardea_direct_message *what);
	/** The client of a direct handle is there: it has answered cardea_probe(). */
	void (*alive)(struct cardea_handle *h);
	/** plugin_specific of handle_info; new reference */
	json_t *(*query)(struct cardea_handle *h);
	/** message_plugin of the Admin API; NULL: not supported. @return new reference or NULL for
	 *  {}. */
	json_t *(*admin)(const json_t *request);
	/** What docs/api.md is made of, with `cardea --describe`; NULL: its requests are not
	 *  described. A request whose name is "" is one without a `request` in its body. */
	const struct cardea_request *requests;
	const struct cardea_code *errors; /**< the codes of its answers; NULL: it has none */
};

/** Fill @p out from the system's random source: for ids and whatever else nobody may guess. Any
 *  thread; cannot fail. */
CARDEA_API void cardea_random(void *out, size_t len);
