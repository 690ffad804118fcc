/* SPDX-License-Identifier: Apache-2.0 */
/* Words in messages.  The tables are short lists of what real programs write. */
#include "explain/says.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "decode/names.h"

#define SHORT_WORD 5 /* letters of one that is said of many things */

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

bool says_one_of(const char *text, const char *phrases)
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

static bool is_letter(char c)
{
	return isalnum((unsigned char)c);
}

/* "BadCertificate" has a word that begins with the capital. */
static bool begins_word(const char *text, const char *at)
{
	return at == text || !is_letter(at[-1]) ||
	       (islower((unsigned char)at[-1]) && isupper((unsigned char)at[0]));
}

bool says_words(const char *text, const char *phrases)
{
	while (*phrases) {
		char phrase[64];
		size_t bytes = strcspn(phrases, "|*");
		bool is_stem = phrases[bytes] == '*';

		snprintf(phrase, sizeof(phrase), "%.*s", (int)bytes, phrases);
		for (const char *at = strcasestr(text, phrase); at;
		     at = strcasestr(at + 1, phrase)) {
			if (begins_word(text, at) &&
			    (is_stem || !is_letter(at[bytes - 1]) || !is_letter(at[bytes])))
				return true;
		}
		phrases += bytes + is_stem;
		phrases += *phrases == '|';
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
	/* "no such host" is said of a name, not of a file. */
	if (error == ENOENT && says_unresolved(text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].error == error)
			return says_one_of(text, others[i].phrases);
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

bool says_object_by_chance(const char *text, const char *object)
{
	const char *base = strrchr(object, '/');

	if (!base || strpbrk(base + 1, ".-_0123456789") || strlen(base + 1) > SHORT_WORD)
		return false;
	return !says_word(text, object);
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

bool says_position(const char *text, const char *path)
{
	static const char *const marks[] = {"line ", "line: ", "line=", "lineno "};
	const char *base = strrchr(path, '/'), *at = strstr(text, base ? base + 1 : path);
	size_t bytes = strlen(base ? base + 1 : path);

	if (at && (at[bytes] == ':' || at[bytes] == '(') && isdigit((unsigned char)at[bytes + 1]))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		at = strcasestr(text, marks[i]);
		if (at && isdigit((unsigned char)at[strlen(marks[i])]))
			return true;
	}
	return false;
}

bool says_place_of_source(const char *text)
{
	size_t bytes = strcspn(text, " \t\n"), digits = 0;
	const char *next = text + bytes + 1, *slash = strchr(text, '/'), *url = strstr(text, "://");

	while (digits < bytes && isdigit((unsigned char)text[bytes - 1 - digits]))
		digits++;
	if (text[bytes] != '\n' || !digits || digits + 1 >= bytes ||
	    text[bytes - 1 - digits] != ':' || !slash || slash >= text + bytes ||
	    (url && url < text + bytes))
		return false;
	/* The line of source. */
	return next[strspn(next, " \t\r")] != '\n' && next[strspn(next, " \t\r")];
}

/* ---- names and acts -------------------------------------------------------------------------- */

/* What resolvers and programs say when a name leads nowhere. */
static const char unresolved[] =
	"name or service not known|name resolution|could not resolve|cannot resolve|"
	"couldn't resolve|can't resolve|failed to resolve|unable to resolve|not resolve|"
	"host not found|getaddrinfo|gaierror|no such host|enotfound|eai_again|unknown host|"
	"unknownhost|no address associated|nodename nor servname|could not translate|"
	"could not be resolved|host lookup|: lookup |dns lookup|resolve address";

bool says_unresolved(const char *text)
{
	return says_one_of(text, unresolved);
}

static const char *const act_words[ACT_KINDS] = {
	[ACT_OPEN] = "open|read|writ|load|creat|output",
	[ACT_CONNECT] = "connect|reach|contact",
	[ACT_OPTION] = "connect|reach|contact",
	[ACT_BIND] = "listen|bind|socket|port ",
	[ACT_LISTEN] = "listen|socket",
	[ACT_FORK] = "fork|thread|process|spawn|worker",
	[ACT_LOCK] = "lock|already|another|instance",
	[ACT_MEMORY] = "memory|alloc",
	[ACT_WRITE] = "write|writing|save|flush|dump",
	[ACT_SYNC] = "sync|flush|write",
	[ACT_ALLOCATE] = "alloc|extend|resize|truncate",
	[ACT_PRIVILEGE] = "privilege|user|group|mount|capabilit|namespace|chroot",
	[ACT_SOCKET] = "socket",
};

bool says_act(const char *text, enum act_kind kind)
{
	return act_words[kind] && says_one_of(text, act_words[kind]);
}

bool says_library(const char *text, const char *object)
{
	return strstr(object, ".so") &&
	       (strcasestr(text, "shared librar") || strcasestr(text, "shared object"));
}

/* ---- tone ------------------------------------------------------------------------------------ */

/* That it ends, or where more is told: whatever else the line says. */
static const char closing[] =
	"begin failed|game over|error(s) found|errors found|errors in config|"
	"config file. maybe|read config file|[help |re-run |stack trace|stack backtrace|"
	"verify the legitimacy|rerun with|above exception|program will exit|"
	"java virtual machine.|] error 1|] error 2|some errors were|maybe try|try to fix";
/* The same, if the line does not say why: how bad it is, is no reason. */
static const char ending[] =
	"aborting|exiting|shutting down|more details|more information|for details";
static const char levels[] = "fatal|error|critical|emerg|alert";

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

static enum tone tone_of_words(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(tones); i++) {
		if (says_one_of(line, tones[i].words))
			return tones[i].tone;
	}
	return TONE_PLAIN;
}

/* Puts spaces in the place of the phrases. Whether there was one. */
static bool blank(char *line, const char *phrases)
{
	bool found = false;

	while (*phrases) {
		char phrase[64];
		size_t bytes = strcspn(phrases, "|");

		snprintf(phrase, sizeof(phrase), "%.*s", (int)bytes, phrases);
		for (char *at = strcasestr(line, phrase); at; at = strcasestr(at, phrase)) {
			memset(at, ' ', bytes);
			found = true;
		}
		phrases += bytes + (phrases[bytes] == '|');
	}
	return found;
}

static enum tone tone_of_line(const char *text, size_t bytes)
{
	char line[512], rest[512];

	bytes = bytes < sizeof(line) - 1 ? bytes : sizeof(line) - 1;
	memcpy(line, text, bytes);
	line[bytes] = '\0';
	if (says_one_of(line, closing))
		return TONE_CLOSING;
	if (blank(line, ending)) {
		memcpy(rest, line, sizeof(rest));
		blank(rest, levels);
		if (tone_of_words(rest) <= TONE_WARNING)
			return TONE_CLOSING;
	}
	return tone_of_words(line);
}

static bool is_quotation(const char *line, size_t bytes)
{
	return bytes && (line[0] == '\t' || (line[0] == ' ' && bytes > 1 && line[1] == ' '));
}

enum tone says_tone(const char *text, size_t bytes)
{
	enum tone best = TONE_PLAIN;

	for (size_t at = 0; at < bytes;) {
		const char *end = memchr(text + at, '\n', bytes - at);
		size_t line_bytes = end ? (size_t)(end - text) - at : bytes - at;
		enum tone tone = tone_of_line(text + at, line_bytes);

		if (tone > best && !is_quotation(text + at, line_bytes))
			best = tone;
		at += line_bytes + 1;
	}
	return best;
}
