/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trace needs to know of each thread beside its calls: by which number it is shown, when its
 * last call ended, and the arrow from the call that made it.  For export/chrome.c alone.
 */
#ifndef EXPORT_CHROME_TRACKS_H
#define EXPORT_CHROME_TRACKS_H

#include "export/tape.h"

struct chrome_track {
	uint32_t tid;	    /* of the host */
	uint32_t shown_tid; /* as the container counts, where known */
	uint32_t shown_pid;
	uint64_t call_ns, call_end_ns; /* of the last call */
	uint32_t arrow;		       /* that ends at its next call; 0: none */
	const char *comm;	       /* the last one that is known */
	bool used;		       /* something of it is in the trace */
};

struct chrome_tracks {
	struct chrome_track *all; /* by rising tid; owned */
	size_t count;
};

/* Of all threads of a tape. 0 or -ENOMEM. */
int chrome_tracks_init(const struct tape *tape, struct chrome_tracks *ret);
void chrome_tracks_done(struct chrome_tracks *tracks);

/* NULL for a thread that does nothing on the tape. */
struct chrome_track *chrome_track_of(const struct chrome_tracks *tracks, uint32_t tid);

#endif
