/* SPDX-License-Identifier: MIT */
#pragma once

/* AddressSanitizer must be told when the stack changes
 * (sanitizer/common_interface_defs.h); without it these words do nothing. */

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(FIBER_SANITIZER)

#include <sanitizer/common_interface_defs.h>

#define fiber_leaving(saved, bottom, size) __sanitizer_start_switch_fiber((saved), (bottom), (size))
#define fiber_arrived(saved, bottom, size)                                                         \
	__sanitizer_finish_switch_fiber((saved), (bottom), (size))

#else

#define fiber_leaving(saved, bottom, size) ((void)(saved), (void)(bottom), (void)(size))
#define fiber_arrived(saved, bottom, size) ((void)(saved), (void)(bottom), (void)(size))

#endif
