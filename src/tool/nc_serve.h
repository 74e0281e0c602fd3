/* SPDX-License-Identifier: MIT */
#pragma once

/* The clients of a bound socket, one after another. */

#include "tool/nc_place.h"
#include "tool/nc_relay.h"

struct nc_server {
	const struct nc_place *place;
	int fd;			   /* bound; stream sockets listen; not owned */
	bool keep;		   /* go on after the first */
	struct nc_session session; /* how each is carried; its net is filled in */
};

/* 0: they were served; -ECANCELED; or negative with the sentence in err. */
int nc_serve(const struct nc_server *server, struct err *err);
