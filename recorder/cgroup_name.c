/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads cgroup paths; used by identity.c and the readers of runtimes.  Sources of the forms:
 * kubelet pkg/kubelet/cm/cgroup_manager_linux.go, runc libcontainer/cgroups/systemd/common.go,
 * systemd.slice(5).
 */
#include "recorder/cgroup_name.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#define SLICE ".slice"
#define SCOPE ".scope"

const char *cgroup_name_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t bytes = strlen(end);

	return length >= bytes && !memcmp(text + length - bytes, end, bytes);
}

/* Length of the one of `words` that text begins with and a "-" follows, counting that; else 0. */
static size_t prefix_length(const char *text, const char *words)
{
	while (*words) {
		size_t length = strcspn(words, " ");

		if (!strncmp(text, words, length) && text[length] == '-')
			return length + 1;
		words += length;
		words += strspn(words, " ");
	}
	return 0;
}

int cgroup_name_id(const char *path, const char *prefixes, bool required, char ret[NAME_MAX + 1])
{
	const char *base = cgroup_name_base(path);
	size_t length = strlen(base);
	bool scope = ends_with(base, length, SCOPE);
	size_t skip = scope || required ? prefix_length(base, prefixes) : 0;

	if (required && !skip)
		return -EINVAL;
	base += skip;
	length -= skip + (scope ? sizeof(SCOPE) - 1 : 0);
	if (!length || length > NAME_MAX || base[0] == '.')
		return -EINVAL;
	memcpy(ret, base, length);
	ret[length] = '\0';
	return 0;
}

/* ---- systemd's names -------------------------------------------------------------------- */

static int append(char *path, size_t room, const char *text, size_t bytes)
{
	size_t used = strlen(path);

	if (used + bytes >= room)
		return -ENAMETOOLONG;
	memcpy(path + used, text, bytes);
	path[used + bytes] = '\0';
	return 0;
}

/* "a-b.slice" lies in "/a.slice/a-b.slice"; "-.slice" is the root. */
static int expand_slice(const char *slice, size_t bytes, char *ret, size_t room)
{
	int err = 0;

	ret[0] = '\0';
	if (!ends_with(slice, bytes, SLICE))
		return -EINVAL;
	bytes -= sizeof(SLICE) - 1;
	if (bytes == 1 && slice[0] == '-')
		return 0;
	for (size_t i = 1; i <= bytes && !err; i++) {
		if (i < bytes && slice[i] != '-')
			continue;
		err = append(ret, room, "/", 1);
		if (!err)
			err = append(ret, room, slice, i);
		if (!err)
			err = append(ret, room, SLICE, sizeof(SLICE) - 1);
	}
	return err;
}

/* SLICE:PREFIX:NAME, where prefix and name follow the first colon. */
static int expand(const char *oci_path, const char *colon, char *ret, size_t room)
{
	const char *prefix = colon + 1, *second = strchr(prefix, ':');
	const char *slice = oci_path;
	size_t bytes = colon - oci_path;
	int err;

	if (!second || strchr(second + 1, ':') || strchr(prefix, '/'))
		return -EINVAL;
	if (!bytes) {
		slice = "system.slice";
		bytes = strlen(slice);
	}
	err = expand_slice(slice, bytes, ret, room);
	if (!err)
		err = append(ret, room, "/", 1);
	if (!err && second > prefix)
		err = append(ret, room, prefix, second - prefix);
	if (!err && second > prefix)
		err = append(ret, room, "-", 1);
	if (!err)
		err = append(ret, room, second + 1, strlen(second + 1));
	return err ? err : append(ret, room, SCOPE, sizeof(SCOPE) - 1);
}

bool cgroup_name_is(const char *oci_path, const char *id, const char *path)
{
	char expanded[PATH_MAX];
	const char *colon;

	if (!oci_path || !*oci_path)
		oci_path = id;
	colon = *oci_path == '/' ? NULL : strchr(oci_path, ':');
	if (colon)
		return !expand(oci_path, colon, expanded, sizeof(expanded)) &&
		       !strcmp(expanded, path);
	return !strcmp(oci_path + (*oci_path == '/'), path + (*path == '/'));
}

/* ---- the kubelet's part ----------------------------------------------------------------- */

/* A component is NAME, or as a slice [...-]NAME.slice, [...-]kubepods[-...].slice for NAME. */
static bool is_kubepods(const char *part, size_t bytes, const char *class)
{
	char name[64];
	int length;

	length = snprintf(name, sizeof(name), "kubepods%s%s" SLICE, *class ? "-" : "", class);
	if (!ends_with(part, bytes, name))
		return false;
	return bytes == (size_t)length || part[bytes - length - 1] == '-';
}

/* The uid behind "pod" or "...-pod", of a slice or plain. */
static bool take_uid(const char *part, size_t bytes, char *ret, size_t room)
{
	size_t begin = 0;

	if (ends_with(part, bytes, SLICE)) {
		bytes -= sizeof(SLICE) - 1;
		for (size_t i = 0; i < bytes; i++)
			if (part[i] == '-')
				begin = i + 1;
	}
	if (bytes < begin + 4 || memcmp(part + begin, "pod", 3) != 0)
		return false;
	begin += 3;
	if (bytes - begin >= room)
		return false;
	for (size_t i = begin; i < bytes; i++) {
		if (!isalnum((unsigned char)part[i]) && !strchr("-_", part[i]))
			return false;
		ret[i - begin] = part[i] == '_' ? '-' : part[i];
	}
	ret[bytes - begin] = '\0';
	return true;
}

static const char *class_of(const char *part, size_t bytes)
{
	static const char *const classes[] = {"burstable", "besteffort"};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (is_kubepods(part, bytes, classes[i]) ||
		    (bytes == strlen(classes[i]) && !memcmp(part, classes[i], bytes)))
			return classes[i];
	}
	return NULL;
}

int cgroup_name_pod(const char *path, struct cgroup_pod *ret)
{
	struct cgroup_pod pod = {.qos = "guaranteed"};
	bool inside = false;
	size_t bytes;

	for (const char *part = path + (*path == '/'); *part;
	     part += bytes + (part[bytes] == '/')) {
		bytes = strcspn(part, "/");
		if (!inside) {
			inside = is_kubepods(part, bytes, "") ||
				 (bytes == strlen("kubepods") && !memcmp(part, "kubepods", bytes));
		} else if (take_uid(part, bytes, pod.uid, sizeof(pod.uid))) {
			pod.is_whole = !part[bytes];
			*ret = pod;
			return 0;
		} else if (class_of(part, bytes)) {
			pod.qos = class_of(part, bytes);
		} else {
			return -ENOENT;
		}
	}
	return -ENOENT;
}

bool cgroup_name_is_static_uid(const char *uid)
{
	return strlen(uid) == 32 && strspn(uid, "0123456789abcdef") == 32;
}
