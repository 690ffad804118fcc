/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the tables of verbs and options say. */
#include "cli/help.h"

#include <string.h>

#include "cli/verbs.h"
#include "common/log.h"
#include "view/view.h"

static void print_options(FILE *out, const struct option_spec *specs)
{
	for (; specs->name; specs++) {
		char text[64];

		snprintf(text, sizeof(text), "%s%s%s", specs->name, specs->value ? " " : "",
			 specs->value ? specs->value : "");
		if (specs->letter)
			fprintf(out, "  -%c, --%-22s %s\n", specs->letter, text, specs->help);
		else
			fprintf(out, "      --%-22s %s\n", text, specs->help);
	}
}

static void print_verb(FILE *out, const struct verb *verb)
{
	bool has_options = verb->options[0].name;

	fprintf(out, "Usage: igrec %s%s%s%s\n\n%s\n", verb->name, has_options ? " [OPTIONS]" : "",
		verb->arguments[0] ? " " : "", verb->arguments, verb->help);
	if (has_options) {
		fputs("\nOptions:\n", out);
		print_options(out, verb->options);
	}
	if (strstr(verb->arguments, "KIND")) {
		fputs("\nKIND is one of these:\n", out);
		for (size_t i = 0; views[i]; i++)
			fprintf(out, "  %-10s %s\n", views[i]->name, views[i]->help);
	}
	if (strstr(verb->arguments, "TARGET"))
		fputs("\nTARGET is a dump file, the first digits of a dump's id, a container's or "
		      "pod's name,\nthe first digits of a container's id, or "
		      "namespace/pod[/container].\nThe newest dump that matches is taken.\n",
		      out);
}

static void print_overview(FILE *out)
{
	fputs("igrec rewinds the last syscalls of containers that failed.\n\n"
	      "Usage: igrec [OPTIONS] VERB [OPTIONS] [ARGUMENTS]\n\nVerbs:\n",
	      out);
	for (const struct verb *verb = verbs; verb->name; verb++)
		fprintf(out, "  %-10s %s\n", verb->name, verb->help);
	fputs("\nOptions of all verbs:\n", out);
	print_options(out, options_global);
	fputs("\nExit status: 0 done, 1 failed, 2 usage, 3 nothing matched, 4 done but the data is "
	      "incomplete.\n\"igrec help VERB\" tells more; igrec(1) tells all.\n",
	      out);
}

void help_print(FILE *out, const char *verb)
{
	if (verb && verb_find(verb))
		print_verb(out, verb_find(verb));
	else
		print_overview(out);
}

void help_print_version(FILE *out)
{
	fputs("igrec " IGREC_VERSION "\n", out);
}

enum cli_status help_run(struct cli *cli, int argc, char **argv)
{
	struct option_scan scan;
	char **args;
	int end, count;

	options_begin(&scan, cli, "help", verb_find("help")->options, argc, argv);
	end = options_next(&scan);
	if (end != OPTIONS_END)
		return options_status(end);
	count = options_args(&scan, 0, 1, &args);
	if (count < 0)
		return CLI_USAGE;
	if (count && !verb_find(args[0])) {
		log_error("help: there is no verb \"%s\": run \"igrec help\"", args[0]);
		return CLI_USAGE;
	}
	help_print(stdout, count ? args[0] : NULL);
	return cli_finish(stdout, CLI_DONE);
}

enum cli_status version_run(struct cli *cli, int argc, char **argv)
{
	struct option_scan scan;
	char **args;
	int end;

	options_begin(&scan, cli, "version", verb_find("version")->options, argc, argv);
	end = options_next(&scan);
	if (end != OPTIONS_END)
		return options_status(end);
	if (options_args(&scan, 0, 0, &args) < 0)
		return CLI_USAGE;
	help_print_version(stdout);
	return cli_finish(stdout, CLI_DONE);
}

static void print_words(const struct option_spec *specs)
{
	for (; specs->name; specs++)
		printf(" --%s", specs->name);
}

enum cli_status completion_run(struct cli *cli, int argc, char **argv)
{
	struct option_scan scan;
	char **args;
	int end;

	options_begin(&scan, cli, "completion", verb_find("completion")->options, argc, argv);
	end = options_next(&scan);
	if (end != OPTIONS_END)
		return options_status(end);
	if (options_args(&scan, 1, 1, &args) < 0)
		return CLI_USAGE;
	if (strcmp(args[0], "bash") != 0) {
		log_error("completion: no script for \"%s\": only bash is there", args[0]);
		return CLI_USAGE;
	}
	fputs("_igrec() {\n\tlocal words verb=${COMP_WORDS[1]}\n\tcase $verb in\n", stdout);
	for (const struct verb *verb = verbs; verb->name; verb++) {
		printf("\t%s) words=\"", verb->name);
		print_words(verb->options);
		print_words(options_global);
		puts("\" ;;");
	}
	fputs("\tesac\n\t[ \"$COMP_CWORD\" -eq 1 ] && words=\"", stdout);
	for (const struct verb *verb = verbs; verb->name; verb++)
		printf("%s ", verb->name);
	fputs("\"\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
	      "complete -o default -F _igrec igrec\n",
	      stdout);
	return cli_finish(stdout, CLI_DONE);
}
