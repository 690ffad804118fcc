/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as text, in the notation of strace: openat(AT_FDCWD, "/etc/x", O_RDONLY|O_CLOEXEC).
 * Everything that came from a container is escaped.
 */
#ifndef REPLAY_VALUE_TEXT_H
#define REPLAY_VALUE_TEXT_H

#include "common/buf.h"
#include "decode/value.h"

void value_text(struct buf *out, const struct value *value);

#endif
