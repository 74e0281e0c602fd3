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

	/* Rows: how long their texts are together, as uint32_t, and each, as uint16_t, then the
	 * texts. */
	char *rows;
	size_t used, room;
	char *lengths; /* of the row being put; those without a text: 0 */
	size_t column; /* of the next text */
	char *next;    /* where that begins */
	size_t size;   /* of the row's texts in ss's memory */

	uint16_t longest[PAGE_COLUMNS_MAX];
	/* ss measures a text when it begins the next one, so the last text of a page is never
	 * measured: what was longest before it can be had back. */
	uint16_t longest_before;
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
	return (struct text){ page->next, page->next, page->next + PAGE_TEXT_MAX };
}

/* Measured here, one by one: who reads lengths that were just written several at a time waits
 * until the processor has put them together. */
static inline void page_put(struct page *page, struct text *text)
{
	uint16_t len = (uint16_t)text_len(text);
	size_t column = page->column++;

	memcpy(page->lengths + column * sizeof(len), &len, sizeof(len));
	page->longest_before = page->longest[column];
	page->longest[column] = MAX(page->longest_before, len);
	page->size += len + (len & 1U);
	page->next = text->at;
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
