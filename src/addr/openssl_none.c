/* SPDX-License-Identifier: MIT */
/* A build without OpenSSL: no such addresses and options, and one sentence about it. */

#include "addr/openssl.h"

#include "addr/families.h"

const struct addr_table openssl_addresses = { NULL, 0 };
const struct opt_table openssl_options = { NULL, 0 };

const char openssl_missing[] =
	"OPENSSL OPENSSL-CONNECT SSL OPENSSL-LISTEN SSL-L OPENSSL-DTLS-CLIENT "
	"OPENSSL-DTLS-CONNECT DTLS-CLIENT DTLS-CONNECT DTLS-C DTLS OPENSSL-DTLS-SERVER "
	"OPENSSL-DTLS-LISTEN DTLS-SERVER DTLS-LISTEN DTLS-L";

int openssl_reload(const struct address *a, struct err *err)
{
	(void)a;
	(void)err;
	return 0;
}
