/* SPDX-License-Identifier: Apache-2.0 */
/* For value_text.c's table: the texts of values that are one number. */
#ifndef REPLAY_VALUE_NUMBER_H
#define REPLAY_VALUE_NUMBER_H

#include "common/buf.h"
#include "decode/value.h"

void address_text(struct buf *out, const struct value *value);
void changed_text(struct buf *out, const struct value *value);
void device_text(struct buf *out, const struct value *value);
void dirfd_text(struct buf *out, const struct value *value);
void enum_text(struct buf *out, const struct value *value);
void fd_text(struct buf *out, const struct value *value);
void file_mode_text(struct buf *out, const struct value *value);
void flags_text(struct buf *out, const struct value *value);
void hex_text(struct buf *out, const struct value *value);
void id_text(struct buf *out, const struct value *value);
void ioprio_text(struct buf *out, const struct value *value);
void ioctl_text(struct buf *out, const struct value *value);
void interface_text(struct buf *out, const struct value *value);
void ip_text(struct buf *out, const struct value *value);
void ipv4_text(struct buf *out, const struct value *value);
void ipv6_text(struct buf *out, const struct value *value);
void kernel_version_text(struct buf *out, const struct value *value);
void mac_text(struct buf *out, const struct value *value);
void mode_text(struct buf *out, const struct value *value);
void net_long_text(struct buf *out, const struct value *value);
void noted_enum_text(struct buf *out, const struct value *value);
void noted_flags_text(struct buf *out, const struct value *value);
void noted_ioprio_text(struct buf *out, const struct value *value);
void noted_time_text(struct buf *out, const struct value *value);
void number_text(struct buf *out, const struct value *value);
void port_text(struct buf *out, const struct value *value);
void signal_number_text(struct buf *out, const struct value *value);
void signal_set_text(struct buf *out, const struct value *value);
void ticks_text(struct buf *out, const struct value *value);
void time_text(struct buf *out, const struct value *value);
void timestamp_text(struct buf *out, const struct value *value);
void told_enum_text(struct buf *out, const struct value *value);
void wait_status_text(struct buf *out, const struct value *value);

#endif
