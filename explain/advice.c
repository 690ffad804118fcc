/* SPDX-License-Identifier: Apache-2.0 */
/* A table of words, as of says_words(), and next steps.  More special rows come first. */
#include "explain/advice.h"

#include "common/cleanup.h"
#include "explain/says.h"

static const struct {
	const char *words, *next;
} rows[] = {
	{"certificate*|ssl routines|ssl:|openssl|tls*",
	 "compare the certificate's names, dates, issuer and key with what is trusted and asked "
	 "for "
	 "(openssl x509 -text), and whether both sides speak TLS"},
	{"password*|authentication fail*|authentication required|wrongpass|noauth|access denied|"
	 "credential*|unauthorized|not authorized",
	 "compare user and password with the peer's: the Secret, and the variable or file that "
	 "brings it"},
	{"unknown option*|unknown flag*|unknown long flag*|unrecognized option*|invalid option*|"
	 "bad option*|illegal option*|unknown argument*|unexpected argument*|usage:",
	 "compare command and args of the container with the manual of the version in the image"},
	{"environment variable*|not set|unset|unbound variable*|parameter null|must be set",
	 "look whether the container gets the variable that the message names: env and envFrom"},
	{"version*|incompatible*|this is only",
	 "compare the versions of the program, of what it uses and of the data that it finds"},
	{"operation not permitted|must be root|as root|superuser*",
	 "look at the user and the capabilities that the container runs with"},
};

const char *advice_on(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (says_words(text, rows[i].words))
			return rows[i].next;
	}
	return "the message is the program's own: look it up in its documentation or source";
}
