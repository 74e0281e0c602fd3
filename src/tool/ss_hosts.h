/* SPDX-License-Identifier: MIT */
#pragma once

/* Host names of addresses for ss -r; each address is asked for once. */

#include "base/base.h"

struct ss_hosts;

struct ss_hosts *ss_hosts_new(void);
void ss_hosts_free(struct ss_hosts *hosts);

/* A report_host_name; context is a struct ss_hosts. */
const char *ss_hosts_find(void *context, int family, const uint8_t *address);
