/* SPDX-License-Identifier: MIT */
#pragma once

/* What the OPENSSL options of one address say; part of struct settings. */

#include "base/base.h"

struct openssl_settings {
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
