/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the files of container runtimes, and any text as a cgroup's path.  The input's first
 * line is the path; each other line begins with a digit that says which file it is, its contents
 * follow.
 */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define TASK	"/run/containerd/io.containerd.runtime.v2.task/"
#define STORAGE "/overlay-containers/"

/* Of the container c1, as each runtime keeps them; the defaults of the configuration. */
static const char *const files[] = {
	"/run/runc/c1/state.json",
	"/run/crun/c1/status",
	"/bundle/config.json",
	TASK "k8s.io/c1/config.json",
	TASK "moby/c1/config.json",
	"/var/lib/docker/containers/c1/config.v2.json",
	"/run/containers/storage" STORAGE "c1/userdata/config.json",
	"/var/lib/containers/storage" STORAGE "containers.json",
	"/var/lib/containers/storage" STORAGE "c1/userdata/config.json",
	"/run/runc/c2/state.json",
};

static char root[] = "/tmp/igrec-fuzz-XXXXXX";
static struct config config;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_root(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *file, const char *text)
{
	char path[512];
	AUTO_CLOSE int fd = -1;

	snprintf(path, sizeof(path), "%s%s", root, file);
	for (char *slash = path + sizeof(root); (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
}

static void set_up(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	if (!mkdtemp(root) || atexit(remove_root))
		abort();
	config_init(&config);
	snprintf(config.host_root, sizeof(config.host_root), "%s", root);
}

/* Touches all that was found. */
static void look(const struct container_identity *identity)
{
	struct container_identity copy;

	if (!identity->container_id || !identity->container || !identity->runtime)
		abort();
	identity_is_sandbox(identity);
	identity_is_unit(identity);
	if (!container_identity_copy(identity, &copy))
		container_identity_done(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	AUTO_FREE char *text = strndup((const char *)data, bytes);
	struct container_identity identity = {.restart = -1};
	struct identity_roots roots;
	char *rest = text, *path, *line;

	set_up();
	if (!text)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(files[i], "");
	path = strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0])
			put(files[(unsigned char)(line[0] - '0') % ARRAY_SIZE(files)], line + 1);
	identity_roots_of(&config, &roots);
	if (!identity_find(&roots, path, &identity))
		look(&identity);
	container_identity_done(&identity);
	if (!identity_from_cgroup(&roots, path, &identity))
		container_identity_done(&identity);
	return 0;
}
