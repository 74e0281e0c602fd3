/* SPDX-License-Identifier: MIT */
/* Keeping, measuring, stretching and writing the texts of a page. */

#include "report/page.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE = 1 << 21,
	ROOM_AT_FIRST = 4 * HUGE_PAGE, /* for a whole page of usual texts */
	LENGTH_SIZE = sizeof(uint16_t),
	SLACK = 32, /* short texts are copied with this size */
	/* ss keeps texts in blocks, each behind its length, and ends a page with the row that
	 * begins the fifth block. */
	BLOCK_SIZE = 1048560,
	BLOCKS_PER_PAGE = 5,
};

static_assert(PAGE_COLUMNS_MAX * LENGTH_SIZE <= SLACK, "all lengths of a row are cleared");

void page_init(struct page *page, struct output *output, const struct page_column *columns,
	       size_t count, size_t screen)
{
	*page = (struct page){ .output = output, .count = count, .screen = screen };
	memcpy(page->columns, columns, count * sizeof(*columns));
}

void page_done(struct page *page)
{
	free(page->rows);
	page->rows = NULL;
}

/* Memory that is taken when it is first touched, so a short listing takes little of it.  A whole
 * page of texts is as long as two huge pages, and hardly longer: who has come to the second one
 * will mostly fill it, with one fault instead of 512. */
static char *new_room(size_t size)
{
	char *room = aligned_alloc(HUGE_PAGE, size), *second = room + HUGE_PAGE;

	if (!room)
		return mem_resize(NULL, 1, size);
	(void)madvise(room, size, MADV_NOHUGEPAGE);
	(void)madvise(second, HUGE_PAGE, MADV_HUGEPAGE);
	return room;
}

static void enlarge(struct page *page)
{
	size_t room = page->room ? page->room * 2 : ROOM_AT_FIRST;
	char *rows = new_room(room);

	if (page->used)
		memcpy(rows, page->rows, page->used);
	free(page->rows);
	page->rows = rows;
	page->room = room;
}

static size_t head_size(const struct page *page)
{
	return sizeof(uint32_t) + page->count * LENGTH_SIZE;
}

/* The page is larger than what the processor keeps near itself.  So the place of rows that come
 * soon is fetched while this one is made, or writing them would wait for it: as much at a time as
 * the last row took. */
static void fetch_ahead(const struct page *page)
{
	enum { DISTANCE = 512, LINE = 64 };
	const char *at = page->rows + page->used + DISTANCE;

	for (size_t i = 0; i <= page->size; i += LINE)
		__builtin_prefetch(at + i, 1);
}

void page_begin_row(struct page *page)
{
	size_t head = head_size(page);
	size_t most = head + page->count * PAGE_TEXT_MAX + SLACK;

	while (page->room - page->used < most)
		enlarge(page);
	fetch_ahead(page);
	page->lengths = page->rows + page->used + sizeof(uint32_t);
	memset(page->lengths, 0, SLACK); /* all of them, with a size that the compiler knows */
	page->column = 0;
	page->size = page->count * LENGTH_SIZE;
	page->next = page->rows + page->used + head;
}

static size_t length_of(const char *lengths, size_t column)
{
	uint16_t len;

	memcpy(&len, lengths + column * LENGTH_SIZE, LENGTH_SIZE);
	return len;
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
		size_t len = length_of(page->lengths, i);
		bool fits = page->block_used + LENGTH_SIZE + len < BLOCK_SIZE;

		page->block_used += block_size(len);
		if (page->block_used + LENGTH_SIZE <= BLOCK_SIZE)
			continue;
		page->full_blocks++;
		page->block_used = fits ? 0 : block_size(len);
	}
}

void page_end_row(struct page *page)
{
	char *row = page->rows + page->used;
	uint32_t texts = (uint32_t)((size_t)(page->next - row) - head_size(page));

	memcpy(row, &texts, sizeof(texts));
	if (page->block_used + page->size + LENGTH_SIZE <= BLOCK_SIZE)
		page->block_used += page->size;
	else
		count_blocks(page);

	page->used = (size_t)(page->next - page->rows);
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
		size_t len = length_of(lengths, i);
		size_t padding = set->room > len ? set->room - len : 0;

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
		row += head_size(page);
		line = output_room(page->output, most + texts);
		output_put(page->output, put_line(settings, page->count, lengths, row, line));
		row += texts;
	}
}

void page_write(struct page *page)
{
	if (!page->used)
		return;
	page->longest[page->column - 1] = page->longest_before;
	write_lines(page);
	page->used = 0;
	page->full_blocks = 0;
	page->block_used = 0;
}
