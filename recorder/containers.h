/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All recorded cgroups of the node, by slot: which are containers, and who they are.  The steps
 * of a container's life that need the kernel's maps or the runtimes' files are here.
 */
#ifndef RECORDER_CONTAINERS_H
#define RECORDER_CONTAINERS_H

#include "recorder/cgroup_fs.h"
#include "recorder/container.h"
#include "recorder/hooks.h"
#include "recorder/identity.h"
#include "recorder/rings.h"

struct containers {
	struct hooks *hooks; /* borrowed, as all others but the array */
	struct rings *rings;
	struct cgroup_fs *cgroups;
	const struct identity_roots *roots;
	const struct config *config; /* node name and policies */
	unsigned meter_files_max;    /* that may stay open for samples, of all containers */
	unsigned meter_files;
	uint32_t max;
	struct container **by_slot; /* owned */
};

/* Fills in the array; the rest is the caller's to set before. 0 or -ENOMEM. */
int containers_init(struct containers *containers);
void containers_done(struct containers *containers);

/* For walks over the cgroups below a container's. */
struct containers_nested {
	struct hooks *hooks;
	uint32_t slot;
};

/* Enters a cgroup that has a slot. NULL: out of memory, the slot is given back. */
struct container *containers_add(struct containers *containers, uint32_t slot, uint64_t cgroup_id,
				 const char *path, uint64_t seen_ns);
/* Forgets it and gives its slot back; the container is freed. */
void containers_drop(struct containers *containers, struct container *container, uint64_t now_ns);

struct container *containers_find(const struct containers *containers, uint64_t cgroup_id);
/* The confirmed container that a cgroup path lies in, or NULL. */
struct container *containers_around(const struct containers *containers, const char *path);

/* Notes what is known of it for the next igrecd; after each change that matters to that. */
void containers_save(const struct containers *containers, const struct container *container);
/* It is a container: cgroups made below it share its slot from now on. */
void containers_confirm(struct containers *containers, struct container *container);
/*
 * Whether it lies in the cgroup of a container that is not recorded, or is one of the kubelet's
 * own, above its containers.
 */
bool containers_is_foreign(const struct containers *containers, const char *path);
/* Asks the runtimes; confirms and names what they know, or finds that it is unwanted. */
void containers_look_up(struct containers *containers, struct container *container);
/* Decides anew what its policy is; as a reload of the configuration needs it. */
void containers_set_policy(struct containers *containers, struct container *container);
/* Names it by its cgroup if it has no name yet. */
void containers_name_by_cgroup(struct containers *containers, struct container *container);
/* Gives it a name in any case: what the runtimes say now, else its cgroup's. */
void containers_name_at_last(struct containers *containers, struct container *container);
/* Notes where its figures are, as long as one of its processes lives. */
void containers_locate(struct containers *containers, struct container *container, uint32_t tgid);

/* Notes its figures as they are now; with `keep` it will be asked again. */
void containers_sample(struct containers *containers, struct container *container, bool keep,
		       uint64_t now_ns);

/*
 * Goes on with the containers that an earlier igrecd had in an adopted set. Returns how many, or
 * -ENOMEM. To be called before the first notice; and when those that waited have been handled,
 * containers_check(): who is gone without one, and slots that nobody knows.
 */
int containers_restore(struct containers *containers);
void containers_check(struct containers *containers, uint64_t now_ns);

/* Adopts the containers that run already, and tracks their tasks. *ret_left: found no ring. */
int containers_scan(struct containers *containers, uint64_t now_ns, unsigned *ret_left);

struct igrec_slot *containers_slot(const struct containers *containers,
				   const struct container *container);

#endif
