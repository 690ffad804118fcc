/* SPDX-License-Identifier: Apache-2.0 */
/* Words in messages.  The tables are short lists of what real programs write. */
#include "explain/says.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "decode/names.h"

/* ---- errnos ---------------------------------------------------------------------------------- */

/* What is said of an errno besides strerror's words; lower case, "|" between. */
static const struct {
	int error;
	const char *phrases;
} others[] = {
	{ENOENT, "not found|cannot find|can't find|could not find|couldn't find|does not exist|"
		 "doesn't exist|missing|cannot access|no such|unable to find|not exist"},
	{EACCES, "permission|access denied|not writable|not readable|not accessible|denied|"
		 "as root|privilege"},
	{EPERM, "permission|not permitted|not allowed|denied|as root|be root|privilege"},
	{EADDRINUSE, "in use"},
	{EADDRNOTAVAIL, "assign requested address|address not available"},
	{ECONNREFUSED, "refused|could not connect|can't connect|cannot connect|failed to connect|"
		       "couldn't connect|unable to connect"},
	{ETIMEDOUT, "timed out|timeout|time out|timedout"},
	{EHOSTUNREACH, "unreachable|no route"},
	{ENETUNREACH, "unreachable|no route"},
	{ECONNRESET, "reset by peer|connection reset|econnreset"},
	{ENOSPC, "no space|disk full|disk is full|device full"},
	{EDQUOT, "quota"},
	{EROFS, "read-only|read only|readonly"},
	{EMFILE, "too many open files|file descriptor"},
	{ENFILE, "too many open files"},
	{ENOMEM,
	 "out of memory|cannot allocate|can't allocate|could not allocate|memory exhausted|"
	 "memory allocation|not enough memory|not enough space|insufficient memory|"
	 "memoryerror|failed to allocate|allocation failed|not enough core|could not reserve"},
	{EAGAIN, "temporarily unavailable|try again|would block|locked|already running|"
		 "can't start new thread|cannot create|can't create|cannot fork|unable to create|"
		 "lock|threaderror|failed to start thread|fork"},
	{EISDIR, "is a directory"},
	{ENOTDIR, "not a directory"},
	{EEXIST, "exists|already"},
	{ENOEXEC, "exec format|cannot execute|not executable"},
	{EPIPE, "broken pipe"},
	{ENOTEMPTY, "not empty"},
	{EBUSY, "busy"},
	{EFBIG, "too large|size limit"},
	{ENOSYS, "not implemented|not supported|unsupported"},
	{EOPNOTSUPP, "not supported|unsupported"},
	{EINVAL, "invalid"},
	{ELOOP, "symbolic links"},
	{ENAMETOOLONG, "too long"},
	{ETXTBSY, "busy"},
	{ENODEV, "no such device"},
	{ENXIO, "no such device"},
	{EIO, "i/o error|input/output"},
	{ESTALE, "stale"},
	{ENOTCONN, "not connected"},
};

static bool has_one_of(const char *text, const char *phrases)
{
	char phrase[64];

	while (*phrases) {
		size_t bytes = strcspn(phrases, "|");

		if (bytes < sizeof(phrase)) {
			memcpy(phrase, phrases, bytes);
			phrase[bytes] = '\0';
			if (strcasestr(text, phrase))
				return true;
		}
		phrases += bytes + (phrases[bytes] == '|');
	}
	return false;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool says_word(const char *text, const char *word)
{
	size_t bytes = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		bool begins = at == text || !is_word_char(at[-1]) || !is_word_char(word[0]);

		if (begins && (!is_word_char(at[bytes]) || !is_word_char(word[bytes - 1])))
			return true;
	}
	return false;
}

/* "Errno 2", "(2:", "error 2", "errno: 2", "code 2": a bare number says nothing. */
static bool says_number(const char *text, int error)
{
	static const char *const forms[] = {"errno %d",	       "errno: %d",   "errno=%d",
					    "os error %d",     "(%d: ",	      "error %d:",
					    "error number %d", "errcode: %d", "code: %d)"};
	char form[32];

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *at;
		size_t bytes = (size_t)snprintf(form, sizeof(form), forms[i], error);

		at = strcasestr(text, form);
		if (at && !isdigit((unsigned char)at[bytes]))
			return true;
	}
	return false;
}

bool says_errno_exactly(const char *text, int error)
{
	const char *words = errno_text(error), *name = errno_name(error);

	if (words[0] && strcasestr(text, words))
		return true;
	/* The two are told as each other. */
	if ((error == EPERM || error == EACCES) &&
	    (strcasestr(text, "permission denied") || strcasestr(text, "operation not permitted")))
		return true;
	return (name && says_word(text, name)) || says_number(text, error);
}

bool says_errno(const char *text, int error)
{
	if (says_errno_exactly(text, error))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].error == error)
			return has_one_of(text, others[i].phrases);
	}
	return false;
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool says_path(const char *text, const char *path)
{
	const char *base = strrchr(path, '/');

	if (strlen(path) > 1 && says_word(text, path))
		return true;
	base = base ? base + 1 : path;
	return strlen(base) >= 3 && says_word(text, base);
}

static bool is_any_address(const char *host, size_t bytes)
{
	static const char *const any[] = {"0.0.0.0", "[::]", "127.0.0.1", "[::1]"};

	for (size_t i = 0; i < ARRAY_SIZE(any); i++) {
		if (strlen(any[i]) == bytes && !memcmp(any[i], host, bytes))
			return true;
	}
	return false;
}

/* HOST:PORT, the host in brackets if it is IPv6. */
static bool says_address(const char *text, const char *address)
{
	const char *port = strrchr(address, ':');
	char host[64];
	size_t bytes = (size_t)(port - address);

	if (says_word(text, address))
		return true;
	if (says_word(text, port + 1) && strlen(port + 1) >= 2)
		return true;
	if (bytes >= sizeof(host) || is_any_address(address, bytes))
		return false;
	if (address[0] == '[' && bytes > 2)
		snprintf(host, sizeof(host), "%.*s", (int)bytes - 2, address + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)bytes, address);
	return host[0] && says_word(text, host);
}

bool says_object(const char *text, const char *object)
{
	const char *colon = strrchr(object, ':');

	if (!object[0])
		return false;
	if (object[0] != '/' && colon && isdigit((unsigned char)colon[1]))
		return says_address(text, object);
	return says_path(text, object);
}

bool says_library(const char *text, const char *object)
{
	return strstr(object, ".so") &&
	       (strcasestr(text, "shared librar") || strcasestr(text, "shared object"));
}

/* ---- tone ------------------------------------------------------------------------------------ */

/* In the order in which they count. "[warn]" before "failed": what is only warned of. */
static const struct {
	enum tone tone;
	const char *words;
} tones[] = {
	{TONE_FATAL, "fatal|panic|emerg|exception in thread|abort|assert|uncaught|"
		     "unhandled|terminate called|segmentation|alert|critical|segfault"},
	{TONE_WARNING, "warn|notice:|[notice]|deprecat|ignoring|[info]|debug|info:|note:|[note]"},
	{TONE_ERROR, "error|cannot|can't|could not|couldn't|failed|failure|unable|invalid|"
		     "no such|not found|denied|refused|illegal|unknown|unexpected|bad |missing|"
		     "exception|unrecognized|not permitted|timed out|usage:|mismatch|expected|"
		     "already|does not|must |syntax|too many|unsupported|wrong|corrupt|not a |"
		     "undefined|unreachable|required|exceeded|broken|lost|[err]|not allowed"},
};

enum tone says_tone(const char *text, size_t bytes)
{
	char line[512];

	bytes = bytes < sizeof(line) - 1 ? bytes : sizeof(line) - 1;
	memcpy(line, text, bytes);
	line[bytes] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(tones); i++) {
		if (has_one_of(line, tones[i].words))
			return tones[i].tone;
	}
	return TONE_PLAIN;
}
