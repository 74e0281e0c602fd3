/* SPDX-License-Identifier: MIT */
/* The options of TLS and DTLS.  All are only stored; openssl_context.c and openssl.c
 * say what they mean. */

#include "addr/families.h"
#include "opt/action.h"

#define TLS(names, help, type, store, member)                                              \
	{                                                                                  \
		names, help, GROUP_OPENSSL, PHASE_SPECIFIC, SCOPE_SETTINGS, &value_##type, \
			opt_store_##store,                                                 \
		{                                                                          \
			.offset = offsetof(struct settings, openssl.member)                \
		}                                                                          \
	}

/* There may be several: openssl_context.c looks for them in the list of options. */
static int stay_in_list(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)o;
	(void)t;
	(void)fd;
	(void)err;
	return 0;
}

static const struct opt_type options[] = {
	TLS("openssl-certificate certificate cert", "PEM file with our certificate and its chain",
	    filename, text, certificate),
	TLS("openssl-key key", "PEM file with our private key, if it is not with the certificate",
	    filename, text, key),
	{ "openssl-sni-certificate sni-certificate sni-cert",
	  "PEM file with one more certificate and its key, for clients that ask for its name",
	  GROUP_OPENSSL,
	  PHASE_SPECIFIC,
	  SCOPE_SETTINGS,
	  &value_filename,
	  stay_in_list,
	  { 0 } },
	TLS("openssl-cafile cafile", "PEM file with the certificates that are trusted", filename,
	    text, cafile),
	TLS("openssl-capath capath", "folder with hashed certificates that are trusted", filename,
	    text, capath),
	TLS("openssl-verify verify", "check the peer's certificate (default 1, on both sides)",
	    bool, bool, verify),
	TLS("openssl-commonname commonname cn", "name the peer's certificate must have; empty: any",
	    string, text, common_name),
	TLS("openssl-pin pin", "SHA-256 of the peer's public key, in base64 or hex; several with ;",
	    string, text, pin),
	TLS("openssl-snihost snihost", "name to ask the server for, instead of the host", string,
	    text, sni_host),
	TLS("openssl-no-sni no-sni nosni", "do not tell the server which name is meant", bool, bool,
	    no_sni),
	TLS("openssl-cipherlist cipherlist ciphers cipher", "ciphers up to TLS 1.2", string, text,
	    ciphers),
	TLS("openssl-ciphersuites ciphersuites", "cipher suites of TLS 1.3, separated by colons",
	    string, text, cipher_suites),
	TLS("openssl-groups groups curves", "groups of the key exchange, separated by colons",
	    string, text, groups),
	TLS("openssl-alpn alpn", "protocols to agree on, separated by colons", string, text, alpn),
	TLS("openssl-method method", "use only this version of the protocol", string, text, method),
	TLS("openssl-min-proto-version min-proto-version min-version", "oldest version to use",
	    string, text, min_version),
	TLS("openssl-max-proto-version max-proto-version max-version", "newest version to use",
	    string, text, max_version),
	TLS("openssl-dhparam openssl-dhparams dhparams dhparam dh",
	    "PEM file with Diffie-Hellman parameters", filename, text, dhparam),
	TLS("openssl-compress compress", "none, or auto where the library can", string, text,
	    compress),
	TLS("openssl-maxfraglen maxfraglen",
	    "clients: records of 512, 1024, 2048 or 4096 bytes only", int, int, max_fragment),
	TLS("openssl-maxsendfrag maxsendfrag", "send records of at most so many bytes", int, int,
	    max_send_fragment),
	TLS("openssl-fips fips", "use only what the library's FIPS provider has", bool, bool, fips),
	TLS("openssl-egd egd", "of old libraries: the kernel's random numbers are used", filename,
	    text, egd),
	TLS("openssl-pseudo pseudo", "of old libraries: the kernel's random numbers are used", bool,
	    bool, pseudo),
	TLS("openssl-keylogfile keylogfile", "append session keys, for the analysis of captures",
	    filename, text, key_log),
};

const struct opt_table openssl_options = { options, ARRAY_SIZE(options) };
