/* SPDX-License-Identifier: Apache-2.0 */
/* Netlink messages as strace prints them. */
#ifndef REPLAY_NETLINK_TEXT_H
#define REPLAY_NETLINK_TEXT_H

#include "common/buf.h"
#include "decode/value.h"

/*
 * Whether what an event sends or receives is of a netlink socket, as far as objects know;
 * objects may be NULL.
 */
bool is_netlink(const struct event *event, const struct objects *objects, unsigned *ret_protocol);

/* data: what was sent or received at once. */
void netlink_text(struct buf *out, unsigned protocol, const struct value *data);

/* For value_text.c's table. */
void attributes_text(struct buf *out, const struct value *value);

#endif
