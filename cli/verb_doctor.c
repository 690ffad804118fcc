/* SPDX-License-Identifier: Apache-2.0 */
/* igrec doctor: all checks, one line each. */
#include "cli/client.h"
#include "cli/doctor.h"
#include "cli/dumps.h"
#include "cli/verbs.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"
#include "common/log.h"

enum { DOCTOR_JSON };

const struct option_spec doctor_options[] = {
	[DOCTOR_JSON] = {"json", 0, NULL, "one JSON object per check"},
	{0},
};

struct report {
	bool json;
	enum doctor_state worst;
	enum cli_status status;
};

static void report(struct report *report, const struct doctor_finding *finding)
{
	struct buf text = {0};
	struct json *object;

	if (finding->state > report->worst)
		report->worst = finding->state;
	if (report->json) {
		object = json_new_object();
		json_add_int(object, "schema", 1);
		json_add_text(object, "check", finding->name);
		json_add_text(object, "state", doctor_state_name(finding->state));
		json_add_text(object, "text", finding->text);
		if (dumps_put_json(object, stdout))
			report->status = CLI_FAILED;
		return;
	}
	escape_name_text(&text, finding->text);
	printf("%-4s  %-12s %s\n", doctor_state_name(finding->state), finding->name,
	       buf_text(&text) ? buf_text(&text) : "");
	buf_done(&text);
}

/* {"type":"feature","name":NAME,"active":BOOL,"text":TEXT} */
static enum cli_status take_feature(const struct json *object, void *user)
{
	const char *name = json_get_text(object, "name");
	const char *text = json_get_text(object, "text");
	struct doctor_finding finding = {
		.state = json_get_bool(object, "active") ? DOCTOR_OK : DOCTOR_WARN,
		.name = "feature",
	};

	snprintf(finding.text, sizeof(finding.text), "%s%s%s", name ? name : "?",
		 text && text[0] ? ": " : "", text ? text : "");
	report(user, &finding);
	return CLI_DONE;
}

static void check_config(struct cli *cli, struct report *to)
{
	struct doctor_finding finding = {.state = DOCTOR_OK, .name = "configuration"};
	struct config_error error = {0};
	const char *path = cli->config_path ? cli->config_path : CONFIG_DEFAULT_PATH;
	int err;

	config_init(&cli->config);
	err = config_load(&cli->config, cli->config_path, &error);
	if (!err)
		err = config_check(&cli->config, &error);
	if (err) {
		finding.state = DOCTOR_FAIL;
		snprintf(finding.text, sizeof(finding.text), "%s", error.text);
	} else if (access(path, F_OK) < 0) {
		snprintf(finding.text, sizeof(finding.text), "defaults: there is no %s", path);
	} else {
		snprintf(finding.text, sizeof(finding.text), "%s", path);
	}
	report(to, &finding);
	if (err)
		config_init(&cli->config);
}

static void check_machine(struct report *to)
{
	struct doctor_finding finding;

	doctor_kernel(&finding);
	report(to, &finding);
	doctor_btf("/sys/kernel/btf/vmlinux", &finding);
	report(to, &finding);
	doctor_cgroups("/proc/self/mountinfo", &finding);
	report(to, &finding);
	doctor_lockdown("/sys/kernel/security/lockdown", &finding);
	report(to, &finding);
	doctor_privileges("/proc/self/status", &finding);
	report(to, &finding);
}

static void check_configured(struct cli *cli, struct report *to)
{
	struct doctor_finding finding;

	doctor_bpffs(cli->config.bpffs, &finding);
	report(to, &finding);
	doctor_store(&cli->config, &finding);
	report(to, &finding);
	doctor_runtimes(&cli->config, &finding);
	report(to, &finding);
	doctor_daemon(cli->config.socket, &finding);
	report(to, &finding);
	if (finding.state == DOCTOR_OK && client_request(cli, "doctor", NULL, take_feature, to))
		to->worst = DOCTOR_FAIL;
}

enum cli_status doctor_run(struct cli *cli, int argc, char **argv)
{
	struct report to = {0};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "doctor", doctor_options, argc, argv);
	while ((option = options_next(&scan)) >= 0)
		to.json = true;
	if (option != OPTIONS_END)
		return options_status(option);
	if (options_args(&scan, 0, 0, &args) < 0)
		return CLI_USAGE;
	check_config(cli, &to);
	if (cli_override_config(cli))
		return CLI_FAILED;
	check_machine(&to);
	check_configured(cli, &to);
	if (to.worst == DOCTOR_FAIL) {
		fflush(stdout);
		log_error("recording cannot work here as it is: see the lines marked fail");
		return CLI_FAILED;
	}
	return cli_finish(stdout, to.status);
}
