/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration is read only when a verb needs it: a dump file replays on a laptop whatever
 * is in /etc.
 */
#include "cli/cli.h"

#include <errno.h>

#include "common/cleanup.h"
#include "common/log.h"

static enum cli_status override(struct cli *cli, const char *option, const char *key,
				const char *value)
{
	struct config_error error;

	if (!value || !config_set(&cli->config, option, "igrecd", key, value, &error))
		return CLI_DONE;
	log_error("%s", error.text);
	return CLI_FAILED;
}

/* A relative --store is taken from the working directory; the file's settings are absolute. */
static enum cli_status override_path(struct cli *cli, const char *option, const char *key,
				     const char *path)
{
	AUTO_FREE char *absolute = NULL;
	AUTO_FREE char *here = NULL;

	if (!path || path[0] == '/' || !path[0])
		return override(cli, option, key, path);
	here = getcwd(NULL, 0);
	if (!here || asprintf(&absolute, "%s/%s", here, path) < 0) {
		log_error("%s: %s: %s", option, path, strerror(errno));
		return CLI_FAILED;
	}
	return override(cli, option, key, absolute);
}

enum cli_status cli_override_config(struct cli *cli)
{
	if (override_path(cli, "--store", "store", cli->store_path) ||
	    override_path(cli, "--socket", "socket", cli->socket_path))
		return CLI_FAILED;
	cli->config_loaded = true;
	return CLI_DONE;
}

enum cli_status cli_load_config(struct cli *cli)
{
	struct config_error error;

	if (cli->config_loaded)
		return CLI_DONE;
	config_init(&cli->config);
	if (config_load(&cli->config, cli->config_path, &error)) {
		log_error("%s", error.text);
		return CLI_FAILED;
	}
	return cli_override_config(cli);
}

static enum cli_status open_store(struct cli *cli, struct store **ret)
{
	const char *path = cli->config.store;
	int err;

	if (cli_load_config(cli))
		return CLI_FAILED;
	err = store_open(path, false, ret);
	if (!err)
		return CLI_DONE;
	if (err == -ENOENT)
		log_error("no store at %s: start igrecd, or name another with --store DIR", path);
	else if (err == -EACCES || err == -EPERM)
		log_error("cannot read the store %s: run as root or as a member of its group",
			  path);
	else
		log_error("cannot open the store %s: %s", path, strerror(-err));
	return CLI_FAILED;
}

enum cli_status cli_list_store(struct cli *cli, struct store **ret, struct store_list *ret_list)
{
	AUTO_STORE struct store *store = NULL;
	int err;

	if (open_store(cli, &store))
		return CLI_FAILED;
	err = store_list(store, ret_list);
	if (err) {
		log_error("cannot read the store %s: %s", store_path(store), strerror(-err));
		return CLI_FAILED;
	}
	*ret = TAKE_PTR(store);
	return CLI_DONE;
}

enum cli_status cli_finish(FILE *out, enum cli_status status)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return status;
	if (!errno) {
		/* It failed before, and why is no longer known: what is lost anyway tells it. */
		clearerr(out);
		putc('\n', out);
		fflush(out);
	}
	log_error("cannot write the output: %s", strerror(errno ? errno : EIO));
	return CLI_FAILED;
}
