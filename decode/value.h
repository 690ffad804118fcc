/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments, struct members and results as typed values.  Values are what decoding ends with;
 * making text of them is the renderers' business.
 */
#ifndef DECODE_VALUE_H
#define DECODE_VALUE_H

#include "decode/event.h"
#include "decode/syscall_table.h"

struct objects;

struct value {
	enum value_type type;
	uint64_t number; /* the register or member, sign-extended if it is signed */
	bool is_signed;
	uint8_t bytes;		     /* width of the number */
	bool truncated;		     /* more was there than was captured */
	const struct field *field;   /* what it was made of */
	const struct layout *layout; /* struct: the variant that applies */
	const unsigned char *data;   /* captured bytes, addresses; borrowed from the event */
	size_t data_bytes;
	const unsigned char *tail; /* of a longer message, its last bytes; between: not captured */
	size_t tail_bytes;
	/*
	 * What a call changes in place, if the tape has both: `data` as it was before the call with
	 * `after` of the same size, or `data` as it is after it, and the beginning of it `before`.
	 */
	const unsigned char *after, *before;
	size_t before_bytes;
	uint8_t arg;	 /* whose capture `data` is, if `event` is set */
	uint8_t part;	 /* to be added to the captures of its members */
	uint64_t filled; /* iovec, struct: bytes the kernel put behind it; all ones: input */
	const struct event *event; /* arguments, and members of structs that are; borrowed */
	/* For renderers: who knows what descriptors in it refer to; NULL: nobody. */
	const struct objects *objects;
};

/*
 * What an event's arguments are: the layout of its syscall, or of the variant that the arguments
 * select (fcntl's third by its second). Numbers without a table row give a layout of as many
 * plain numbers as the record holds.
 */
const struct layout *event_layout(enum arch arch, const struct event *event);

/*
 * Argument `index` of a layout that event_layout() gave. Memory that was not captured is a
 * VALUE_POINTER, memory that could not be read VALUE_UNREADABLE.
 */
struct value event_argument(const struct event *event, const struct layout *layout, unsigned index);

/* Whether strace shows the argument for this call; optional ones depend on another. */
bool event_has_argument(const struct event *event, const struct layout *layout, unsigned index);

/* File and argv of an exec record, as VALUE_PATH and VALUE_ARGV. */
struct value exec_file(const struct event *event);
struct value exec_argv(const struct event *event);
/*
 * Of an execveat: the directory and the flags, and the file as seen from there, as the name tells
 * that the kernel made of them ("/dev/fd/3/a": 3 and "a"). False, all unchanged, for an execve.
 */
bool exec_at(enum arch arch, const struct event *event, struct value *ret_dirfd,
	     struct value *ret_file, struct value *ret_flags);
/* How many strings its environment has, as VALUE_COUNTED. False if that is not on the tape. */
bool exec_environment(const struct event *event, struct value *ret);

/* The siginfo of a signal record, as VALUE_STRUCT. False if there is none. */
bool siginfo_of(enum arch arch, const struct event *event, struct value *ret);

/* Member `index` of a struct, as layout_member(); a pointer is followed if that was captured. */
bool struct_member(const struct value *value, unsigned index, struct value *ret);

/* The variant of a struct's layout that its captured bytes select. */
const struct layout *layout_select(const struct layout *layout, const void *data, size_t bytes);

/*
 * Member `index` of the captured bytes of a struct. False if they end before it does (parts of
 * a member are not shown).
 */
bool layout_member(const struct layout *layout, unsigned index, const void *data, size_t bytes,
		   struct value *ret);

/* `bytes` bytes as a field says, whatever its offset. False if they are too few. */
bool value_at(const struct field *field, const void *data, size_t bytes, struct value *ret);

/* Elements of an array that were captured whole, and one of them. */
size_t array_elements(const struct value *array);
struct value array_element(const struct value *array, size_t index);

enum result_kind {
	RESULT_VALUE,	/* as `value` */
	RESULT_ERRNO,	/* -1 and an errno */
	RESULT_RESTART, /* ERESTARTSYS and kin: the process never saw it */
};

struct result {
	enum result_kind kind;
	int error; /* positive errno */
	struct value value;
};

struct result event_result(enum arch arch, const struct event *event);

#endif
