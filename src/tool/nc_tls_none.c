/* SPDX-License-Identifier: MIT */
/* nc in a program that was built without OpenSSL: there is no TLS. */

#include "tool/nc_tls.h"

#include <errno.h>

int nc_tls_new(const struct nc_tls *tls, bool server, bool datagram, const char *host,
	       struct nc_tls_context **ret, struct err *err)
{
	(void)tls;
	(void)server;
	(void)datagram;
	(void)host;
	(void)ret;
	return err_set(err, -EOPNOTSUPP, "this program was built without TLS");
}

void nc_tls_free(struct nc_tls_context **c)
{
	*c = NULL;
}

int nc_tls_over(struct nc_tls_context *c, struct stream **s, const char *host, struct err *err)
{
	(void)c;
	(void)s;
	(void)host;
	return err_set(err, -EOPNOTSUPP, "this program was built without TLS");
}

int nc_tls_refused(const struct nc_tls_context *c, const struct stream *s, struct err *err)
{
	(void)c;
	(void)s;
	(void)err;
	return 0;
}

const char *nc_tls_fingerprint(const struct nc_tls_context *c, const struct stream *s, char *out,
			       size_t size)
{
	(void)c;
	(void)s;
	(void)size;
	*out = '\0';
	return out;
}

const char *nc_tls_organisation(const struct stream *s, char *out, size_t size)
{
	(void)s;
	(void)size;
	*out = '\0';
	return out;
}

bool nc_tls_is_temporary(const struct nc_tls_context *c)
{
	(void)c;
	return false;
}
