/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The layout of a listing.
 *
 * Widths depend on all rows of a page, so the texts of a page are kept until it
 * is full, then measured and written.  Where a page ends, which texts are
 * measured and where blanks go is exactly ss's (output.md 2): scripts that cut
 * columns by position must not notice a difference.
 *
 * A page knows nothing of sockets: it is given texts, column after column, row
 * after row.
 */

#include "report/output.h"
#include "report/text.h"

enum { PAGE_COLUMNS_MAX = 16 };

enum page_align { ALIGN_LEFT, ALIGN_RIGHT };

/* How one column is set; those that are off are not in the list. */
struct page_column {
	enum page_align align;
	const char *delimiter; /* written before the column, but not at a line's beginning */
	bool trailing;	       /* the last one that keeps blanks at its end from compact lines */
};

struct page {
	struct output *output;
	struct page_column columns[PAGE_COLUMNS_MAX];
	size_t delimiters[PAGE_COLUMNS_MAX]; /* their lengths */
	size_t count;
	size_t screen; /* columns of the screen; 0: compact */

	char *texts; /* (length, bytes), one after the other */
	size_t used, room;
	size_t column; /* the column of the next text */
	size_t longest[PAGE_COLUMNS_MAX];
	size_t last_column, last_len; /* measured only when another text follows */
	bool last_pending;
	unsigned int blocks; /* of ss's bookkeeping, which decides where pages end */
	size_t block_used;
};

void page_init(struct page *page, struct output *output, const struct page_column *columns,
	       size_t count, size_t screen);
void page_done(struct page *page);

/* Room for the next column's text; what is written there becomes the text with
 * page_put().  Texts are cut at 65535 bytes. */
struct text page_text(struct page *page);
void page_put(struct page *page, const struct text *text);

/* An empty text that does not count as one: the text before it stays the last
 * of its row. */
void page_skip(struct page *page);

/* Ends the row, whose columns were all put; writes the page when it is full. */
void page_end_row(struct page *page);

/* Writes what is there. */
void page_write(struct page *page);

/* The widths of columns whose longest texts (delimiter included) are given:
 * cut to the screen, gathered into screen lines, and stretched over these.
 * Zero stays zero.  Pure. */
void page_stretch(size_t *widths, size_t count, size_t screen);
