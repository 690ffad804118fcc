/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of settings and how the file and the command line fill them. Defaults go through the
 * same parser as what people write, so a default that is not allowed fails every start and test.
 */
#include "common/config.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include <ini.h>

#include "common/cleanup.h"
#include "common/config_policy.h"
#include "common/config_value.h"

#define KIB    (1ULL << 10)
#define MIB    (1ULL << 20)
#define SECOND ((uint64_t)1000000000)
#define DAY    (86400 * SECOND)

#define FIELD(member) offsetof(struct config, member)

/* The order of names is that of enum igrec_payload_policy and log_level. */
#define PAYLOAD_NAMES "none stdio all"
#define LEVEL_NAMES   "error warning info debug"

static const struct config_key keys[] = {
	{"igrecd", "store", CONFIG_PATH, FIELD(store), .max = CONFIG_PATH_BYTES,
	 .preset = "/var/lib/igrec", .help = "directory of the dumps"},
	{"igrecd", "socket", CONFIG_PATH, FIELD(socket), .max = CONFIG_SOCKET_BYTES,
	 .preset = "/run/igrec/igrecd.sock", .help = "where igrecd answers igrec"},
	{"igrecd", "bpffs", CONFIG_PATH, FIELD(bpffs), .max = CONFIG_PATH_BYTES,
	 .preset = "/sys/fs/bpf/igrec", .help = "directory in a bpffs for what stays pinned"},
	{"igrecd", "node", CONFIG_TEXT, FIELD(node), .max = CONFIG_NODE_BYTES, .preset = "",
	 .help = "this node's name in dumps; the host name unless set"},
	{"igrecd", "sandbox", CONFIG_CHOICE, FIELD(sandbox), .names = "off on", .preset = "on",
	 .help = "whether igrecd gives up the rights that it does not need"},

	{"ring", "size", CONFIG_SIZE, FIELD(ring_bytes), 64 * KIB, 16 * MIB, IGREC_BLOCK_BYTES,
	 .preset = "512KiB", .help = "memory of one container's ring"},
	{"ring", "memory-limit", CONFIG_SIZE, FIELD(ring_memory_bytes), 64 * KIB, 1ULL << 40,
	 .preset = "80MiB", .help = "memory of all rings of the node"},
	{"ring", "pool", CONFIG_COUNT, FIELD(ring_pool), 1, 256, .preset = "32",
	 .help = "rings kept ready for new containers"},
	{"ring", "start-percent", CONFIG_COUNT, FIELD(start_percent), 1, 80, .preset = "12",
	 .help = "share of a ring for the first syscalls of a container"},
	{"ring", "vital-percent", CONFIG_COUNT, FIELD(vital_percent), 1, 80, .preset = "36",
	 .help = "share of a ring for what matters most; the rest holds all other syscalls"},

	{"payload", "policy", CONFIG_CHOICE, FIELD(payload), .names = PAYLOAD_NAMES,
	 .preset = "stdio", .help = "whose data is captured: stdio is fd 1 and 2, and DNS"},
	{"payload", "bytes", CONFIG_COUNT, FIELD(payload_bytes), 1, IGREC_CAPTURE_PAYLOAD_BYTES,
	 .preset = "256", .help = "most bytes captured of one buffer"},

	{"privacy", "mask", CONFIG_CHOICE, FIELD(mask), .names = "off on", .preset = "on",
	 .help = "whether secrets of well-known forms are masked in dumps"},
	{"privacy", "patterns", CONFIG_PATTERNS, FIELD(mask_patterns), .preset = "none",
	 .help = "regular expressions of more that is masked"},

	{"failure", "kinds", CONFIG_NAMES, FIELD(failure_kinds), .names = CONFIG_FAILURE_NAMES,
	 .preset = "exit signal oom child-signal child-oom crash-loop requested",
	 .help = "failures that make a dump"},
	{"failure", "stop-signals", CONFIG_SIGNALS, FIELD(stop_signals), .preset = "TERM INT",
	 .help = "a container ended by one of these, sent from outside, was stopped: no failure"},
	{"failure", "child-signals", CONFIG_SIGNALS, FIELD(child_signals),
	 .preset = "ABRT BUS FPE ILL SEGV SYS TRAP",
	 .help = "signals whose death of a process other than the first is a child-signal failure"},
	{"failure", "per-container-per-hour", CONFIG_COUNT, FIELD(per_container_per_hour), 0,
	 100000, .preset = "30", .help = "most dumps of one container in an hour; 0: no limit"},
	{"failure", "per-node-per-minute", CONFIG_COUNT, FIELD(per_node_per_minute), 0, 100000,
	 .preset = "60",
	 .help = "most dumps of the node in a minute beside each container's first; 0: no limit"},
	{"failure", "snapshot-memory", CONFIG_SIZE, FIELD(snapshot_bytes), MIB, 1ULL << 40,
	 .preset = "16MiB", .help = "memory for snapshots that wait for the disk"},

	{"failure", "crash-loop", CONFIG_COUNT, FIELD(crash_loop), 0, 1000, .preset = "3",
	 .help = "ends with status 0 of a restarted container that make a crash-loop; 0: never"},
	{"failure", "crash-loop-time", CONFIG_DURATION, FIELD(crash_loop_ns), SECOND, DAY,
	 .preset = "10m", .help = "each of these ends comes within this time after the one before"},

	{"retention", "total-size", CONFIG_SIZE, FIELD(total_bytes), 0, 1ULL << 60,
	 .preset = "1GiB", .help = "most bytes of all dumps together; 0: no limit"},
	{"retention", "free-space", CONFIG_SPACE, FIELD(free_space), 0, 1ULL << 60, .preset = "5%",
	 .help = "space to leave free on the store's filesystem; 0: no limit"},
	{"retention", "age", CONFIG_DURATION, FIELD(age_ns), 0, 36500 * DAY, .preset = "14d",
	 .help = "older dumps go; 0: no limit"},
	{"retention", "per-workload", CONFIG_COUNT, FIELD(per_workload), 0, 1000000, .preset = "20",
	 .help = "most dumps of one container of a workload; 0: no limit"},
	{"retention", "interval", CONFIG_DURATION, FIELD(interval_ns), SECOND, DAY, .preset = "60s",
	 .help = "time between two runs of retention in igrecd"},

	{"runtimes", "host-root", CONFIG_PATH, FIELD(host_root), .max = CONFIG_PATH_BYTES,
	 .preset = "/", .help = "where the node's root directory is mounted, for igrecd in a pod"},
	{"runtimes", "containerd", CONFIG_PATHS, FIELD(containerd),
	 .preset = "/run/containerd /run/docker/containerd/daemon /run/k3s/containerd",
	 .help = "state directories of containerd"},
	{"runtimes", "docker", CONFIG_PATH, FIELD(docker), .max = CONFIG_PATH_BYTES,
	 .preset = "/var/lib/docker", .help = "data directory of dockerd"},
	{"runtimes", "storage", CONFIG_PATHS, FIELD(storage),
	 .preset = "/run/containers/storage /var/lib/containers/storage",
	 .help = "run and data directories of Podman and CRI-O"},
	{"runtimes", "runc", CONFIG_PATHS, FIELD(runc), .preset = "/run/runc",
	 .help = "state directories of runc"},
	{"runtimes", "crun", CONFIG_PATHS, FIELD(crun), .preset = "/run/crun",
	 .help = "state directories of crun"},
	{"runtimes", "pod-logs", CONFIG_PATH, FIELD(pod_logs), .max = CONFIG_PATH_BYTES,
	 .preset = "/var/log/pods", .help = "log directory of the kubelet"},
	{"runtimes", "record-units", CONFIG_GLOBS, FIELD(record_units), .preset = "none",
	 .help = "systemd units and other cgroups to record, too"},

	{"surroundings", "sample-every", CONFIG_DURATION, FIELD(sample_ns), SECOND, 3600 * SECOND,
	 .preset = "5s", .help = "time between two samples of a container's memory, CPU and so on"},
	{"surroundings", "samples", CONFIG_COUNT, FIELD(samples), 0, 1000, .preset = "60",
	 .help = "samples kept of each container for its dump; 0: none are taken"},
	{"surroundings", "log-lines", CONFIG_COUNT, FIELD(log_lines), 0, 10000, .preset = "200",
	 .help = "last lines of a container's log that its dump gets; 0: none"},
	{"surroundings", "log-bytes", CONFIG_SIZE, FIELD(log_bytes), 1024, MIB, .preset = "64KiB",
	 .help = "most bytes of these lines together"},

	{"log", "level", CONFIG_CHOICE, FIELD(log_level), .names = LEVEL_NAMES, .preset = "info",
	 .help = "the least urgent lines that are logged"},
};
_Static_assert(ARRAY_SIZE(keys) <= CONFIG_KEYS_MAX, "raise CONFIG_KEYS_MAX");

const struct config_key *config_keys(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(keys);
	return keys;
}

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int err =
			keys[i].preset[0] ? config_value_set(config, &keys[i], keys[i].preset) : 0;

		assert(!err);
		(void)err;
	}
	if (gethostname(config->node, sizeof(config->node) - 1) < 0 || !config->node[0])
		memcpy(config->node, "localhost", sizeof("localhost"));
}

static const struct config_key *find_key(const char *section, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].section, section) && (!name || !strcmp(keys[i].name, name)))
			return &keys[i];
	}
	return NULL;
}

static int refuse_key(const char *origin, const char *section, const char *name,
		      struct config_error *ret_error)
{
	ret_error->text[0] = '\0';
	if (!section[0])
		config_error_add(ret_error, "%s: \"%s\" stands before any [section]", origin, name);
	else if (!find_key(section, NULL))
		config_error_add(ret_error, "%s: there is no section [%s]; see igrec.conf(5)",
				 origin, section);
	else
		config_error_add(ret_error, "%s: there is no key %s.%s; see igrec.conf(5)", origin,
				 section, name);
	return -EINVAL;
}

int config_set(struct config *config, const char *origin, const char *section, const char *name,
	       const char *value, struct config_error *ret_error)
{
	const struct config_key *key = find_key(section, name);

	if (!key)
		return refuse_key(origin, section, name, ret_error);
	if (!config_value_set(config, key, value)) {
		config->line[key - keys] = 0;
		return 0;
	}
	ret_error->text[0] = '\0';
	config_error_add(ret_error, "%s: %s.%s: \"%.100s\" is not ", origin, section, name, value);
	config_error_wanted(ret_error, key);
	return -EINVAL;
}

/* ---- the file --------------------------------------------------------------------------- */

struct config_file {
	FILE *stream;
	const char *path;
	unsigned line;
	struct config *config;
	struct config_error *error; /* its text is set once something was refused */
};

static void origin_of(const struct config_file *file, unsigned line, char *ret, size_t room)
{
	snprintf(ret, room, "%s:%u", file->path, line);
}

/* Sections without keys never reach on_key(). */
static bool section_known(struct config_file *file, const char *line)
{
	char origin[CONFIG_PATH_BYTES + 16];
	char section[64] = "";

	line += strspn(line, " \t");
	if (sscanf(line, "[%63[^]\n]]", section) != 1)
		return true;
	origin_of(file, file->line, origin, sizeof(origin));
	if (config_policy_is(section))
		return config_policy_name_ok(section, origin, file->error);
	if (find_key(section, NULL))
		return true;
	refuse_key(origin, section, "", file->error);
	return false;
}

/* inih's fgets(): counts lines, and refuses what inih would misread without a word. */
static char *read_line(char *line, int room, void *stream)
{
	struct config_file *file = stream;
	int used = 0;
	int c = 0;

	while (used < room - 1 && c != '\n' && (c = getc_unlocked(file->stream)) > 0)
		line[used++] = (char)c;
	line[used] = '\0';
	if (!used && c == EOF)
		return NULL;
	file->line++;
	if (c == 0 || (c != '\n' && c != EOF)) {
		config_error_add(file->error, "%s:%u: %s", file->path, file->line,
				 c ? "this line is too long"
				   : "there is a NUL byte; this is no text file");
		return NULL;
	}
	return section_known(file, line) ? line : NULL;
}

static int on_key(void *user, const char *section, const char *name, const char *value)
{
	struct config_file *file = user;
	const struct config_key *key = find_key(section, name);
	char origin[CONFIG_PATH_BYTES + 16];
	unsigned *line;

	origin_of(file, file->line, origin, sizeof(origin));
	if (config_policy_is(section))
		return !config_policy_set(file->config, origin, section, name, value, file->line,
					  file->error);
	if (!key)
		return refuse_key(origin, section, name, file->error), 0;
	line = &file->config->line[key - keys];
	if (*line) {
		config_error_add(file->error, "%s: %s.%s: was set before, on line %u", origin,
				 section, name, *line);
		return 0;
	}
	if (config_set(file->config, origin, section, name, value, file->error))
		return 0;
	*line = file->line;
	return 1;
}

static int parse_file(struct config_file *file)
{
	int line;

	ini_allow_multiline = false;
	ini_inline_comment_prefixes = "#;";
	ini_stop_on_first_error = true;
	ini_use_stack = false;
	ini_max_line = ini_initial_alloc = 2 * CONFIG_PATH_BYTES;
	line = ini_parse_stream(read_line, file, on_key, file);
	if (ferror(file->stream))
		return -EIO;
	if (line == -2)
		return -ENOMEM;
	if (line > 0 && !file->error->text[0])
		config_error_add(file->error, "%s:%d: neither [section], key = value nor # comment",
				 file->path, line);
	return file->error->text[0] ? -EINVAL : 0;
}

int config_load(struct config *config, const char *path, struct config_error *ret_error)
{
	struct config_file file = {
		.path = path ? path : CONFIG_DEFAULT_PATH, .config = config, .error = ret_error};
	AUTO_FCLOSE FILE *stream = fopen(file.path, "re");
	int err;

	ret_error->text[0] = '\0';
	if (!stream && errno == ENOENT && !path)
		return 0;
	err = stream ? 0 : -errno;
	if (!err) {
		file.stream = stream;
		snprintf(config->file, sizeof(config->file), "%s", file.path);
		err = parse_file(&file);
	}
	if (err && !ret_error->text[0])
		config_error_add(ret_error, "%s: %s", file.path, strerror(-err));
	return err;
}

/* ---- across keys ------------------------------------------------------------------------ */

/* "FILE:LINE: " of the first of two keys that the file has set, or "". */
static const char *place_of(const struct config *config, const char *section, const char *first,
			    const char *second, char *ret, size_t room)
{
	unsigned line = config->line[find_key(section, first) - keys];

	if (!line)
		line = config->line[find_key(section, second) - keys];
	ret[0] = '\0';
	if (line)
		snprintf(ret, room, "%s:%u: ", config->file, line);
	return ret;
}

int config_check(const struct config *config, struct config_error *ret_error)
{
	char place[CONFIG_PATH_BYTES + 16];

	ret_error->text[0] = '\0';
	if (config->start_percent + config->vital_percent > 90)
		config_error_add(ret_error,
				 "%sring.start-percent, ring.vital-percent: %" PRIu64
				 " and %" PRIu64
				 " leave less than 10%% for the flow lane: lower one of them",
				 place_of(config, "ring", "start-percent", "vital-percent", place,
					  sizeof(place)),
				 config->start_percent, config->vital_percent);
	else if (config->ring_memory_bytes < config->ring_bytes)
		config_error_add(
			ret_error,
			"%sring.memory-limit: %" PRIu64 " KiB hold no ring of %" PRIu64
			" KiB: raise it or lower ring.size",
			place_of(config, "ring", "memory-limit", "size", place, sizeof(place)),
			config->ring_memory_bytes / 1024, config->ring_bytes / 1024);
	else
		config_policy_check(config, ret_error);
	return ret_error->text[0] ? -EINVAL : 0;
}

uint64_t config_space_bytes(const struct config_space *space, uint64_t filesystem_bytes)
{
	return space->percent ? filesystem_bytes / 100 * space->percent : space->bytes;
}
