/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Blocks and pipes that flows borrow while data is on its way, so that a session
 * with nothing to move holds neither.  One stock serves all sessions of a relay;
 * it belongs to one thread.
 */

#include "base/base.h"

enum {
	STOCK_SPARE = 16,    /* of each kind, kept for the next borrower */
	STOCK_DUCTS = 256,   /* lent at a time, so that stalled readers do not fill the memory */
	STOCK_PATIENCE = 64, /* requests without asking the kernel, after it refused a pipe */
};

/* A pipe that data passes through by splice(2), without being copied. */
struct duct {
	int in, out;
	size_t size; /* bytes it can hold */
	size_t len;  /* bytes in it */
};

struct net_batch;

struct stock {
	size_t block_bytes;
	char *blocks[STOCK_SPARE];
	size_t n_blocks;
	struct duct *ducts[STOCK_SPARE];
	size_t n_ducts, lent_ducts, most_ducts;
	unsigned int patience;
	struct net_batch *batches[STOCK_SPARE];
	size_t n_batches;
};

void stock_init(struct stock *stock, size_t block_bytes);
void stock_done(struct stock *stock);

/* block_bytes of memory, aligned to a page (for O_DIRECT). */
char *stock_take_block(struct stock *stock);
void stock_give_block(struct stock *stock, char *block);

/* An empty pipe of DUCT_SIZE or at least DUCT_SIZE_MIN bytes; NULL: there is none
 * (descriptors are used up, or fs.pipe-user-pages-soft is, or too many are lent). */
enum { DUCT_SIZE = 512 * 1024, DUCT_SIZE_MIN = 64 * 1024 };
struct duct *stock_take_duct(struct stock *stock);
void stock_give_duct(struct stock *stock, struct duct *duct);

/* A batch for packets (net/batch.h), empty. */
struct net_batch *stock_take_batch(struct stock *stock);
void stock_give_batch(struct stock *stock, struct net_batch *batch);
