/* SPDX-License-Identifier: MIT */
/* MD5 keys, and what lies above TCP: TLS in the kernel, MPTCP subflows. */

#include "diag/tcp_info.h"
#include "report/tcp_info.h"

#include <arpa/inet.h>

/* Printable ASCII stays, but for what separates keys. */
static void put_key(const uint8_t *key, size_t len, struct text *text)
{
	for (size_t i = 0; i < len; i++) {
		if (key[i] > ' ' && key[i] < 0x7f && key[i] != '\\' && key[i] != ',')
			text_byte(text, (char)key[i]);
		else
			text_format(text, "\\%03o", key[i]);
	}
}

void put_md5_keys(const struct sock_bytes *keys, struct text *text)
{
	char name[INET6_ADDRSTRLEN];
	struct kernel_md5_key key;

	for (size_t at = 0; at + sizeof(key) <= keys->len; at += sizeof(key)) {
		memcpy(&key, (const char *)keys->data + at, sizeof(key));
		text_put(text, at ? "," : " md5keys:");
		if (inet_ntop(key.family, key.address, name, sizeof(name)))
			text_put(text, name);
		text_format(text, "/%u=", key.prefix_len);
		put_key(key.key, MIN((size_t)key.key_len, sizeof(key.key)), text);
	}
}

static void put_tls_version(uint16_t version, struct text *text)
{
	enum { TLS_1_2 = 0x303, TLS_1_3 = 0x304 };

	text_put(text, " version: ");
	if (version == TLS_1_2)
		text_put(text, "1.2");
	else if (version == TLS_1_3)
		text_put(text, "1.3");
	else
		text_format(text, "unknown(%u)", version);
}

static void put_tls_cipher(uint16_t cipher, struct text *text)
{
	enum { AES_GCM_128 = 51, AES_GCM_256 = 52 };

	if (cipher == AES_GCM_128)
		text_put(text, " cipher: aes-gcm-128");
	else if (cipher == AES_GCM_256)
		text_put(text, " cipher: aes-gcm-256");
}

static void put_tls_way(const char *label, uint16_t way, struct text *text)
{
	static const char *const names[] = {
		[1] = "none",
		[2] = "sw",
		[3] = "hw",
		[4] = "hw-record",
	};

	text_put(text, label);
	if (way > 0 && way < ARRAY_SIZE(names))
		text_put(text, names[way]);
	else
		text_format(text, "unknown(%u)", way);
}

static void put_tls(const struct sock_ulp *ulp, struct text *text)
{
	if (ulp->has & ULP_TLS_VERSION)
		put_tls_version(ulp->tls_version, text);
	if (ulp->has & ULP_TLS_CIPHER)
		put_tls_cipher(ulp->tls_cipher, text);
	if (ulp->has & ULP_TLS_RECEIVE)
		put_tls_way(" rxconf: ", ulp->tls_receive, text);
	if (ulp->has & ULP_TLS_SEND)
		put_tls_way(" txconf: ", ulp->tls_send, text);
	if (ulp->has & ULP_TLS_ZERO_COPY)
		text_put(text, " zc_ro_tx");
	if (ulp->has & ULP_TLS_NO_PAD)
		text_put(text, " no_pad_rx");
}

static void put_subflow(const struct sock_ulp *ulp, struct text *text)
{
	static const char letters[] = "MmJjBbecv";
	static const uint32_t tokens =
		ULP_REMOTE_TOKEN | ULP_LOCAL_TOKEN | ULP_REMOTE_ID | ULP_LOCAL_ID;

	if (ulp->flags) {
		text_put(text, " flags:");
		for (size_t i = 0; i < sizeof(letters) - 1; i++)
			if (ulp->flags & 1U << i)
				text_byte(text, letters[i]);
	}
	if ((ulp->has & tokens) == tokens)
		text_format(text, " token:%04x(id:%u)/%04x(id:%u)", ulp->remote_token,
			    ulp->remote_id, ulp->local_token, ulp->local_id);
	if (ulp->has & ULP_SEQUENCE)
		text_format(text, " seq:%llu", (unsigned long long)ulp->sequence);
	if (ulp->has & ULP_SUBFLOW_SEQUENCE)
		text_format(text, " sfseq:%u", ulp->subflow_sequence);
	if (ulp->has & ULP_OFFSET)
		text_format(text, " ssnoff:%u", ulp->offset);
	if (ulp->has & ULP_LENGTH)
		text_format(text, " maplen:%u", ulp->length);
}

void put_ulp(const struct sock_ulp *ulp, struct text *text)
{
	if (!ulp->name.len)
		return;
	text_put(text, " tcp-ulp-");
	text_bytes(text, ulp->name.data, strnlen(ulp->name.data, ulp->name.len));
	put_tls(ulp, text);
	put_subflow(ulp, text);
}
