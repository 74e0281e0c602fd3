/* SPDX-License-Identifier: MIT */
/* Blocks and pipes to lend; see stock.h. */

#include "relay/stock.h"

#include "net/batch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void stock_init(struct stock *stock, size_t block_bytes)
{
	*stock = (struct stock){ .block_bytes = block_bytes, .most_ducts = STOCK_DUCTS };
}

static void duct_free(struct duct *duct)
{
	(void)close(duct->in);
	(void)close(duct->out);
	free(duct);
}

void stock_done(struct stock *stock)
{
	while (stock->n_blocks)
		free(stock->blocks[--stock->n_blocks]);
	while (stock->n_ducts)
		duct_free(stock->ducts[--stock->n_ducts]);
	while (stock->n_batches)
		free(stock->batches[--stock->n_batches]);
}

char *stock_take_block(struct stock *stock)
{
	void *block;

	if (stock->n_blocks)
		return stock->blocks[--stock->n_blocks];
	if (posix_memalign(&block, (size_t)sysconf(_SC_PAGESIZE), stock->block_bytes) != 0)
		block = mem_new(1, stock->block_bytes);
	return block;
}

void stock_give_block(struct stock *stock, char *block)
{
	if (stock->n_blocks < STOCK_SPARE)
		stock->blocks[stock->n_blocks++] = block;
	else
		free(block);
}

/* The kernel may give less than asked for, or refuse to enlarge it: pipe(7). */
static size_t enlarge(int fd)
{
	int size = -1;

	for (int wanted = DUCT_SIZE; size < 0 && wanted >= DUCT_SIZE_MIN; wanted /= 4)
		size = fcntl(fd, F_SETPIPE_SZ, wanted);
	return size < 0 ? 0 : (size_t)size;
}

static struct duct *duct_new(void)
{
	struct duct *duct;
	size_t size;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return NULL;
	size = enlarge(fds[1]);
	duct = new_object(struct duct);
	*duct = (struct duct){ .out = fds[0], .in = fds[1], .size = size };
	if (size >= DUCT_SIZE_MIN)
		return duct;
	duct_free(duct);
	return NULL;
}

struct duct *stock_take_duct(struct stock *stock)
{
	struct duct *duct = NULL;

	if (stock->lent_ducts >= stock->most_ducts)
		return NULL;
	if (stock->n_ducts)
		duct = stock->ducts[--stock->n_ducts];
	else if (stock->patience)
		stock->patience--;
	else if (!(duct = duct_new()))
		stock->patience = STOCK_PATIENCE;
	stock->lent_ducts += duct != NULL;
	return duct;
}

/* One that still holds data is of no use to others. */
void stock_give_duct(struct stock *stock, struct duct *duct)
{
	stock->lent_ducts--;
	if (duct->len == 0 && stock->n_ducts < STOCK_SPARE)
		stock->ducts[stock->n_ducts++] = duct;
	else
		duct_free(duct);
}

struct net_batch *stock_take_batch(struct stock *stock)
{
	return stock->n_batches ? stock->batches[--stock->n_batches] : new_object(struct net_batch);
}

void stock_give_batch(struct stock *stock, struct net_batch *batch)
{
	batch->at = batch->n = 0;
	if (stock->n_batches < STOCK_SPARE)
		stock->batches[stock->n_batches++] = batch;
	else
		free(batch);
}
