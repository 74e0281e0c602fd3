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

enum {
	PAGE_COLUMNS_MAX = 16,
	PAGE_TEXT_MAX = UINT16_MAX,
};

enum page_align { ALIGN_LEFT, ALIGN_RIGHT };

/* How one column is set; those that are off are not in the list. */
struct page_column {
	enum page_align align;
	size_t gap;    /* blanks before the column, but not at a line's beginning */
	bool trailing; /* the last one that keeps blanks at its end from compact lines */
};

struct page {
	struct output *output;
	struct page_column columns[PAGE_COLUMNS_MAX];
	size_t count;
	size_t screen; /* columns of the screen; 0: compact */

	/* Rows: how long their texts are together, as uint32_t, and each, as uint16_t (a few
	 * more than there are columns), then the texts. */
	char *rows;
	size_t used, room;
	size_t lengths_size;		    /* of all lengths of a row, in bytes */
	uint16_t lengths[PAGE_COLUMNS_MAX]; /* of the row being put; those without a text: 0 */
	size_t column;			    /* of the next text */
	size_t next;			    /* where that begins in `rows` */

	uint16_t longest[PAGE_COLUMNS_MAX];
	/* ss measures a text when it begins the next one, so the last text of a page is never
	 * measured: what was longest before it can be had back. */
	uint16_t *last_longest, longest_before;
	unsigned int full_blocks; /* of ss's bookkeeping, which decides where pages end */
	size_t block_used;
};

void page_init(struct page *page, struct output *output, const struct page_column *columns,
	       size_t count, size_t screen);
void page_done(struct page *page);

/* Before the first text of a row. */
void page_begin_row(struct page *page);

/* Room for the next column's text; what is written there becomes the text with
 * page_put(), and *text is then room for the column after it.  Texts are cut at 65535 bytes. */
static inline struct text page_text(struct page *page)
{
	char *start = page->rows + page->next;

	return (struct text){ start, start, start + PAGE_TEXT_MAX };
}

static inline void page_put(struct page *page, struct text *text)
{
	page->lengths[page->column++] = (uint16_t)text_len(text);
	page->next = (size_t)(text->at - page->rows);
	text->start = text->at;
	text->end = text->at + PAGE_TEXT_MAX;
}

/* Ends the row; writes the page when it is full.  Columns that were not put are empty, and do not
 * count as texts: the one before them stays the last. */
void page_end_row(struct page *page);

/* Writes what is there. */
void page_write(struct page *page);

/* The widths of columns whose longest texts (gap included) are given:
 * cut to the screen, gathered into screen lines, and stretched over these.
 * Zero stays zero.  Pure. */
void page_stretch(size_t *widths, size_t count, size_t screen);
