/* SPDX-License-Identifier: Apache-2.0 */
/* What a call changes in place, before and after: see IGREC_ARG_CHANGED in bpf/igrec_abi.h. */
#ifndef DECODE_CHANGED_H
#define DECODE_CHANGED_H

#include "decode/value.h"

/* For event_argument(): completes the value of a field that is `both`, if the tape has both. */
void changed_take(const struct event *event, struct value *value);

/*
 * For event_argument(): cuts a value, whose length the call changes in place, to what there was
 * room for. The call has filled no more.
 */
void changed_limit(const struct event *event, struct value *value);

/* What a value with `after` has become. */
struct value value_after(const struct value *value);
/* What member `index` of a struct with `before` has been. False if that is not known. */
bool value_was(const struct value *value, unsigned index, struct value *ret);

/* The next descriptor in a VALUE_FD_SET behind fd, at first -1; -1 at the end. */
int fd_set_next(const struct value *set, int fd);

#endif
