/* SPDX-License-Identifier: MIT */
/* hosts.allow and hosts.deny: the files, names of peers, options; see tcpwrap.h. */

#include "addr/tcpwrap.h"

#include "addr/families.h"
#include "addr/hosts_access.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "net/resolve.h"
#include "opt/action.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

enum { TABLE_MAX = 1 << 20 };

static const char default_directory[] = "/etc";

/* A peer whose name is looked up once, when somebody asks. */
struct wrapped_peer {
	const struct net_address *address;
	bool asked;
	char name[NI_MAXHOST];
};

/* Does the name lead back to the address? */
static bool leads_back(const char *name, const struct net_address *address)
{
	struct net_query q = { .host = name, .family = address->any.sa_family };
	auto_addresses list = { 0 };
	struct net_address wanted = *address;

	if (net_resolve(&q, &list, NULL) < 0)
		return false;
	net_address_set_port(&wanted, 0);
	for (size_t i = 0; i < list.n; i++)
		if (net_address_equal(&list.items[i], &wanted))
			return true;
	return false;
}

static const char *look_up_name(void *context)
{
	struct wrapped_peer *peer = context;
	const char *word = NULL;

	if (peer->asked)
		return peer->name;
	peer->asked = true;
	if (net_reverse(peer->address, peer->name, sizeof(peer->name)) < 0)
		word = HOSTS_UNKNOWN;
	else if (!leads_back(peer->name, peer->address))
		word = HOSTS_PARANOID;
	if (word)
		memcpy(peer->name, word, strlen(word) + 1);
	return peer->name;
}

static int read_table(void *context, const char *path, char **ret, struct err *err)
{
	ssize_t n = fd_read_file(path, TABLE_MAX, ret);

	(void)context;
	if (n < 0)
		return err_set(err, (int)n, "\"%s\": %s", path, err_reason((int)n));
	return 0;
}

/* A table that does not exist is empty. */
static int evaluate_table(const char *path, const char *daemon, struct wrapped_peer *peer,
			  enum hosts_verdict plain, enum hosts_verdict *ret, struct err *err)
{
	struct hosts_client client = {
		.address = peer->address,
		.name = look_up_name,
		.read = read_table,
		.context = peer,
	};
	auto_free char *text = NULL;
	int r;

	*ret = HOSTS_NO_MATCH;
	r = read_table(NULL, path, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r == 0) {
		r = hosts_evaluate(text, daemon, &client, plain, ret, err);
		if (r < 0)
			err_add(err, " of \"%s\"", path);
	}
	return r;
}

static char *table_path(const struct settings *settings, const char *given, const char *name)
{
	const char *directory = settings->wrap_directory ? settings->wrap_directory
							 : default_directory;

	return given ? str_copy(given) : str_format("%s/%s", directory, name);
}

bool tcpwrap_permits(const struct settings *settings, const struct net_address *address)
{
	auto_free char *allow = table_path(settings, settings->allow_table, "hosts.allow");
	auto_free char *deny = table_path(settings, settings->deny_table, "hosts.deny");
	struct wrapped_peer peer = { .address = address };
	const char *daemon = settings->wrap_daemon;
	enum hosts_verdict verdict;
	struct err err = { 0 };
	int r;

	r = evaluate_table(allow, daemon, &peer, HOSTS_ALLOW, &verdict, &err);
	if (r == 0 && verdict == HOSTS_NO_MATCH)
		r = evaluate_table(deny, daemon, &peer, HOSTS_DENY, &verdict, &err);
	if (r < 0)
		log_warn("tcpwrap: %s", err.text);
	return r == 0 && verdict != HOSTS_DENY;
}

#define ROW(names, help, type, member)                                                             \
	{ names, help, GROUP_RANGE, PHASE_ACCEPT, SCOPE_SETTINGS, &value_##type, opt_store_text,   \
	  { .offset = offsetof(struct settings, member) } }

static const struct opt_type options[] = {
	ROW("tcpwrappers libwrap tcpwrap tcpwrapper wrap",
	    "admit whom hosts.allow and hosts.deny admit to this daemon", string_optional,
	    wrap_daemon),
	ROW("tcpwrap-etc tcpwrap-dir", "hosts.allow and hosts.deny are in this directory", filename,
	    wrap_directory),
	ROW("tcpwrap-hosts-allow-table allow-table hosts-allow", "use this file for hosts.allow",
	    filename, allow_table),
	ROW("tcpwrap-hosts-deny-table deny-table hosts-deny", "use this file for hosts.deny",
	    filename, deny_table),
};

const struct opt_table tcpwrap_options = { options, ARRAY_SIZE(options) };
