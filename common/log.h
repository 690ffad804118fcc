/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for people on stderr, one per event, each "PROGRAM: [LEVEL: ]text". Used by recorder/ and
 * cli/ only: library stages return errors. Under systemd the level travels as "<N>" (sd-daemon(3)).
 * Control characters in a line are escaped, whoever they came from.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* program: static text. Before the first call: "igrec", up to INFO. */
void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
