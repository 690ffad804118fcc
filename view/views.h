/* SPDX-License-Identifier: Apache-2.0 */
/* The views, one file each, for the table in view.c; and what these files have in common. */
#ifndef VIEW_VIEWS_H
#define VIEW_VIEWS_H

#include "view/rows.h"
#include "view/walk.h"

extern const struct view view_open;

#endif
