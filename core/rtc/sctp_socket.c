/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp_socket.h"
#include <usrsctp.h>
#include "data.h"
#include "sctp_limits.h"
#include "sctp_packet.h"

#define RTO_MS     500
#define RTO_MIN_MS 200
#define RTO_MAX_MS 3000
#define SACK_MS    20
#define RETRIES    200    /* of the path, and in all: ICE knows whether the peer is there */
#define BUFFER_USE 0x1101 /* SCTP_GET_SNDBUF_USE, which usrsctp knows and does not declare */

static bool set(struct socket *so, int level, int name, const void *value, socklen_t len)
{
	return !usrsctp_setsockopt(so, level, name, value, len);
}

#define SET(so, name, value) set(so, IPPROTO_SCTP, name, &(value), sizeof(value))

bool sctp_socket_set(struct socket *so, int name, const void *value, size_t len)
{
	return set(so, IPPROTO_SCTP, name, value, (socklen_t)len);
}

static bool subscribe(struct socket *so)
{
	static const uint16_t types[] = { SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT,
		SCTP_PARTIAL_DELIVERY_EVENT, SCTP_SENDER_DRY_EVENT };
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct sctp_event e = {
			.se_assoc_id = SCTP_ALL_ASSOC, .se_type = types[i], .se_on = 1
		};
		if (!SET(so, SCTP_EVENT, e))
			return false;
	}
	return true;
}

/* No heartbeats: ICE tells if the peer is there. No search for the path's MTU: DTLS has one. */
bool sctp_socket_configure(struct socket *so, unsigned mtu)
{
	const int on = 1, buffer = SCTP_BUFFER;
	/* Never before a message is whole: one of an unordered message that is given up has no end,
	 * and all streams wait behind it. */
	const uint32_t partial = DATA_MAX + 1;
	const struct linger abort_at_once = { .l_onoff = 1 };
	const struct sctp_initmsg streams = { .sinit_num_ostreams = SCTP_FIRST,
		.sinit_max_instreams = SCTP_STREAMS };
	const struct sctp_assoc_value resets = { .assoc_id = SCTP_ALL_ASSOC,
		.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ };
	const struct sctp_rtoinfo rto = {
		.srto_initial = RTO_MS, .srto_max = RTO_MAX_MS, .srto_min = RTO_MIN_MS
	};
	const struct sctp_sack_info sack = { .sack_delay = SACK_MS, .sack_freq = 2 };
	const struct sctp_paddrparams path = { .spp_pathmtu = (mtu - SCTP_COMMON) & ~3u,
		.spp_pathmaxrxt = RETRIES,
		.spp_flags = SPP_HB_DISABLE | SPP_PMTUD_DISABLE };
	const struct sctp_assocparams patience = { .sasoc_asocmaxrxt = RETRIES };
	return !usrsctp_set_non_blocking(so, 1) &&
	       set(so, SOL_SOCKET, SO_LINGER, &abort_at_once, sizeof(abort_at_once)) &&
	       set(so, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) &&
	       set(so, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) &&
	       SET(so, SCTP_NODELAY, on) && SET(so, SCTP_RECVRCVINFO, on) &&
	       SET(so, SCTP_INITMSG, streams) && SET(so, SCTP_ENABLE_STREAM_RESET, resets) &&
	       SET(so, SCTP_RTOINFO, rto) && SET(so, SCTP_DELAYED_SACK, sack) &&
	       SET(so, SCTP_PARTIAL_DELIVERY_POINT, partial) &&
	       SET(so, SCTP_PEER_ADDR_PARAMS, path) && SET(so, SCTP_ASSOCINFO, patience) &&
	       subscribe(so);
}

bool sctp_socket_use(struct socket *so, struct sctp_socket_use *out)
{
	struct sctp_status st = { 0 };
	struct {
		sctp_assoc_t id;
		uint32_t out, in;
	} bytes = { 0 };
	socklen_t len = sizeof(st), bytes_len = sizeof(bytes);
	if (usrsctp_getsockopt(so, IPPROTO_SCTP, SCTP_STATUS, &st, &len) ||
		usrsctp_getsockopt(so, IPPROTO_SCTP, BUFFER_USE, &bytes, &bytes_len))
		return false;
	*out = (struct sctp_socket_use){ .out = bytes.out,
		.in = bytes.in,
		.out_chunks = st.sstat_unackdata,
		.in_chunks = st.sstat_penddata };
	return true;
}
