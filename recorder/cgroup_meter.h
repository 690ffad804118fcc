/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the figures of one cgroup that change, again and again.  Its files stay open in between,
 * which makes a reading some eight times cheaper than opening them each time.  While none of its
 * processes ran, nothing but a shortage of memory elsewhere changes the other figures: they are
 * then read now and again only.
 */
#ifndef RECORDER_CGROUP_METER_H
#define RECORDER_CGROUP_METER_H

#include "recorder/cgroup_fs.h"

#define CGROUP_METER_FILES 11

struct cgroup_meter {
	int fd[CGROUP_METER_FILES]; /* of the table in the source; 0 not opened yet, -1 not there */
	struct snapshot_sample last;
	unsigned idle; /* readings since the last whole one */
};

/*
 * One reading of the cgroup at `place`, which must stay the same until cgroup_meter_close(). With
 * `keep` files that are not open yet stay open. 0, or -ENOENT if there is not a single figure.
 */
int cgroup_meter_read(struct cgroup_meter *meter, const struct cgroup_place *place, bool keep,
		      uint64_t now_ns, struct snapshot_sample *ret);
/* How many files are open. */
unsigned cgroup_meter_open_files(const struct cgroup_meter *meter);
/* Closes them; the meter is as new. */
void cgroup_meter_close(struct cgroup_meter *meter);

#endif
