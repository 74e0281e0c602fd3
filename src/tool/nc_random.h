/* SPDX-License-Identifier: MIT */
#pragma once

/* Chance from the kernel (getrandom(2)). */

#include "base/base.h"

/* 0..limit-1, each as likely; limit is at least 1. */
size_t nc_random_below(size_t limit);
