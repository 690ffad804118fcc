/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging to stderr. A line is made in one bounded buffer and leaves in one write, so lines of
 * worker threads do not mix; what does not fit is cut.
 */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/escape.h"

static const struct {
	const char *prefix; /* after the program's name */
	int priority;	    /* syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"", 3},
	[LOG_LEVEL_WARNING] = {"warning: ", 4},
	[LOG_LEVEL_INFO] = {"", 6},
	[LOG_LEVEL_DEBUG] = {"debug: ", 7},
};

static const char *log_program = "igrec";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_to_journal;

/* JOURNAL_STREAM is "device:inode" of the journal's socket, systemd.exec(5). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char here[64];

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(here, stream);
}

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_max = level;
	log_to_journal = stderr_is_journal();
}

void log_set_level(enum log_level level)
{
	log_max = level;
}

/* Copies text, harmful characters as \xNN; stops where the room ends. Returns bytes written. */
static size_t escape_line(char *out, size_t room, const char *text)
{
	size_t bytes = strlen(text);
	size_t used = 0;

	for (size_t i = 0; i < bytes && used + 6 < room;) {
		unsigned code_point;
		size_t length = utf8_decode(text + i, bytes - i, &code_point);

		if (length && utf8_harmless(code_point)) {
			memcpy(out + used, text + i, length);
			used += length;
			i += length;
		} else {
			used += (size_t)snprintf(out + used, room - used, "\\x%02x",
						 (unsigned char)text[i++]);
		}
	}
	return used;
}

static void log_line(enum log_level level, const char *format, va_list args)
{
	char text[2048], line[2560];
	size_t used = 0;
	int saved = errno;

	if (level > log_max)
		return;
	vsnprintf(text, sizeof(text), format, args);
	if (log_to_journal)
		used = (size_t)snprintf(line, sizeof(line), "<%d>", levels[level].priority);
	used += (size_t)snprintf(line + used, sizeof(line) - used, "%s: %s", log_program,
				 levels[level].prefix);
	used += escape_line(line + used, sizeof(line) - used, text);
	line[used++] = '\n';
	while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR)
		;
	errno = saved;
}

#define DEFINE_LOG(name, level)                                                                    \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		log_line(level, format, args);                                                     \
		va_end(args);                                                                      \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
