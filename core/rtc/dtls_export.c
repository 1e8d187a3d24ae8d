/* SPDX-License-Identifier: Apache-2.0 */
#include "dtls_export.h"
#include <string.h>

bool dtls_export_secrets(SSL *ssl, struct dtls_secrets *s)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(ssl);
	int cipher = c ? SSL_CIPHER_get_cipher_nid(c) : NID_undef;
	if (SSL_version(ssl) != DTLS1_2_VERSION ||
		(cipher != NID_aes_128_gcm && cipher != NID_aes_256_gcm))
		return false;
	s->digest = EVP_MD_get0_name(SSL_CIPHER_get_handshake_digest(c));
	s->key_len = cipher == NID_aes_256_gcm ? 32 : 16;
	return SSL_SESSION_get_master_key(SSL_get_session(ssl), s->master, sizeof(s->master)) ==
		       sizeof(s->master) &&
	       SSL_get_client_random(ssl, s->client_random, 32) == 32 &&
	       SSL_get_server_random(ssl, s->server_random, 32) == 32;
}

bool dtls_export_keys(SSL *ssl, bool is_server, struct srtp_keys *out)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	uint8_t raw[2 * SRTP_MASTER_MAX];
	size_t key_len, salt_len;
	SRTP_PROTECTION_PROFILE *p = SSL_get_selected_srtp_profile(ssl);
	if (!p || !srtp_profile_lens((uint16_t)p->id, &key_len, &salt_len) ||
		SSL_export_keying_material(ssl, raw, 2 * (key_len + salt_len), label,
			sizeof(label) - 1, NULL, 0, 0) != 1)
		return false;
	/* RFC 5764, 4.2: client key, server key, client salt, server salt */
	uint8_t *client = is_server ? out->recv : out->send,
		*server = is_server ? out->send : out->recv;
	memset(out, 0, sizeof(*out));
	out->profile = (uint16_t)p->id;
	memcpy(client, raw, key_len);
	memcpy(server, raw + key_len, key_len);
	memcpy(client + key_len, raw + 2 * key_len, salt_len);
	memcpy(server + key_len, raw + 2 * key_len + salt_len, salt_len);
	OPENSSL_cleanse(raw, sizeof(raw));
	return true;
}

bool dtls_export_identity(SSL *ssl, struct identity *out)
{
	const EVP_MD *hashes[] = { EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(),
		EVP_sha512() };
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	X509 *x = SSL_get0_peer_certificate(ssl);
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; x && i < sizeof(hashes) / sizeof(*hashes); i++) {
		if (!X509_digest(x, hashes[i], md, &n))
			return false;
		memcpy(identity_at(out, n), md, n);
	}
	return x;
}
