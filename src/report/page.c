/* SPDX-License-Identifier: MIT */
/* Keeping, measuring, stretching and writing the texts of a page. */

#include "report/page.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	ROOM_AT_FIRST = 1 << 20,
	ROOM_OF_MANY = 1 << 23, /* for a whole page of usual texts */
	HUGE_PAGE = 1 << 21,
	FILLED = 2 * HUGE_PAGE, /* what a whole page of texts takes at least, and hardly more */
	LENGTH_SIZE = sizeof(uint16_t),
	LENGTHS_AT_ONCE = sizeof(uint32_t), /* what is copied of them with one instruction */
	SLACK = 32,			    /* short texts are copied with this size */
	/* ss keeps texts in blocks, each behind its length, and ends a page with the row that
	 * begins the fifth block. */
	BLOCK_SIZE = 1048560,
	BLOCKS_PER_PAGE = 5,
};

void page_init(struct page *page, struct output *output, const struct page_column *columns,
	       size_t count, size_t screen)
{
	*page = (struct page){ .output = output, .count = count, .screen = screen };
	while (page->lengths_size < count * LENGTH_SIZE)
		page->lengths_size += LENGTHS_AT_ONCE;
	memcpy(page->columns, columns, count * sizeof(*columns));
}

void page_done(struct page *page)
{
	free(page->rows);
	page->rows = NULL;
}

/* Room of huge pages, where the kernel has some: each is one fault instead of 512.  Only as far
 * as it will be filled, for the rest would be memory that nobody uses. */
static char *new_room(size_t size)
{
	char *room = aligned_alloc(HUGE_PAGE, size);

	if (!room)
		return mem_resize(NULL, 1, size);
	(void)madvise(room, FILLED, MADV_HUGEPAGE);
	(void)madvise(room + FILLED, size - FILLED, MADV_NOHUGEPAGE);
	return room;
}

/* A short listing touches little of its room, a long one all. */
static void enlarge(struct page *page)
{
	size_t room = page->room ? MAX(page->room * 2, (size_t)ROOM_OF_MANY) : ROOM_AT_FIRST;
	char *rows = page->room ? new_room(room) : mem_resize(NULL, 1, room);

	if (page->used)
		memcpy(rows, page->rows, page->used);
	free(page->rows);
	page->rows = rows;
	page->room = room;
}

void page_begin_row(struct page *page)
{
	size_t head = sizeof(uint32_t) + page->lengths_size;
	size_t most = head + page->count * PAGE_TEXT_MAX + SLACK;

	while (page->room - page->used < most)
		enlarge(page);
	memset(page->lengths, 0, sizeof(page->lengths));
	page->column = 0;
	page->next = page->used + head;
}

/* What a text takes in ss's memory, which is kept even. */
static size_t block_size(size_t len)
{
	return LENGTH_SIZE + len + len % LENGTH_SIZE;
}

/* Where would ss have put these texts? */
static void count_blocks(struct page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		size_t len = page->lengths[i];
		bool fits = page->block_used + LENGTH_SIZE + len < BLOCK_SIZE;

		page->block_used += block_size(len);
		if (page->block_used + LENGTH_SIZE <= BLOCK_SIZE)
			continue;
		page->full_blocks++;
		page->block_used = fits ? 0 : block_size(len);
	}
}

/* All places are looked at, also of columns that there are not: a loop whose end the compiler
 * knows takes eight places at a time.  Returns what the texts take in ss's memory. */
static size_t measure(struct page *page)
{
	uint32_t size = 0;

	page->last_longest = &page->longest[page->column - 1];
	page->longest_before = *page->last_longest;
	for (size_t i = 0; i < PAGE_COLUMNS_MAX; i++) {
		uint16_t len = page->lengths[i];

		page->longest[i] = MAX(page->longest[i], len);
		size += len + (len & 1U);
	}
	return size + page->count * LENGTH_SIZE;
}

/* The head of the row, before its texts. */
static void put_head(const struct page *page)
{
	char *at = page->rows + page->used;
	const char *lengths = (const char *)page->lengths;
	size_t head = sizeof(uint32_t) + page->lengths_size;
	uint32_t texts = (uint32_t)(page->next - page->used - head);

	memcpy(at, &texts, sizeof(texts));
	at += sizeof(texts);
	for (size_t i = 0; i < page->lengths_size; i += LENGTHS_AT_ONCE)
		memcpy(at + i, lengths + i, LENGTHS_AT_ONCE);
}

void page_end_row(struct page *page)
{
	size_t size = measure(page);

	if (page->block_used + size + LENGTH_SIZE <= BLOCK_SIZE)
		page->block_used += size;
	else
		count_blocks(page);

	put_head(page);
	page->used = page->next;
	if (page->full_blocks + 1 >= BLOCKS_PER_PAGE)
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
			widths[i] += page->columns[i].gap;
		first = false;
	}
	if (page->screen)
		page_stretch(widths, page->count, page->screen);
}

/* A copy of a size that the compiler knows is two instructions, any other a call: more is copied
 * than counts, from and to where there is room for it. */
static char *put_text(char *at, const char *data, size_t len)
{
	if (len <= SLACK)
		memcpy(at, data, SLACK);
	else
		memcpy(at, data, len);
	return at + len;
}

static char *put_blanks(char *at, size_t count)
{
	if (count <= SLACK)
		memset(at, ' ', SLACK);
	else
		memset(at, ' ', count);
	return at + count;
}

/* A column as it is set on this page. */
struct setting {
	size_t gap, room; /* blanks before it; bytes for its text */
	size_t right;	  /* all bits: padding stands before the text; or 0 */
	size_t left;	  /* all bits: padding stands after it; or 0 */
};

static char *put_line(const struct setting *settings, size_t count, const char *lengths,
		      const char *text, char *at)
{
	size_t due = 0; /* blanks that stand after the last text */

	for (size_t i = 0; i < count; i++) {
		const struct setting *set = &settings[i];
		size_t padding;
		uint16_t len;

		memcpy(&len, lengths + i * LENGTH_SIZE, LENGTH_SIZE);
		padding = set->room > len ? set->room - len : 0;
		at = put_blanks(at, due + set->gap + (padding & set->right));
		at = put_text(at, text, len);
		due = padding & set->left;
		text += len;
	}
	at = put_blanks(at, due);
	*at++ = '\n';
	return at;
}

/* Returns how long the longest line can be, apart from its texts. */
static size_t set_columns(const struct page *page, struct setting *ret)
{
	size_t widths[PAGE_COLUMNS_MAX];
	size_t most = 1 + SLACK;

	compute_widths(page, widths);
	for (size_t i = 0; i < page->count; i++) {
		const struct page_column *column = &page->columns[i];
		size_t gap = i ? column->gap : 0;

		ret[i] = (struct setting){
			.gap = gap,
			.room = widths[i] > gap ? widths[i] - gap : 0,
		};
		if (column->align == ALIGN_RIGHT)
			ret[i].right = SIZE_MAX;
		else if (page->screen || !column->trailing)
			ret[i].left = SIZE_MAX;
		most += gap + ret[i].room;
	}
	return most;
}

static void write_lines(const struct page *page)
{
	const char *row = page->rows, *end = row + page->used;
	struct setting settings[PAGE_COLUMNS_MAX];
	size_t most = set_columns(page, settings);

	while (row < end) {
		const char *lengths = row + sizeof(uint32_t);
		uint32_t texts;
		char *line;

		memcpy(&texts, row, sizeof(texts));
		row = lengths + page->lengths_size;
		line = output_room(page->output, most + texts);
		output_put(page->output, put_line(settings, page->count, lengths, row, line));
		row += texts;
	}
}

void page_write(struct page *page)
{
	if (page->last_longest)
		*page->last_longest = page->longest_before;
	if (page->used)
		write_lines(page);
	page->used = 0;
	page->full_blocks = 0;
	page->block_used = 0;
	page->last_longest = NULL;
}
