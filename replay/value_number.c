/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of values that are one number: names, flags, modes, times, signals, addresses.  Notation:
 * strace's, see value_text.c, whose table leads here.
 */
#include "replay/value_number.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "decode/names.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/objects.h"

#define SIGNALS 64

/* strace shows the complement of a set in which at least two thirds are set. */
#define SIGNAL_SET_FULL (SIGNALS * 2 / 3)

/* "=": nothing is said of 0, and others are in hex; "0x": hex ones; "-": the other numbers of the
 * set are plain ones; "-32": signed ones; "*1024": and count in KiB if they can. */
static void unknown_number(struct buf *out, const struct name_set *set, uint64_t number)
{
	if (set->unknown[0] == '-' && set->unknown[1]) {
		number_signed(out, (int32_t)number);
		return;
	}
	if (set->unknown[0] == '0' || set->unknown[0] == '=') {
		number_hex(out, number);
		return;
	}
	if (set->unknown[0] == '-') {
		number_unsigned(out, number);
		return;
	}
	if (set->unknown[0] == '*') {
		bool in_kib = number > 1024 && number % 1024 == 0;

		number_unsigned(out, in_kib ? number / 1024 : number);
		buf_add_text(out, in_kib ? set->unknown : "");
		return;
	}
	number_hex(out, number);
	buf_add_text(out, " /* ");
	buf_add_text(out, set->unknown);
	buf_add_text(out, " */");
}

void enum_text(struct buf *out, const struct value *value)
{
	const char *name = name_set_find(value->field->set, value->number);

	if (name)
		buf_add_text(out, name);
	else
		unknown_number(out, value->field->set, value->number);
}

void told_enum_text(struct buf *out, const struct value *value)
{
	const char *name = name_set_find(value->field->set, value->number);

	number_text(out, value);
	buf_add_text(out, " /* ");
	buf_add_text(out, name ? name : value->field->set->unknown);
	buf_add_text(out, " */");
}

/* A set that begins with values of a field of bits: that field, if none of them applies. */
static uint64_t strange_part(const struct name_set *set, uint64_t number)
{
	uint64_t mask = set->count ? set->names[0].mask : 0;

	if (!mask || mask == UINT64_MAX || mask == set->names[0].value)
		return 0;
	for (unsigned i = 0; i < set->count; i++) {
		if (set->names[i].mask == mask && set->names[i].value == (number & mask))
			return 0;
	}
	return number & mask;
}

/* "<<SHIFT" as the last name: a number of the bits of its mask. */
static const struct set_name *shifted_name(const struct name_set *set)
{
	const struct set_name *last = set->count ? &set->names[set->count - 1] : NULL;

	return last && last->name[0] == '<' ? last : NULL;
}

static void shifted_text(struct buf *out, const struct set_name *name, uint64_t number, bool any)
{
	if (!(number & name->mask))
		return;
	if (any)
		buf_add_char(out, '|');
	number_unsigned(out, (number & name->mask) >> name->value);
	buf_add_text(out, name->name);
}

/* A set whose unknown is "0" has permission bits behind its flags. */
static void permission_text(struct buf *out, uint64_t bits, bool any)
{
	if (any)
		buf_add_char(out, '|');
	number_octal(out, bits, 3);
}

void flags_text(struct buf *out, const struct value *value)
{
	const struct name_set *set = value->field->set;
	const struct set_name *shifted = shifted_name(set);
	uint64_t whole = shifted ? value->number & ~shifted->mask : value->number;
	bool permissions = set->unknown[0] == '0' && !set->unknown[1];
	uint64_t rest = permissions ? whole & ~(uint64_t)0777 : whole;
	uint64_t seen = 0;
	uint64_t strange = strange_part(set, rest);
	bool any = strange != 0;

	if (strange)
		unknown_number(out, set, strange);
	rest &= ~strange;
	for (unsigned i = 0; i < set->count; i++) {
		const struct set_name *name = &set->names[i];

		if (name == shifted || name->mask & seen || (whole & name->mask) != name->value)
			continue;
		if (any)
			buf_add_char(out, '|');
		buf_add_text(out, name->name);
		rest &= ~name->value;
		seen |= name->mask;
		any = true;
	}
	if (rest && any) {
		buf_add_char(out, '|');
		number_hex(out, rest);
	} else if (rest) {
		unknown_number(out, set, rest);
	} else if (!any && !permissions && whole == value->number && set->unknown[0] != '=') {
		buf_add_char(out, '0');
	}
	any |= rest != 0;
	if (shifted)
		shifted_text(out, shifted, value->number, any);
	if (permissions)
		permission_text(out, value->number & 0777, any || whole != value->number);
}

/* "0x8000 (flags O_RDONLY|O_LARGEFILE)"; nothing in parentheses if 0 has no name. */
void noted_flags_text(struct buf *out, const struct value *value)
{
	number_hex(out, value->number);
	if (!value->number && !name_set_find(value->field->set, 0))
		return;
	buf_add_text(out, " (");
	if (value->field->label) {
		buf_add_text(out, value->field->label);
		buf_add_char(out, ' ');
	}
	flags_text(out, value);
	buf_add_char(out, ')');
}

void noted_enum_text(struct buf *out, const struct value *value)
{
	const char *name = name_set_find(value->field->set, value->number);

	number_signed(out, (int64_t)value->number);
	if (!name)
		return;
	buf_add_text(out, " (");
	buf_add_text(out, name);
	buf_add_char(out, ')');
}

/* A request without a name is shown by its parts, see asm-generic/ioctl.h. */
void ioctl_text(struct buf *out, const struct value *value)
{
	static const char *const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
						 "_IOC_READ|_IOC_WRITE"};
	const char *name = name_set_find(value->field->set, value->number);

	if (name) {
		buf_add_text(out, name);
		return;
	}
	buf_add_text(out, "_IOC(");
	buf_add_text(out, directions[value->number >> 30 & 3]);
	buf_add_text(out, ", ");
	number_hex(out, value->number >> 8 & 0xff);
	buf_add_text(out, ", ");
	number_hex(out, value->number & 0xff);
	buf_add_text(out, ", ");
	number_hex(out, value->number >> 16 & 0x3fff);
	buf_add_char(out, ')');
}

void file_mode_text(struct buf *out, const struct value *value)
{
	uint64_t mode = value->number;
	static const char *const types[16] = {
		[01] = "S_IFIFO|",  [02] = "S_IFCHR|",	[04] = "S_IFDIR|",   [06] = "S_IFBLK|",
		[010] = "S_IFREG|", [012] = "S_IFLNK|", [014] = "S_IFSOCK|",
	};
	const char *type = types[(mode >> 12) & 017];

	if (!type && mode >> 12) {
		number_octal(out, mode, 3);
		return;
	}
	buf_add_text(out, type ? type : "");
	buf_add_text(out, mode & S_ISUID ? "S_ISUID|" : "");
	buf_add_text(out, mode & S_ISGID ? "S_ISGID|" : "");
	buf_add_text(out, mode & S_ISVTX ? "S_ISVTX|" : "");
	number_octal(out, mode & 0777, 3);
}

/* The time they make is behind them, in a comment. */
void ticks_text(struct buf *out, const struct value *value)
{
	number_unsigned(out, value->number);
	if (value->number)
		buf_printf(out, " /* %" PRIu64 ".%02u s */", value->number / 100,
			   (unsigned)(value->number % 100));
}

/* "2026-11-22T02:46:12.5+0000" between two words; the past of the clock's zero has none. */
static void moment_text(struct buf *out, const char *before, int64_t sec, int64_t part, bool is_us,
			const char *behind)
{
	char text[sizeof("-2147483648-01-01T00:00:00")];
	time_t time = (time_t)sec;
	struct tm tm;

	if ((!sec && !part) || part < 0 || part > (is_us ? 999999 : 999999999) ||
	    !gmtime_r(&time, &tm) || !strftime(text, sizeof(text), "%FT%T", &tm))
		return;
	buf_add_text(out, before);
	buf_add_text(out, text);
	if (part)
		buf_printf(out, ".%0*" PRId64, is_us ? 6 : 9, part);
	buf_add_text(out, "+0000");
	buf_add_text(out, behind);
}

static void timestamp_comment(struct buf *out, int64_t sec, int64_t part, bool is_us)
{
	moment_text(out, " /* ", sec, part, is_us, " */");
}

void time_text(struct buf *out, const struct value *value)
{
	number_signed(out, (int64_t)value->number);
	timestamp_comment(out, (int64_t)value->number, 0, false);
}

void noted_time_text(struct buf *out, const struct value *value)
{
	number_signed(out, (int64_t)value->number);
	moment_text(out, " (", (int64_t)value->number, 0, false, ")");
}

#define IOPRIO_CLASS_SHIFT 13 /* include/uapi/linux/ioprio.h */

void ioprio_text(struct buf *out, const struct value *value)
{
	uint64_t class = value->number >> IOPRIO_CLASS_SHIFT & 7;
	const char *name = name_set_find(value->field->set, class);

	buf_add_text(out, "IOPRIO_PRIO_VALUE(");
	if (name)
		buf_add_text(out, name);
	else
		unknown_number(out, value->field->set, class);
	buf_add_text(out, ", ");
	number_unsigned(out, value->number & ((1 << IOPRIO_CLASS_SHIFT) - 1));
	buf_add_char(out, ')');
}

void noted_ioprio_text(struct buf *out, const struct value *value)
{
	number_signed(out, (int64_t)value->number);
	buf_add_text(out, " (");
	ioprio_text(out, value);
	buf_add_char(out, ')');
}

void timestamp_text(struct buf *out, const struct value *value)
{
	bool is_us = value->field->fixed;
	int64_t sec, part;

	if (value->data_bytes < 16)
		return;
	memcpy(&sec, value->data, sizeof(sec));
	memcpy(&part, value->data + 8, sizeof(part));
	if (!is_us && (part == UTIME_NOW || part == UTIME_OMIT)) {
		buf_add_text(out, part == UTIME_NOW ? "UTIME_NOW" : "UTIME_OMIT");
		return;
	}
	buf_add_text(out, "{tv_sec=");
	number_signed(out, sec);
	buf_add_text(out, is_us ? ", tv_usec=" : ", tv_nsec=");
	number_signed(out, part);
	buf_add_char(out, '}');
	timestamp_comment(out, sec, part, is_us);
}

void changed_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '{');
	buf_add_text(out, value->field->label);
	buf_add_text(out, "=[");
	number_signed(out, (int64_t)value->number);
	buf_add_text(out, "]}");
}

void device_text(struct buf *out, const struct value *value)
{
	buf_add_text(out, "makedev(");
	number_hex(out, major(value->number));
	buf_add_text(out, ", ");
	number_hex(out, minor(value->number));
	buf_add_char(out, ')');
}

void signal_set_text(struct buf *out, const struct value *value)
{
	uint64_t set = value->number;
	bool inverse = __builtin_popcountll(set) >= SIGNAL_SET_FULL;
	const char *separator = "";

	buf_add_text(out, inverse ? "~[" : "[");
	for (int signal = 1; signal <= SIGNALS; signal++) {
		if (((set >> (signal - 1)) & 1) == inverse)
			continue;
		buf_add_text(out, separator);
		buf_add_text(out, signal_name(signal) + strlen("SIG"));
		separator = " ";
	}
	buf_add_char(out, ']');
}

/* As wait4(2)'s macros take it apart. */
void wait_status_text(struct buf *out, const struct value *value)
{
	int status = (int)value->number;

	if (WIFEXITED(status)) {
		buf_add_text(out, "{WIFEXITED(s) && WEXITSTATUS(s) == ");
		number_signed(out, WEXITSTATUS(status));
	} else if (WIFSTOPPED(status)) {
		buf_add_text(out, "{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		signal_text(out, WSTOPSIG(status));
	} else if (WIFCONTINUED(status)) {
		buf_add_text(out, "{WIFCONTINUED(s)");
	} else {
		buf_add_text(out, "{WIFSIGNALED(s) && WTERMSIG(s) == ");
		signal_text(out, WTERMSIG(status));
		if (WCOREDUMP(status))
			buf_add_text(out, " && WCOREDUMP(s)");
	}
	buf_add_char(out, '}');
}

/* ---- addresses --------------------------------------------------------------------------- */

void ipv4_text(struct buf *out, const struct value *value)
{
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, value->data, text, sizeof(text));
	buf_add_text(out, "inet_addr(\"");
	buf_add_text(out, text);
	buf_add_text(out, "\")");
}

void ipv6_text(struct buf *out, const struct value *value)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(AF_INET6, value->data, text, sizeof(text));
	buf_add_text(out, "inet_pton(AF_INET6, \"");
	buf_add_text(out, text);
	buf_add_text(out, "\", &");
	buf_add_text(out, value->field->name);
	buf_add_char(out, ')');
}

/* By their size: 4 or 16 bytes, or neither. */
void ip_text(struct buf *out, const struct value *value)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool is_six = value->data_bytes == 16;

	if (!is_six && value->data_bytes != 4) {
		mac_text(out, value);
		return;
	}
	inet_ntop(is_six ? AF_INET6 : AF_INET, value->data, text, sizeof(text));
	buf_add_text(out, is_six ? "inet_pton(AF_INET6, \"" : "inet_addr(\"");
	buf_add_text(out, text);
	buf_add_text(out, "\")");
}

#define LOOPBACK_IFINDEX 1 /* include/net/flow.h: of every network namespace */

/* The tape has no names of interfaces; one has the same everywhere. */
void interface_text(struct buf *out, const struct value *value)
{
	if (value->number == LOOPBACK_IFINDEX)
		buf_add_text(out, "if_nametoindex(\"lo\")");
	else
		number_text(out, value);
}

void mac_text(struct buf *out, const struct value *value)
{
	for (size_t i = 0; i < value->data_bytes; i++)
		buf_printf(out, "%s%02x", i ? ":" : "", value->data[i]);
}

static void call_text(struct buf *out, const char *function, uint32_t number)
{
	buf_add_text(out, function);
	buf_add_char(out, '(');
	number_unsigned(out, number);
	buf_add_char(out, ')');
}

void kernel_version_text(struct buf *out, const struct value *value)
{
	buf_printf(out, "KERNEL_VERSION(%u, %u, %u)", (unsigned)(value->number >> 16),
		   (unsigned)(value->number >> 8 & 0xff), (unsigned)(value->number & 0xff));
}

/* A port, or an Ethernet protocol, which has a name. */
void port_text(struct buf *out, const struct value *value)
{
	uint16_t number = ntohs((uint16_t)value->number);
	const struct name_set *set = value->field->set;
	const char *name = set ? name_set_find(set, number) : NULL;

	buf_add_text(out, "htons(");
	if (name)
		buf_add_text(out, name);
	else if (set)
		unknown_number(out, set, number);
	else
		number_unsigned(out, number);
	buf_add_char(out, ')');
}

void net_long_text(struct buf *out, const struct value *value)
{
	call_text(out, "htonl", ntohl((uint32_t)value->number));
}

/* ---- numbers ------------------------------------------------------------------------------ */

void number_text(struct buf *out, const struct value *value)
{
	if (value->is_signed)
		number_signed(out, (int64_t)value->number);
	else
		number_unsigned(out, value->number);
}

void fd_text(struct buf *out, const struct value *value)
{
	const struct object *object =
		value->objects ? objects_of_fd(value->objects, (int)value->number) : NULL;

	number_text(out, value);
	if (object)
		object_text_enclosed(out, object, objects_style(value->objects));
}

void dirfd_text(struct buf *out, const struct value *value)
{
	const struct object *object;

	if ((int)value->number != AT_FDCWD) {
		fd_text(out, value);
		return;
	}
	object = value->objects ? objects_of_cwd(value->objects) : NULL;
	buf_add_text(out, "AT_FDCWD");
	if (object)
		object_text_enclosed(out, object, objects_style(value->objects));
}

void id_text(struct buf *out, const struct value *value)
{
	uint64_t nobody = value->bytes == sizeof(uint16_t) ? UINT16_MAX : UINT32_MAX;

	number_signed(out, value->number == nobody ? -1 : (int64_t)value->number);
}

void hex_text(struct buf *out, const struct value *value)
{
	number_hex(out, value->number);
}

void mode_text(struct buf *out, const struct value *value)
{
	number_octal(out, value->number, 3);
}

void address_text(struct buf *out, const struct value *value)
{
	pointer_text(out, value->number);
}

/* Signal 0 asks whether the process is there. */
void signal_number_text(struct buf *out, const struct value *value)
{
	if (value->number)
		signal_text(out, (int)value->number);
	else
		buf_add_char(out, '0');
}
