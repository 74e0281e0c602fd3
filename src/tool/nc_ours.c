/* SPDX-License-Identifier: MIT */
/* Options of all dialects; see nc_ours.h. */

#include "tool/nc_ours.h"

#define FIELD(name) offsetof(struct nc_ours, name)

static const struct nc_option rows[] = {
	{ 0, "tls", NULL, "TLS; a server's certificate and name are verified", OPTION_FLAG,
	  FIELD(tls_given) },
	{ 0, "tls-cert", "file", "our certificate (PEM); a listener without one makes its own",
	  OPTION_TEXT, FIELD(tls.certificate) },
	{ 0, "tls-key", "file", "its key (PEM), if it is in another file", OPTION_TEXT,
	  FIELD(tls.key) },
	{ 0, "tls-ca", "file",
	  "whom to trust (PEM) instead of the system's authorities; a listener asks its clients",
	  OPTION_TEXT, FIELD(tls.ca) },
	{ 0, "tls-name", "name", "name that the certificate must have, instead of the host",
	  OPTION_TEXT, FIELD(tls.name) },
	{ 0, "tls-hash", "sha256", "admit only this public key (base64 or hexadecimal)",
	  OPTION_TEXT, FIELD(tls.pin) },
	{ 0, "tls-alpn", "protocol,...", "application protocols to ask for", OPTION_TEXT,
	  FIELD(tls.alpn) },
	{ 0, "tls-no-verify", NULL, "talk to whoever answers", OPTION_FLAG, FIELD(tls.no_verify) },
	{ 0, "wait-for", "seconds", "try again until the port answers, at most that long",
	  OPTION_SECONDS, FIELD(wait_for) },
	{ 0, "max-rate", "bytes", "at most so many bytes per second, each way", OPTION_SIZE,
	  FIELD(max_rate) },
	{ 0, "dual-stack", NULL, "listen on IPv6 and IPv4 at once", OPTION_FLAG,
	  FIELD(dual_stack) },
	{ 0, "progress", NULL, "show on standard error how much has passed, and how fast",
	  OPTION_FLAG, FIELD(progress) },
	{ 0, "json", NULL,
	  "one object per connection (standard error) or scanned port (standard output)",
	  OPTION_FLAG, FIELD(json) },
};

struct nc_option_table nc_ours_table(struct nc_ours *base)
{
	return (struct nc_option_table){ rows, ARRAY_SIZE(rows), base };
}

void nc_ours_imply(struct nc_ours *ours)
{
	struct nc_tls *tls = &ours->tls;

	tls->wanted |= ours->tls_given || tls->certificate || tls->key || tls->ca || tls->name ||
		       tls->pin || tls->alpn || tls->no_verify;
}
