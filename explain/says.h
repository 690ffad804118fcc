/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message says: an errno in words, by name or by number; the object of a call; that
 * something is an error, or only a warning.  Programs say the same thing in many ways.
 */
#ifndef EXPLAIN_SAYS_H
#define EXPLAIN_SAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/act.h"

/* One of the phrases, "|" between them, in whatever case. */
bool says_one_of(const char *text, const char *phrases);
/* The same, of whole words; of a phrase with "*" behind, only the beginning is one. */
bool says_words(const char *text, const char *phrases);
/* "No such file or directory", "ENOENT", "[Errno 2]", "not found". */
bool says_errno(const char *text, int error);
/*
 * The same, but only words that the C library, the language's runtime or the number give, not what
 * might be said of anything ("not found", "failed to connect").
 */
bool says_errno_exactly(const char *text, int error);

/* A path whole or its last component; an address whole, its host with the port, or either. */
bool says_object(const char *text, const char *object);
/* Whether only the last component of a path is said, and that is a word like any: "host", "data".
 */
bool says_object_by_chance(const char *text, const char *object);
/* That a name could not be resolved. */
bool says_unresolved(const char *text);
/* What a program says that could not do such a thing: "listen" of a bind, "connection", "lock". */
bool says_act(const char *text, enum act_kind kind);
/* A place in a file: "FILE:12", "line 12". */
bool says_position(const char *text, const char *path);
/* It begins as runtimes tell of an exception, with a place in a source, which follows:
 * "/srv/app.js:12". */
bool says_place_of_source(const char *text);
/* That a shared library could not be loaded, and the object is one. */
bool says_library(const char *text, const char *object);
/* As it stands, and not as a part of a longer word. */
bool says_word(const char *text, const char *word);

enum tone {
	TONE_PLAIN,
	TONE_WARNING, /* "warning", "notice": the program means to go on */
	TONE_CLOSING, /* "aborting", "for details see": that it ends, not why */
	TONE_ERROR,   /* "error", "cannot", "failed", ... */
	TONE_FATAL,   /* "fatal", "panic", "emerg", "abort", "Traceback", ... */
};
/* Of lines, the strongest. What is indented is a quotation: source text, frames of a stack. */
enum tone says_tone(const char *text, size_t bytes);

#endif
