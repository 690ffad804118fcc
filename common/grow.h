/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow by doubling. */
#ifndef COMMON_GROW_H
#define COMMON_GROW_H

#include <errno.h>
#include <stdlib.h>

#define GROW_FIRST_ROOM 64

/* Makes room for one more element behind `count`. 0, or -ENOMEM with all unchanged. */
static inline int grow_array(void **array, size_t count, size_t *room, size_t element_bytes)
{
	size_t wanted = *room ? *room * 2 : GROW_FIRST_ROOM;
	void *grown;

	if (count < *room)
		return 0;
	grown = reallocarray(*array, wanted, element_bytes);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = wanted;
	return 0;
}

#endif
