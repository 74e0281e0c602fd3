/* SPDX-License-Identifier: MIT */
/* The state of the resolver, changed and put back; see resolver.h. */

#include "net/resolver.h"

#include <errno.h>

static bool says_something(const struct net_resolver *r)
{
	return r->on || r->off || r->has_wait || r->has_tries || r->server.len;
}

int net_resolver_enter(const struct net_resolver *resolver, struct net_resolver_saved *ret)
{
	struct __res_state *state = &_res;

	*ret = (struct net_resolver_saved){ 0 };
	if (!says_something(resolver))
		return 0;
	if (!(state->options & RES_INIT) && res_init() < 0)
		return -EIO;
	*ret = (struct net_resolver_saved){
		.changed = true,
		.options = state->options,
		.wait = state->retrans,
		.tries = state->retry,
		.n_servers = state->nscount,
		.server = state->nsaddr_list[0],
	};
	state->options = (state->options | resolver->on) & ~resolver->off;
	if (resolver->has_wait)
		state->retrans = resolver->wait;
	if (resolver->has_tries)
		state->retry = resolver->tries;
	if (resolver->server.len) {
		state->nsaddr_list[0] = resolver->server.in;
		state->nscount = 1;
	}
	return 0;
}

void net_resolver_leave(const struct net_resolver_saved *saved)
{
	struct __res_state *state = &_res;

	if (!saved->changed)
		return;
	state->options = saved->options;
	state->retrans = saved->wait;
	state->retry = saved->tries;
	state->nscount = saved->n_servers;
	state->nsaddr_list[0] = saved->server;
}
