/* SPDX-License-Identifier: Apache-2.0 */
/* What columns_pack() and columns_unpack() must agree on about records. */
#include "dumper/columns_shape.h"

#include <errno.h>
#include <string.h>

#define WORDS(type) ((int)(sizeof(type) / sizeof(uint64_t)))

int shape_words(uint16_t meta)
{
	switch (IGREC_META_TYPE(meta)) {
	case IGREC_RECORD_SYSCALL:
		return 1 + IGREC_META_ARGS(meta);
	case IGREC_RECORD_FORK:
		return WORDS(struct igrec_fork);
	case IGREC_RECORD_EXEC:
		return WORDS(struct igrec_exec);
	case IGREC_RECORD_EXIT:
		return WORDS(struct igrec_exit);
	case IGREC_RECORD_SIGNAL:
		return WORDS(struct igrec_signal);
	case IGREC_RECORD_OOM:
		return WORDS(struct igrec_oom);
	}
	return -1;
}

int shape_read(struct stream *in, struct shape *ret)
{
	*ret = (struct shape){};
	if (!stream_get_bytes(in, &ret->meta, sizeof(ret->meta)) ||
	    !stream_get_bytes(in, &ret->nr, sizeof(ret->nr)) ||
	    !stream_get_bytes(in, &ret->captures, sizeof(ret->captures)) ||
	    ret->captures > SHAPE_CAPTURES_MAX || shape_words(ret->meta) < 0 ||
	    !stream_get_bytes(in, ret->capture, ret->captures * sizeof(ret->capture[0])))
		return -EUCLEAN;
	return 0;
}

void shape_history_init(struct shape_history *history)
{
	memset(history->last, 0xff, sizeof(history->last));
	history->row = 0;
}

uint32_t shape_history_next(struct shape_history *history, uint64_t key)
{
	uint32_t *last = &history->last[key & 0xff];
	uint32_t row = history->row++, found = *last;

	*last = row;
	if (found == SHAPE_NO_ROW && row)
		return row - 1;
	return found;
}
