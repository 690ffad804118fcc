/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single checks of `igrec doctor`. Each looks at one thing and finds it in one of three states.
 * Paths of kernel files are given in, so that tests can choose them.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdint.h>

#include "common/config.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN, /* something will be missing */
	DOCTOR_FAIL, /* recording cannot work */
};
const char *doctor_state_name(enum doctor_state state);

struct doctor_finding {
	enum doctor_state state;
	const char *name; /* static text */
	char text[512];	  /* what was found, and the next step */
};

void doctor_kernel(struct doctor_finding *ret);
void doctor_btf(const char *vmlinux_path, struct doctor_finding *ret);
void doctor_bpffs(const char *directory, struct doctor_finding *ret);
void doctor_cgroups(const char *mountinfo_path, struct doctor_finding *ret);
void doctor_lockdown(const char *lockdown_path, struct doctor_finding *ret);
void doctor_privileges(const char *status_path, struct doctor_finding *ret);
void doctor_store(const struct config *config, struct doctor_finding *ret);
/* Which runtimes keep files where igrecd looks for them. */
void doctor_runtimes(const struct config *config, struct doctor_finding *ret);
void doctor_daemon(const char *socket_path, struct doctor_finding *ret);

#endif
