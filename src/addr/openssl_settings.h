/* SPDX-License-Identifier: MIT */
#pragma once

/* What the OPENSSL options of one address say; part of struct settings. */

#include "base/base.h"

/* Where sentences about a handshake tell which option is meant: what is added to them. */
enum openssl_hint {
	OPENSSL_HINT_NONE,
	OPENSSL_HINT_NAME,	  /* it has another name */
	OPENSSL_HINT_PIN,	  /* its key is none of ours */
	OPENSSL_HINT_NO_PEER,	  /* it has no certificate */
	OPENSSL_HINT_NO_CLIENT,	  /* the same, of a client */
	OPENSSL_HINT_TIME,	  /* it is not valid now */
	OPENSSL_HINT_TRUST,	  /* none of those whom we were told to trust vouches for it */
	OPENSSL_HINT_SYSTEM,	  /* nobody whom the system trusts does */
	OPENSSL_HINT_CERTIFICATE, /* which one is ours */
	OPENSSL_HINT_CIPHERS,	  /* which ones we admit */
	OPENSSL_HINT_GROUPS,
	OPENSSL_HINT_ALGORITHMS, /* both */
	OPENSSL_HINT_ALPN,
	OPENSSL_HINT_SNI,	  /* which name we ask for */
	OPENSSL_HINT_METHOD,	  /* the one version of TLS that we admit */
	OPENSSL_HINT_MIN_VERSION, /* the oldest one */
	OPENSSL_HINT_MAX_VERSION, /* the newest one */
	OPENSSL_HINTS,
};

struct openssl_settings {
	const char *const *hints; /* [OPENSSL_HINTS], NULL: none; NULL: the address's options */
	const char *certificate, *key, *dhparam; /* PEM files */
	const char *cafile, *capath;		 /* NULL, both: the system's */
	bool verify;
	const char *common_name; /* expected; NULL: the host; empty: not checked */
	const char *pin;	 /* keys that are admitted (openssl_text.h) */
	const char *sni_host;	 /* to ask for; NULL: the expected name */
	bool no_sni;
	const char *ciphers, *cipher_suites, *groups, *alpn;
	const char *method, *min_version, *max_version;
	const char *compress;
	int max_fragment, max_send_fragment; /* bytes; 0: not said */
	bool fips, pseudo;
	const char *egd;
	const char *key_log;
};
