/* SPDX-License-Identifier: MIT */
/*
 * Upper layer protocols:
 *
 *	{ name, { tls: version, cipher, ... } or { mptcp: tokens, sequences, ... } }
 */

#include "diag/ulp.h"
#include "diag/attribute.h"

enum { ULP_NAME = 1, ULP_TLS = 2, ULP_MPTCP = 3 };

enum tls_attribute {
	TLS_VERSION = 1,
	TLS_CIPHER,
	TLS_TXCONF,
	TLS_RXCONF,
	TLS_ZERO_COPY,
	TLS_NO_PAD,
};

enum subflow_attribute {
	SUBFLOW_REMOTE_TOKEN = 1,
	SUBFLOW_LOCAL_TOKEN,
	SUBFLOW_SEQUENCE = 4,
	SUBFLOW_SUBFLOW_SEQUENCE,
	SUBFLOW_OFFSET,
	SUBFLOW_LENGTH,
	SUBFLOW_FLAGS,
	SUBFLOW_REMOTE_ID,
	SUBFLOW_LOCAL_ID,
};

static void take_tls(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	struct sock_ulp *ulp = &ret->ulp;
	uint16_t number = (uint16_t)diag_attribute_number(payload, sizeof(number));

	switch ((enum tls_attribute)type) {
	case TLS_VERSION:
		ulp->has |= ULP_TLS_VERSION;
		ulp->tls_version = number;
		break;
	case TLS_CIPHER:
		ulp->has |= ULP_TLS_CIPHER;
		ulp->tls_cipher = number;
		break;
	case TLS_TXCONF:
		ulp->has |= ULP_TLS_SEND;
		ulp->tls_send = number;
		break;
	case TLS_RXCONF:
		ulp->has |= ULP_TLS_RECEIVE;
		ulp->tls_receive = number;
		break;
	case TLS_ZERO_COPY:
		ulp->has |= ULP_TLS_ZERO_COPY;
		break;
	case TLS_NO_PAD:
		ulp->has |= ULP_TLS_NO_PAD;
		break;
	}
}

static void take_subflow(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	struct sock_ulp *ulp = &ret->ulp;
	uint32_t number = (uint32_t)diag_attribute_number(payload, sizeof(number));

	switch ((enum subflow_attribute)type) {
	case SUBFLOW_REMOTE_TOKEN:
		ulp->has |= ULP_REMOTE_TOKEN;
		ulp->remote_token = number;
		break;
	case SUBFLOW_LOCAL_TOKEN:
		ulp->has |= ULP_LOCAL_TOKEN;
		ulp->local_token = number;
		break;
	case SUBFLOW_SEQUENCE:
		ulp->has |= ULP_SEQUENCE;
		ulp->sequence = diag_attribute_number(payload, sizeof(ulp->sequence));
		break;
	case SUBFLOW_SUBFLOW_SEQUENCE:
		ulp->has |= ULP_SUBFLOW_SEQUENCE;
		ulp->subflow_sequence = number;
		break;
	case SUBFLOW_OFFSET:
		ulp->has |= ULP_OFFSET;
		ulp->offset = number;
		break;
	case SUBFLOW_LENGTH:
		ulp->has |= ULP_LENGTH;
		ulp->length = (uint16_t)diag_attribute_number(payload, sizeof(ulp->length));
		break;
	case SUBFLOW_FLAGS:
		ulp->flags = number;
		break;
	case SUBFLOW_REMOTE_ID:
		ulp->has |= ULP_REMOTE_ID;
		ulp->remote_id = (uint8_t)diag_attribute_number(payload, 1);
		break;
	case SUBFLOW_LOCAL_ID:
		ulp->has |= ULP_LOCAL_ID;
		ulp->local_id = (uint8_t)diag_attribute_number(payload, 1);
		break;
	}
}

static void take_ulp(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	if (type == ULP_NAME)
		ret->ulp.name = *payload;
	else if (type == ULP_TLS)
		diag_attributes_each(payload->data, payload->len, take_tls, ret);
	else if (type == ULP_MPTCP)
		diag_attributes_each(payload->data, payload->len, take_subflow, ret);
}

void ulp_decode(struct sock_record *record)
{
	diag_attributes_each(record->ulp.nest.data, record->ulp.nest.len, take_ulp, record);
}
