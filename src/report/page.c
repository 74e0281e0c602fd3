/* SPDX-License-Identifier: MIT */
/* Keeping, measuring, stretching and writing the texts of a page. */

#include "report/page.h"

#include <stdlib.h>

enum {
	TEXT_MAX = UINT16_MAX,
	LENGTH_SIZE = sizeof(uint16_t),
	ROOM_AT_FIRST = 1 << 18,
	/* ss keeps texts in blocks and ends a page with the row that begins the
	 * fifth. */
	BLOCK_SIZE = 1048560,
	BLOCKS_PER_PAGE = 5,
};

void page_init(struct page *page, struct output *output, const struct page_column *columns,
	       size_t count, size_t screen)
{
	*page = (struct page){ .output = output, .count = count, .screen = screen };
	memcpy(page->columns, columns, count * sizeof(*columns));
	for (size_t i = 0; i < count; i++)
		page->delimiters[i] = strlen(columns[i].delimiter);
}

void page_done(struct page *page)
{
	free(page->texts);
	page->texts = NULL;
}

struct text page_text(struct page *page)
{
	struct text text;

	if (page->room - page->used < LENGTH_SIZE + TEXT_MAX) {
		page->room = page->room ? page->room * 2 : ROOM_AT_FIRST;
		page->texts = mem_resize(page->texts, 1, page->room + OUTPUT_SLACK);
	}
	text.start = page->texts + page->used + LENGTH_SIZE;
	text.at = text.start;
	text.end = text.start + TEXT_MAX;
	return text;
}

/* ss's bookkeeping: where would it have put this text? */
static void count_block(struct page *page, size_t len)
{
	if (page->blocks == 0)
		page->blocks = 1;
	if (LENGTH_SIZE + page->block_used + len >= BLOCK_SIZE) {
		page->blocks++;
		page->block_used = 0;
	}
	page->block_used += LENGTH_SIZE + len;
	page->block_used += page->block_used % LENGTH_SIZE;
	if (page->block_used + LENGTH_SIZE > BLOCK_SIZE) {
		page->blocks++;
		page->block_used = 0;
	}
}

/* ss measures a text when it begins the next one, so the last text of a page
 * is never measured. */
static void measure(struct page *page, size_t len)
{
	if (page->last_pending)
		page->longest[page->last_column] =
			MAX(page->longest[page->last_column], page->last_len);
	page->last_column = page->column;
	page->last_len = len;
	page->last_pending = true;
}

static void store(struct page *page, uint16_t len)
{
	memcpy(page->texts + page->used, &len, LENGTH_SIZE);
	page->used += LENGTH_SIZE + len;
	count_block(page, len);
}

void page_put(struct page *page, const struct text *text)
{
	uint16_t len = (uint16_t)text_len(text);

	store(page, len);
	measure(page, len);
	page->column++;
}

void page_skip(struct page *page)
{
	(void)page_text(page);
	store(page, 0);
	page->column++;
}

void page_end_row(struct page *page)
{
	page->column = 0;
	if (page->blocks >= BLOCKS_PER_PAGE)
		page_write(page);
}

/* Spreads the free space of a screen line over its columns (zeros are no
 * columns); what cannot be divided goes to the rightmost, one blank each. */
static void spread(size_t *widths, size_t count, size_t present, size_t space)
{
	size_t each = space / present, rest = space % present;

	for (size_t i = count; i-- > 0;) {
		if (!widths[i])
			continue;
		widths[i] += each;
		if (rest) {
			widths[i]++;
			rest--;
		}
	}
}

void page_stretch(size_t *widths, size_t count, size_t screen)
{
	size_t first = 0, sum = 0, present = 0;

	for (size_t i = 0; i < count; i++) {
		widths[i] = MIN(widths[i], screen);
		if (sum + widths[i] > screen) {
			spread(widths + first, i - first, present, screen - sum);
			first = i;
			sum = present = 0;
		}
		sum += widths[i];
		present += widths[i] > 0;
	}
	if (present)
		spread(widths + first, count - first, present, screen - sum);
}

static void compute_widths(const struct page *page, size_t *widths)
{
	bool first = true;

	for (size_t i = 0; i < page->count; i++) {
		widths[i] = page->longest[i];
		if (!widths[i])
			continue;
		if (!first)
			widths[i] += page->delimiters[i];
		first = false;
	}
	if (page->screen)
		page_stretch(widths, page->count, page->screen);
}

static void write_text(const struct page *page, size_t i, const char *data, size_t len,
		       size_t width)
{
	const struct page_column *column = &page->columns[i];
	size_t delimiter = i ? page->delimiters[i] : 0;
	size_t blanks = width > delimiter + len ? width - delimiter - len : 0;

	if (delimiter)
		output_bytes(page->output, column->delimiter, delimiter);
	if (blanks && column->align == ALIGN_RIGHT)
		output_blanks(page->output, blanks);
	output_slack(page->output, data, len);
	if (blanks && column->align == ALIGN_LEFT && (page->screen || !column->trailing))
		output_blanks(page->output, blanks);
}

void page_write(struct page *page)
{
	size_t widths[PAGE_COLUMNS_MAX];
	size_t column = 0;

	compute_widths(page, widths);
	for (size_t at = 0; at < page->used;) {
		uint16_t len;

		memcpy(&len, page->texts + at, LENGTH_SIZE);
		at += LENGTH_SIZE;
		write_text(page, column, page->texts + at, len, widths[column]);
		at += len;
		if (++column == page->count) {
			output_bytes(page->output, "\n", 1);
			column = 0;
		}
	}
	page->used = 0;
	page->column = 0;
	page->blocks = 0;
	page->block_used = 0;
	page->last_pending = false;
}
