/* SPDX-License-Identifier: MIT */
/* What BPF programs keep with a socket. */

#include "diag/storage.h"
#include "report/column.h"

static void put_storage(const struct report_options *options, const struct sock_storage *storage,
			struct text *text)
{
	char *before = text->at;

	text_put(text, options->one_line ? " map_id:" : "\n\tmap_id:");
	text_unsigned(text, storage->map_id);
	if (!options->one_line)
		text_put(text, " [\n");
	if (options->map_value(options->map_value_context, storage, options->one_line, text) < 0) {
		text->at = before;
		text_put(text, "\n\tmap_id: ");
		text_unsigned(text, storage->map_id);
		text_put(text, " failed to fetch info, skipping\n");
	} else if (!options->one_line) {
		text_put(text, "\n\t]");
	}
}

void put_storages(const struct report_options *options, const struct sock_record *record,
		  struct text *text)
{
	struct sock_bytes rest = record->storages;
	struct sock_storage storage;

	while (storage_next(&rest, &storage))
		put_storage(options, &storage, text);
}
