/* SPDX-License-Identifier: MIT */
/* The totals that -s shows before anything else. */

#include "report/column.h"

static void put_transport(struct output *output, const char *name, int ipv4, int ipv6)
{
	output_format(output, "%s\t  %-9d %-9d %-9d\n", name, ipv4 + ipv6, ipv4, ipv6);
}

void report_summary(struct report *report, const struct diag_summary *s)
{
	struct output *output = &report->output;
	int inuse = s->tcp4 + s->tcp6;

	output_format(output, "Total: %d\n", s->sockets);
	output_format(output, "TCP:   %d (estab %d, closed %d, orphaned %d, timewait %d)\n\n",
		      s->tcp_total + s->tcp_time_wait, s->tcp_established,
		      s->tcp_total - (inuse - s->tcp_time_wait), s->tcp_orphans, s->tcp_time_wait);
	output_format(output, "Transport Total     IP        IPv6\n");
	put_transport(output, "RAW", s->raw4, s->raw6);
	put_transport(output, "UDP", s->udp4, s->udp6);
	put_transport(output, "TCP", s->tcp4, s->tcp6);
	put_transport(output, "INET", s->raw4 + s->udp4 + s->tcp4, s->raw6 + s->udp6 + s->tcp6);
	put_transport(output, "FRAG", s->fragments4, s->fragments6);
	output_format(output, "\n");
}
