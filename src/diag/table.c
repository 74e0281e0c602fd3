/* SPDX-License-Identifier: MIT */
/* Which table belongs to which address family. */

#include "diag/table.h"

diag_families diag_table_families(enum diag_table table)
{
	return TABLE_BIT(table) & TABLES_INET ? FAMILIES_INET : FAMILY_BIT(AF_UNIX);
}

diag_tables diag_family_tables(int family)
{
	diag_tables tables = 0;

	for (unsigned int i = 0; i < DIAG_TABLES; i++)
		if (diag_table_families((enum diag_table)i) & FAMILY_BIT(family))
			tables |= TABLE_BIT(i);
	return tables;
}
