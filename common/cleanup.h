/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owning locals.  A local that owns something starts as NULL or -1, carries one of these
 * attributes, and leaves its function only through TAKE_PTR or TAKE_FD.
 */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines cleanup_NAME() for a destructor that takes the pointer itself and allows NULL. */
#define DEFINE_CLEANUP(name, type, destroy)                                                        \
	static inline void cleanup_##name(type *slot)                                              \
	{                                                                                          \
		if (*slot)                                                                         \
			destroy(*slot);                                                            \
	}

static inline void cleanup_free(void *slot)
{
	free(*(void **)slot);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

DEFINE_CLEANUP(fclose, FILE *, fclose)
DEFINE_CLEANUP(closedir, DIR *, closedir)

#define AUTO_FREE     CLEANUP(cleanup_free)
#define AUTO_CLOSE    CLEANUP(cleanup_close)
#define AUTO_FCLOSE   CLEANUP(cleanup_fclose)
#define AUTO_CLOSEDIR CLEANUP(cleanup_closedir)

#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
