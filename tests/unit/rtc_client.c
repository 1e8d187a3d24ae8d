/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "rtc_client.h"

void client_cert(SSL_CTX *ctx, uint8_t fingerprint[32])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	unsigned n;
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()));
	assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	assert_true(X509_digest(x, EVP_sha256(), fingerprint, &n));
	X509_free(x);
	EVP_PKEY_free(key);
}

int client_any_cert(int ok, X509_STORE_CTX *s)
{
	(void)ok;
	(void)s;
	return 1;
}

void client_make(struct client *c, const char *profiles)
{
	memset(c, 0, sizeof(*c));
	c->ctx = SSL_CTX_new(DTLS_method());
	client_cert(c->ctx, c->fingerprint);
	SSL_CTX_set_verify(
		c->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, client_any_cert);
	assert_int_equal(SSL_CTX_set_tlsext_use_srtp(c->ctx, profiles), 0);
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static const uint16_t known[] = { STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
		STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, STUN_ATTRIBUTE_ERROR_CODE,
		STUN_ATTRIBUTE_USERNAME, STUN_ATTRIBUTE_PRIORITY, 0 };
	stun_agent_init(&c->stun, known, STUN_COMPATIBILITY_RFC5389,
		STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
	srtp_init();
}

void client_connect(struct client *c, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(c->fd, (void *)&a, sizeof(a)), 0);
}

void client_free(struct client *c)
{
	if (c->out)
		srtp_dealloc(c->out);
	if (c->in)
		srtp_dealloc(c->in);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

void client_rebind(struct client *c, uint16_t port)
{
	close(c->fd);
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	client_connect(c, port);
	if (c->ssl)
		BIO_set_fd(SSL_get_rbio(c->ssl), c->fd, BIO_NOCLOSE);
}

bool client_password(StunAgent *agent, StunMessage *msg, uint8_t *name, uint16_t len,
	uint8_t **password, size_t *password_len, void *data)
{
	(void)agent;
	(void)msg;
	(void)data;
	*password = (uint8_t *)CLIENT_PWD;
	*password_len = strlen(CLIENT_PWD);
	return len > strlen(CLIENT_UFRAG ":") &&
	       !memcmp(name, CLIENT_UFRAG ":", strlen(CLIENT_UFRAG ":"));
}

size_t client_answer(struct client *c, const uint8_t *check, size_t len, const struct addr *from,
	uint8_t *out, size_t size)
{
	StunMessage request, answer;
	struct sockaddr_storage ss = { 0 };
	if (stun_agent_validate(&c->stun, &request, check, len, client_password, NULL) !=
		STUN_VALIDATION_SUCCESS)
		return 0;
	memcpy(&ss, from, sizeof(*from));
	assert_true(stun_agent_init_response(&c->stun, &answer, out, size, &request));
	assert_int_equal(stun_message_append_xor_addr(
				 &answer, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &ss, sizeof(from->v4)),
		STUN_MESSAGE_RETURN_SUCCESS);
	return stun_agent_finish_message(
		&c->stun, &answer, (const uint8_t *)CLIENT_PWD, strlen(CLIENT_PWD));
}

bool client_answers(struct client *c, const uint8_t *data, size_t len)
{
	uint8_t out[512];
	struct addr server;
	socklen_t alen = sizeof(server);
	if (len < 20 || rd16(data) != 1 || !c->answers)
		return false;
	getpeername(c->fd, &server.sa, &alen);
	size_t n = client_answer(c, data, len, &server, out, sizeof(out));
	assert_true(n > 0);
	assert_int_equal(send(c->fd, out, n, 0), n);
	c->n_answered++;
	return true;
}

size_t client_recv(struct client *c, uint8_t *buf, size_t size, int wait_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	ssize_t n = 0;
	do {
		if (poll(&p, 1, wait_ms) <= 0)
			return 0;
		n = recv(c->fd, buf, size, 0);
	} while (n > 0 && client_answers(c, buf, (size_t)n));
	return n > 0 ? (size_t)n : 0;
}

size_t client_check(struct client *c, uint8_t *buf, size_t size, const char *ufrag, const char *pwd,
	bool nominate, bool controlling)
{
	StunMessage msg;
	int n = snprintf(c->user, sizeof(c->user), "%s:peer", ufrag);
	memset(&msg, 0, sizeof(msg));
	size_t len = stun_usage_ice_conncheck_create(&c->stun, &msg, buf, size, (uint8_t *)c->user,
		(size_t)n, (uint8_t *)pwd, strlen(pwd), nominate, controlling, 1, 42, NULL,
		STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
	StunTransactionId id;
	stun_message_id(&msg, id);
	stun_agent_forget_transaction(&c->stun, id);
	assert_true(len > 0);
	return len;
}

int client_ping(struct client *c, const char *ufrag, const char *pwd, bool nominate,
	bool controlling, int wait_ms)
{
	uint8_t buf[1500], answer[1500];
	size_t len = client_check(c, buf, sizeof(buf), ufrag, pwd, nominate, controlling), n;
	assert_int_equal(send(c->fd, buf, len, 0), len);
	while ((n = client_recv(c, answer, sizeof(answer), wait_ms)))
		if (n >= 20 && !memcmp(answer + 4, buf + 4, 16)) {
			if (answer[0] == 1 && answer[1] == 1)
				return 0;
			assert_int_equal(rd16(answer), 0x0111);
			assert_int_equal(rd16(answer + 20), 9); /* ERROR-CODE comes first */
			return answer[26] * 100 + answer[27];
		}
	return -1;
}

static void client_srtp(struct client *c, bool is_client)
{
	uint8_t raw[128], out[64], in[64];
	srtp_policy_t p = { .window_size = 128, .allow_repeat_tx = 1 };
	c->profile = (uint16_t)SSL_get_selected_srtp_profile(c->ssl)->id;
	size_t k = c->profile == 8 ? 32 : 16, s = c->profile == 1 ? 14 : 12;
	assert_int_equal(SSL_export_keying_material(
				 c->ssl, raw, 2 * (k + s), "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
		1);
	uint8_t *client = is_client ? out : in, *server = is_client ? in : out;
	memcpy(client, raw, k);
	memcpy(server, raw + k, k);
	memcpy(client + k, raw + 2 * k, s);
	memcpy(server + k, raw + 2 * k + s, s);
	if (c->profile == 1)
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p.rtp);
	else if (c->profile == 7)
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
	else
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p.rtp);
	p.rtcp = p.rtp;
	p.ssrc.type = ssrc_any_outbound;
	p.key = out;
	assert_int_equal(srtp_create(&c->out, &p), 0);
	p.ssrc.type = ssrc_any_inbound;
	p.key = in;
	assert_int_equal(srtp_create(&c->in, &p), 0);
}

/* Answer the checks that lie in front of DTLS. */
static void client_answer_all(struct client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	uint8_t buf[2048];
	while (c->answers && poll(&p, 1, 50) > 0 && recv(c->fd, buf, sizeof(buf), MSG_PEEK) >= 20 &&
		rd16(buf) == 1) {
		ssize_t n = recv(c->fd, buf, sizeof(buf), 0);
		client_answers(c, buf, (size_t)n);
	}
}

void client_dtls_start(struct client *c, int mtu)
{
	static unsigned char alpn[900];
	c->ssl = SSL_new(c->ctx);
	BIO *b = BIO_new_dgram(c->fd, BIO_NOCLOSE);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	getpeername(c->fd, (void *)&a, &len);
	BIO_ctrl_set_connected(b, &a);
	BIO_ctrl(b, BIO_CTRL_DGRAM_SET_RECV_TIMEOUT, 0, &(struct timeval){ .tv_usec = 50000 });
	SSL_set_bio(c->ssl, b, b);
	SSL_set_options(c->ssl, SSL_OP_NO_QUERY_MTU);
	DTLS_set_link_mtu(c->ssl, mtu ? mtu : 1200);
	if (mtu) { /* a ClientHello as long as a browser's */
		memset(alpn, 'x', sizeof(alpn));
		for (size_t i = 0; i < sizeof(alpn); i += 100)
			alpn[i] = 99;
		SSL_set_alpn_protos(c->ssl, alpn, sizeof(alpn));
	}
}

bool client_dtls_go_on(struct client *c, bool is_client, int waits)
{
	client_answer_all(c);
	for (int i = 0; i < waits; i++) {
		int r = is_client ? SSL_connect(c->ssl) : SSL_accept(c->ssl);
		if (r == 1) {
			client_srtp(c, is_client);
			return true;
		}
		if (SSL_get_error(c->ssl, r) == SSL_ERROR_SSL)
			return false;
		DTLSv1_handle_timeout(c->ssl);
		client_answer_all(c);
	}
	return false;
}

bool client_dtls(struct client *c, bool is_client, int mtu)
{
	client_dtls_start(c, mtu);
	return client_dtls_go_on(c, is_client, WAIT_MS / 50);
}

size_t client_rtp(uint8_t *out, uint8_t pt, uint16_t seq, uint32_t ts, uint32_t ssrc,
	const void *payload, size_t len)
{
	memset(out, 0, 12);
	out[0] = 0x80;
	out[1] = pt;
	wr16(out + 2, seq);
	wr32(out + 4, ts);
	wr32(out + 8, ssrc);
	memcpy(out + 12, payload, len);
	return 12 + len;
}

void client_send_rtp(struct client *c, const uint8_t *rtp, size_t len)
{
	uint8_t buf[2048];
	int n = (int)len;
	memcpy(buf, rtp, len);
	assert_int_equal(srtp_protect(c->out, buf, &n), 0);
	assert_int_equal(send(c->fd, buf, (size_t)n, 0), n);
}

size_t client_recv_rtp(struct client *c, uint8_t *buf, size_t size, int wait_ms)
{
	size_t n;
	while ((n = client_recv(c, buf, size, wait_ms)))
		if (n > 12 && buf[0] >> 6 == 2 && (buf[1] < 192 || buf[1] > 223)) {
			int len = (int)n;
			assert_int_equal(srtp_unprotect(c->in, buf, &len), 0);
			return (size_t)len;
		}
	return 0;
}
