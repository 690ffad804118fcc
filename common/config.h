/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration: every setting of both binaries with its default, filled from one file and
 * then from the command line. The file's form is igrec.conf(5). The one home of inih.
 *
 * A value that is not allowed is refused with one line that names where it stands, its key and
 * what is allowed; the configuration is then not to be used.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/igrec_abi.h"
#include "common/log.h"

#define CONFIG_DEFAULT_PATH "/etc/igrec/igrec.conf"
#define CONFIG_PATH_BYTES   1024
#define CONFIG_SOCKET_BYTES 108 /* sun_path of unix(7) */
#define CONFIG_NODE_BYTES   254 /* a DNS name */
#define CONFIG_LIST_BYTES   512 /* paths or globs, separated by single spaces */
#define CONFIG_NAME_BYTES   64	/* of a policy section */
#define CONFIG_KEYS_MAX	    48
#define CONFIG_POLICIES_MAX 32
#define CONFIG_CODES	    256 /* exit codes */
/* The order is that of enum failure_kind. */
#define CONFIG_FAILURE_NAMES "exit signal oom child-signal child-oom crash-loop requested"

/* An amount of space, or a share of the filesystem if percent is not 0. */
struct config_space {
	uint64_t bytes;
	unsigned percent;
};

/* Keys of a [policy NAME] section, in the order of their table. */
enum config_policy_key {
	CONFIG_POLICY_NAMESPACE,
	CONFIG_POLICY_POD,
	CONFIG_POLICY_CONTAINER,
	CONFIG_POLICY_IMAGE,
	CONFIG_POLICY_RECORD,
	CONFIG_POLICY_RING_SIZE,
	CONFIG_POLICY_PAYLOAD,
	CONFIG_POLICY_PAYLOAD_BYTES,
	CONFIG_POLICY_KINDS,
	CONFIG_POLICY_IGNORE_CODES,
	CONFIG_POLICY_STOP_SIGNALS,
	CONFIG_POLICY_CHILD_SIGNALS,
	CONFIG_POLICY_KEYS,
};

/* A [policy NAME] section: which containers, and what is otherwise for them. */
struct config_policy {
	char name[CONFIG_NAME_BYTES];
	/* Globs, any of which matches; "": not asked for. */
	char namespace[CONFIG_LIST_BYTES], pod[CONFIG_LIST_BYTES];
	char container[CONFIG_LIST_BYTES], image[CONFIG_LIST_BYTES];
	/* Valid if the section sets them. */
	uint64_t record; /* 0 or 1 */
	uint64_t ring_bytes;
	uint64_t payload, payload_bytes;
	uint64_t failure_kinds;
	uint64_t ignored_codes[CONFIG_CODES / 64]; /* bit by exit code */
	uint64_t stop_signals, child_signals;
	unsigned line[CONFIG_POLICY_KEYS]; /* where each key is set; 0: not set */
};

struct config {
	/* [igrecd] */
	char store[CONFIG_PATH_BYTES];
	char socket[CONFIG_SOCKET_BYTES];
	char bpffs[CONFIG_PATH_BYTES];
	char node[CONFIG_NODE_BYTES]; /* the host's name unless set */
	uint64_t sandbox;	      /* 0 or 1 */
	/* [ring] */
	uint64_t ring_bytes; /* a multiple of IGREC_BLOCK_BYTES */
	uint64_t ring_memory_bytes;
	uint64_t ring_pool;	/* ready rings */
	uint64_t start_percent; /* of a ring's blocks */
	uint64_t vital_percent;
	/* [payload] */
	uint64_t payload; /* enum igrec_payload_policy */
	uint64_t payload_bytes;
	/* [privacy] */
	uint64_t mask;			       /* 0 or 1: the built-in patterns */
	char mask_patterns[CONFIG_LIST_BYTES]; /* regular expressions, for mask_add_list() */
	/* [failure] */
	uint64_t failure_kinds;		 /* bit 1 << enum failure_kind */
	uint64_t stop_signals;		 /* bit 1 << signal */
	uint64_t child_signals;		 /* bit 1 << signal */
	uint64_t per_container_per_hour; /* dumps; 0 no limit */
	uint64_t per_node_per_minute;
	uint64_t snapshot_bytes; /* of memory for snapshots on their way to the disk */
	/* [retention] */
	uint64_t total_bytes; /* 0 no limit, as in the next three */
	struct config_space free_space;
	uint64_t age_ns;
	uint64_t per_workload;
	uint64_t interval_ns;
	uint64_t crash_loop; /* ends with 0 of one container that make a loop; 0: never */
	uint64_t crash_loop_ns;
	/* [surroundings] */
	uint64_t sample_ns; /* time between two samples */
	uint64_t samples;   /* kept of each container; 0: none are taken */
	uint64_t log_lines; /* of a container's log in its dump; 0: none */
	uint64_t log_bytes; /* of their texts */
	/* [log] */
	uint64_t log_level; /* enum log_level */
	/* [runtimes] */
	char host_root[CONFIG_PATH_BYTES];
	char containerd[CONFIG_LIST_BYTES];
	char docker[CONFIG_PATH_BYTES];
	char storage[CONFIG_LIST_BYTES];
	char runc[CONFIG_LIST_BYTES], crun[CONFIG_LIST_BYTES];
	char pod_logs[CONFIG_PATH_BYTES];
	char record_units[CONFIG_LIST_BYTES];
	/* [policy NAME], in the order of the file */
	struct config_policy policy[CONFIG_POLICIES_MAX];
	unsigned n_policies;

	char file[CONFIG_PATH_BYTES];	/* that was read; "" for none */
	unsigned line[CONFIG_KEYS_MAX]; /* where each key was set in it; 0: not by the file */
};

enum config_type {
	CONFIG_PATH,	 /* absolute */
	CONFIG_TEXT,	 /* a name without spaces or control characters */
	CONFIG_SIZE,	 /* see parse.h */
	CONFIG_SPACE,	 /* a size or N% */
	CONFIG_DURATION, /* see parse.h */
	CONFIG_COUNT,
	CONFIG_CHOICE,	  /* one of names; the value is the name's index */
	CONFIG_NAMES,	  /* any of names, separated by spaces; "none" alone is the empty list */
	CONFIG_SIGNALS,	  /* signal names, likewise */
	CONFIG_PATHS,	  /* absolute paths, separated by spaces */
	CONFIG_GLOBS,	  /* glob(7) patterns, likewise; "none" alone is the empty list */
	CONFIG_PATTERNS,  /* of common/pattern.h, separated by blanks; "none": the empty list */
	CONFIG_CODES_SET, /* exit codes 1 to 255 and ranges as 3-7, likewise */
};

struct config_key {
	const char *section, *name;
	enum config_type type;
	size_t offset;	    /* in struct config, or in struct config_policy */
	uint64_t min, max;  /* of a number; max is the room of a text; 0, 0: any */
	uint64_t multiple;  /* of a size; 0: any */
	const char *names;  /* separated by spaces */
	const char *preset; /* the default as one would write it; "" is set by config_init() */
	const char *help;
};
const struct config_key *config_keys(size_t *ret_count);
/* Those of each [policy NAME], by enum config_policy_key. */
const struct config_key *config_policy_keys(size_t *ret_count);

struct config_error {
	char text[512];
};

/* All defaults. */
void config_init(struct config *config);

/*
 * Reads a file; NULL is CONFIG_DEFAULT_PATH, which need not exist. 0; -EINVAL for what is in it;
 * else -errno of open and read. ret_error says which file, line and key. What the command line
 * sets comes after.
 */
int config_load(struct config *config, const char *path, struct config_error *ret_error);

/* Sets one key from elsewhere; origin ("--ring-size") opens the error's text. 0 or -EINVAL. */
int config_set(struct config *config, const char *origin, const char *section, const char *name,
	       const char *value, struct config_error *ret_error);

/*
 * Checks what concerns several keys, after all have been set. 0 or -EINVAL; ret_error says file
 * and line of the first of these keys that the file has.
 */
int config_check(const struct config *config, struct config_error *ret_error);

/* What free_space means on a filesystem of this size. */
uint64_t config_space_bytes(const struct config_space *space, uint64_t filesystem_bytes);

#endif
