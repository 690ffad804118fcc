/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the arguments of a syscall, or the members of a struct, are to be read: the C form of
 * decode/'s tables.  All of it is constant data made by tools/gen_tables.py at build time;
 * docs/adding-a-syscall.md says how to add rows.
 */
#ifndef DECODE_LAYOUT_H
#define DECODE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a field means; also the type of the value that is made of it. */
enum value_type {
	VALUE_NUMBER, /* decimal, signed or not as the field says */
	VALUE_HEX,
	VALUE_MODE,	 /* permission bits: octal */
	VALUE_FILE_MODE, /* st_mode: type and permission bits */
	VALUE_POINTER,
	VALUE_FD,
	VALUE_DIRFD, /* an fd, or AT_FDCWD */
	VALUE_ID,    /* of a user or group: decimal, all ones is -1 */
	VALUE_DEVICE,
	VALUE_SIGNAL,
	VALUE_WAIT_STATUS,
	VALUE_FLAGS,	    /* a set of bits with names */
	VALUE_ENUM,	    /* one of several names */
	VALUE_TOLD_ENUM,    /* decimal, the name in a comment */
	VALUE_IOCTL,	    /* an enum whose unknown values are taken apart */
	VALUE_NOTED_FLAGS,  /* results: hex, then what it means in parentheses */
	VALUE_NOTED_ENUM,   /* the same, decimal */
	VALUE_MASK32,	    /* eight digits, hex */
	VALUE_CAPABILITIES, /* two words of a set, 12 bytes apart */
	VALUE_TICKS,	    /* of the clock that counts 100 a second */
	VALUE_TIME,	    /* seconds */
	VALUE_NOTED_TIME,   /* results: seconds, and the moment in parentheses */
	VALUE_IOPRIO,	    /* class and priority of I/O */
	VALUE_NOTED_IOPRIO, /* results: the same in parentheses */
	VALUE_TIMESTAMP,    /* seconds and a part, 16 bytes; _us: microseconds */
	VALUE_CHANGED,	    /* what the kernel put where the struct before points to: the result */
	VALUE_KERNEL_VERSION,
	VALUE_PORT,	/* 16 bits, big endian */
	VALUE_NET_LONG, /* 32 bits, big endian */
	VALUE_IPV4,
	VALUE_IPV6,
	VALUE_MAC,	   /* octets of a network device */
	VALUE_IP,	   /* IPv4 or IPv6, as many bytes as there are */
	VALUE_INTERFACE,   /* index of a network device */
	VALUE_SOCKET_PATH, /* to the end of the struct; a leading NUL makes it abstract */
	VALUE_SIGNAL_SET,
	/* The following lie in the process's memory: what is known of them was captured. */
	VALUE_STRING,
	VALUE_PATH,
	VALUE_DATA,	    /* bytes of a buffer */
	VALUE_SOCKET_DATA,  /* the same, sent or received */
	VALUE_HEX_DATA,	    /* bytes that are no text */
	VALUE_XATTR,	    /* bytes, without the NUL of a string */
	VALUE_OPTION,	    /* of a socket: an int, or bytes */
	VALUE_OFFSET,	    /* in a file, which the call moves on by its result: as it was */
	VALUE_MOVED_OFFSET, /* the same: before and after */
	VALUE_IOVEC,	    /* array of struct iovec */
	VALUE_STRUCT,
	VALUE_ARRAY,
	VALUE_PAGES,	  /* one byte for each page of `length` bytes: mincore(2) */
	VALUE_CPU_SET,	  /* bits, the first CPU's first */
	VALUE_NODES,	  /* words of `length` bits, less one: set_mempolicy(2) */
	VALUE_FD_SET,	  /* bits, the first descriptor's first: select(2) */
	VALUE_COUNTED,	  /* how many there are of what the pointer leads to */
	VALUE_ATTRIBUTES, /* of netlink, one behind the other */
	VALUE_CONTROL,	  /* struct cmsghdr and data, one behind the other */
	VALUE_ARGV,	  /* NUL-terminated strings, one after the other */
	VALUE_HIDDEN,	  /* an argument that this call does not look at */
	/* Never a field's meaning: what became of one of the above. */
	VALUE_UNREADABLE,
	VALUE_TYPES,
};

/* One name of a set: it applies if (bits & mask) == value. */
struct set_name {
	uint64_t value;
	uint64_t mask;
	const char *name;
};

struct name_set {
	const char *name;
	const char *unknown; /* stands beside a rest without names: "O_???" */
	const struct set_name *names;
	unsigned count;
	bool in_order; /* by rising value */
};

#define FIELD_NONE   0xff
#define FIELD_RESULT 0xfe /* as `length`: the syscall's result; as `key`: event_outcome() */

#define OUTCOME_FAILED 1

/* As `fixed` of a struct argument: what its `length` is about. */
#define STRUCT_SIZED	1 /* that many bytes of it were given */
#define STRUCT_AND_DATA 2 /* that many bytes lie behind it */

/* What a call must have returned for memory to have been filled. */
enum field_needs {
	NEEDS_NOTHING,
	NEEDS_SUCCESS,
	NEEDS_RESULT, /* more than 0 */
};

/* How registers make the number: those of 32-bit programs are too narrow for some. */
enum field_register {
	REGISTER_WHOLE,
	REGISTER_LOW_HIGH, /* with the next one: 64 bits, the low half first */
	REGISTER_HIGH_LOW,
	REGISTER_PAGES, /* in units of 4096 */
};

/* A field is there only if (key field & mask) == value, or, if `any`, != 0. */
struct field_condition {
	uint8_t key; /* index of a field of the same layout */
	bool any;
	uint64_t mask;
	uint64_t value;
	const struct field *member; /* the key is this member of the struct that `key` leads to */
};

struct field {
	const char *name; /* the kernel's */
	uint8_t type;	  /* enum value_type */
	uint8_t bytes;	  /* of the number: 1, 2, 4, 8; of an address 4 or 16 */
	bool is_signed;
	uint8_t length;	     /* argument that holds the bytes or elements behind a pointer; of a
			      * struct's pointer: the capture that holds what is there */
	uint8_t fixed;	     /* array: elements, if no argument says so */
	uint16_t offset;     /* within a struct */
	uint8_t shift, bits; /* of a number: only these; bits 0: all */
	const struct name_set *set;	    /* flags, enum */
	const struct layout *layout;	    /* of a struct */
	const struct field *element;	    /* of an array */
	uint8_t argument;		    /* of a syscall: index of its register */
	uint8_t needs;			    /* enum field_needs */
	const char *label;		    /* "LABEL=" in front; "": what became of it, behind
					     * " => "; NULL without */
	const char *unit;		    /* counted: of what */
	const struct field_condition *when; /* NULL: always there */
	bool both; /* what the call changes in place: IGREC_ARG_CHANGED holds before and after */
	uint8_t registers; /* of a syscall: enum field_register */
};

/* An alternative: taken if (key field & mask) == value. */
struct layout_variant {
	uint64_t mask;
	uint64_t value;
	const struct layout *layout;
};

struct layout {
	const char *name;
	const struct field *fields;
	const struct layout_variant *variants;
	uint16_t bytes; /* of a struct; 0 for arguments */
	uint8_t count;	/* of fields */
	uint8_t key;	/* index of the field that selects a variant */
	uint8_t n_variants;
	bool is_part;		    /* the struct has more members than these: "..." */
	const struct field *result; /* of a call, if not its descriptor's */
};

/* Name of a number in a set of which one name applies; NULL if it has none. */
const char *name_set_find(const struct name_set *set, uint64_t value);

#endif
