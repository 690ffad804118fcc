/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options whose letter means a password with one program and anything with another.  They count
 * behind the program's name in the same command line: `sudo mysql -psecret` is found, too.
 */
#include <fnmatch.h>
#include <string.h>

#include "common/cleanup.h"
#include "dumper/secret.h"

#define PROGRAM_BYTES 32

enum how {
	ATTACHED = 1 << 0, /* -pSECRET */
	SEPARATE = 1 << 1, /* -p SECRET */
	EITHER = ATTACHED | SEPARATE,
	ONCE = 1 << 2, /* what follows is another program's command line */
};

static const struct option_row {
	const char *program, *option;
	unsigned how;
	char behind; /* the secret begins behind the first of these; 0: at once */
} rows[] = {
	{"mysql*", "-p", ATTACHED, 0},
	{"mariadb*", "-p", ATTACHED, 0},
	{"sshpass", "-p", EITHER | ONCE, 0},
	{"redis-cli", "-a", SEPARATE, 0},
	{"curl", "-u", EITHER, ':'},
	{"curl", "--user", SEPARATE, ':'},
	{"curl", "-U", EITHER, ':'},
	{"curl", "--proxy-user", SEPARATE, ':'},
	{"mongo*", "-p", SEPARATE, 0},
	{"ldap*", "-w", EITHER, 0},
	{"smbclient", "-U", EITHER, '%'},
	{"lftp", "-u", EITHER, ','},
	{"docker", "-p", SEPARATE, 0},
	{"podman", "-p", SEPARATE, 0},
	{"nerdctl", "-p", SEPARATE, 0},
	{"buildah", "-p", SEPARATE, 0},
	{"skopeo", "-p", SEPARATE, 0},
	{"helm", "-p", SEPARATE, 0},
	{"zip", "-P", EITHER, 0},
	{"unzip", "-P", EITHER, 0},
	{"7z*", "-p", ATTACHED, 0},
	{"ipmitool", "-P", EITHER, 0},
	{"sqlcmd", "-P", EITHER, 0},
	{"bcp", "-P", EITHER, 0},
	{"mosquitto_*", "-P", SEPARATE, 0},
	{"snmp*", "-A", SEPARATE, 0},
	{"snmp*", "-X", SEPARATE, 0},
	{"openssl", "-k", SEPARATE, 0},
	{"openssl", "-pass", SEPARATE, ':'},
};

struct string {
	const unsigned char *data;
	size_t begin, bytes; /* in the text, without the NUL */
};

static struct string string_at(const struct secret_text *text, size_t at)
{
	const unsigned char *data = text->data + at;
	const unsigned char *nul = memchr(data, '\0', text->bytes - at);

	return (struct string){data, at, nul ? (size_t)(nul - data) : text->bytes - at};
}

/* The last part of the string's path goes to *program if it is one of the table. */
static void look_for_program(const struct string *string, char program[PROGRAM_BYTES])
{
	const unsigned char *slash = memrchr(string->data, '/', string->bytes);
	const unsigned char *begin = slash ? slash + 1 : string->data;
	size_t bytes = string->bytes - (size_t)(begin - string->data);
	char name[PROGRAM_BYTES];

	if (!bytes || bytes >= sizeof(name))
		return;
	memcpy(name, begin, bytes);
	name[bytes] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].program[0] == name[0] && !fnmatch(rows[i].program, name, 0))
			memcpy(program, name, bytes + 1);
}

static void cover_from(const struct option_row *row, const struct string *value, size_t skip,
		       secret_cover_fn cover, void *context)
{
	const unsigned char *begin = value->data + skip;
	size_t bytes = value->bytes - skip;

	if (row->behind && bytes) {
		const unsigned char *mark = memchr(begin, row->behind, bytes);

		if (!mark)
			return;
		bytes -= (size_t)(mark + 1 - begin);
		begin = mark + 1;
	}
	if (bytes) {
		size_t at = value->begin + (size_t)(begin - value->data);

		cover(context, (struct secret_span){at, at + bytes});
	}
}

/* One option of the program. Whether the next string was its value. */
static bool read_option(char *program, const struct string *option, const struct string *next,
			secret_cover_fn cover, void *context)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *row = &rows[i];
		size_t bytes = strlen(row->option);

		if (option->bytes < bytes || memcmp(option->data, row->option, bytes) != 0 ||
		    fnmatch(row->program, program, 0) != 0)
			continue;
		if (row->how & ONCE)
			program[0] = '\0';
		if (option->bytes > bytes && row->how & ATTACHED) {
			cover_from(row, option, bytes, cover, context);
			return false;
		}
		if (option->bytes == bytes && row->how & SEPARATE && next->bytes) {
			cover_from(row, next, 0, cover, context);
			return true;
		}
	}
	return false;
}

void secret_options_find(const struct secret_text *text, secret_cover_fn cover, void *context)
{
	char program[PROGRAM_BYTES] = "";
	size_t at = 0;

	while (at < text->bytes) {
		struct string string = string_at(text, at), next = {0};

		at += string.bytes + 1;
		if (at < text->bytes)
			next = string_at(text, at);
		if (!string.bytes)
			continue;
		if (string.data[0] != '-')
			look_for_program(&string, program);
		else if (program[0] && read_option(program, &string, &next, cover, context))
			at += next.bytes + 1;
	}
}
