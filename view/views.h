/* SPDX-License-Identifier: Apache-2.0 */
/* The views, one file each, for the table in view.c; and what these files have in common. */
#ifndef VIEW_VIEWS_H
#define VIEW_VIEWS_H

#include "view/rows.h"
#include "view/walk.h"

extern const struct view view_open;
extern const struct view view_exec;
extern const struct view view_tcp;
extern const struct view view_dns;
extern const struct view view_bind;
extern const struct view view_signal;
extern const struct view view_file;
extern const struct view view_io;
extern const struct view view_process;
extern const struct view view_mount;
extern const struct view view_syscalls;
extern const struct view view_deps;

#endif
