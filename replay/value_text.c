/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where values become text; columns, strace lines and JSON's texts all come from
 * here.  Notation: strace's.
 */
#include "replay/value_text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "common/escape.h"
#include "decode/names.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/objects.h"

#define SIGNALS 64

/* strace shows the complement of a set in which at least two thirds are set. */
#define SIGNAL_SET_FULL (SIGNALS * 2 / 3)

static void quoted(struct buf *out, const void *data, size_t bytes, bool truncated)
{
	buf_add_char(out, '"');
	escape_quoted(out, data, bytes);
	buf_add_char(out, '"');
	if (truncated)
		buf_add_text(out, "...");
}

/* Up to the first NUL, as C strings end. */
static size_t string_bytes(const struct value *value)
{
	const void *nul = value->data_bytes ? memchr(value->data, 0, value->data_bytes) : NULL;

	return nul ? (size_t)((const unsigned char *)nul - value->data) : value->data_bytes;
}

/* "0x": hex ones; "-": the other numbers of the set are plain ones; "-32": signed ones; "*1024":
 * and count in KiB if they can. */
static void unknown_number(struct buf *out, const struct name_set *set, uint64_t number)
{
	if (set->unknown[0] == '-' && set->unknown[1]) {
		number_signed(out, (int32_t)number);
		return;
	}
	if (set->unknown[0] == '0') {
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

static void enum_text(struct buf *out, const struct value *value)
{
	const char *name = name_set_find(value->field->set, value->number);

	if (name)
		buf_add_text(out, name);
	else
		unknown_number(out, value->field->set, value->number);
}

/* A set whose unknown is "0" has permission bits beside its flags. */
static void flags_text(struct buf *out, const struct value *value)
{
	const struct name_set *set = value->field->set;
	uint64_t rest = value->number;
	uint64_t seen = 0;
	bool any = false;

	for (unsigned i = 0; i < set->count; i++) {
		const struct set_name *name = &set->names[i];

		if (name->mask & seen || (value->number & name->mask) != name->value)
			continue;
		if (any)
			buf_add_char(out, '|');
		buf_add_text(out, name->name);
		rest &= ~name->value;
		seen |= name->mask;
		any = true;
	}
	if (set->unknown[0] == '0') {
		buf_add_text(out, any ? "|" : "");
		if (rest & ~(uint64_t)0777) {
			number_hex(out, rest & ~(uint64_t)0777);
			buf_add_char(out, '|');
		}
		number_octal(out, rest & 0777, 3);
		return;
	}
	if (!any && rest)
		unknown_number(out, set, rest);
	else if (!any)
		buf_add_char(out, '0');
	if (any && rest) {
		buf_add_char(out, '|');
		number_hex(out, rest);
	}
}

/* "0x8000 (flags O_RDONLY|O_LARGEFILE)"; nothing in parentheses if 0 has no name. */
static void noted_flags_text(struct buf *out, const struct value *value)
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

static void noted_enum_text(struct buf *out, const struct value *value)
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
static void ioctl_text(struct buf *out, const struct value *value)
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

static void file_mode_text(struct buf *out, const struct value *value)
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
static void ticks_text(struct buf *out, const struct value *value)
{
	number_unsigned(out, value->number);
	if (value->number)
		buf_printf(out, " /* %" PRIu64 ".%02u s */", value->number / 100,
			   (unsigned)(value->number % 100));
}

/* The moment in a comment behind it; the past of the clock's zero has none. */
static void timestamp_comment(struct buf *out, int64_t sec, int64_t part, bool is_us)
{
	char text[sizeof("-2147483648-01-01T00:00:00")];
	time_t time = (time_t)sec;
	struct tm tm;

	if ((!sec && !part) || part < 0 || part > (is_us ? 999999 : 999999999) ||
	    !gmtime_r(&time, &tm) || !strftime(text, sizeof(text), "%FT%T", &tm))
		return;
	buf_printf(out, " /* %s", text);
	if (part)
		buf_printf(out, ".%0*" PRId64, is_us ? 6 : 9, part);
	buf_add_text(out, "+0000 */");
}

static void time_text(struct buf *out, const struct value *value)
{
	number_signed(out, (int64_t)value->number);
	timestamp_comment(out, (int64_t)value->number, 0, false);
}

static void timestamp_text(struct buf *out, const struct value *value)
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

static void changed_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '{');
	buf_add_text(out, value->field->label);
	buf_add_text(out, "=[");
	number_signed(out, (int64_t)value->number);
	buf_add_text(out, "]}");
}

static void device_text(struct buf *out, const struct value *value)
{
	buf_add_text(out, "makedev(");
	number_hex(out, major(value->number));
	buf_add_text(out, ", ");
	number_hex(out, minor(value->number));
	buf_add_char(out, ')');
}

static void signal_set_text(struct buf *out, const struct value *value)
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
static void wait_status_text(struct buf *out, const struct value *value)
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

static void ipv4_text(struct buf *out, const struct value *value)
{
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, value->data, text, sizeof(text));
	buf_add_text(out, "inet_addr(\"");
	buf_add_text(out, text);
	buf_add_text(out, "\")");
}

static void ipv6_text(struct buf *out, const struct value *value)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(AF_INET6, value->data, text, sizeof(text));
	buf_add_text(out, "inet_pton(AF_INET6, \"");
	buf_add_text(out, text);
	buf_add_text(out, "\", &");
	buf_add_text(out, value->field->name);
	buf_add_char(out, ')');
}

static void socket_path_text(struct buf *out, const struct value *value)
{
	if (value->data[0]) {
		quoted(out, value->data, string_bytes(value), false);
		return;
	}
	buf_add_char(out, '@');
	quoted(out, value->data + 1, value->data_bytes - 1, false);
}

static void call_text(struct buf *out, const char *function, uint32_t number)
{
	buf_add_text(out, function);
	buf_add_char(out, '(');
	number_unsigned(out, number);
	buf_add_char(out, ')');
}

/* A port, or an Ethernet protocol, which has a name. */
static void port_text(struct buf *out, const struct value *value)
{
	uint16_t number = ntohs((uint16_t)value->number);
	const char *name = value->field->set ? name_set_find(value->field->set, number) : NULL;

	if (!name) {
		call_text(out, "htons", number);
		return;
	}
	buf_add_text(out, "htons(");
	buf_add_text(out, name);
	buf_add_char(out, ')');
}

static void net_long_text(struct buf *out, const struct value *value)
{
	call_text(out, "htonl", ntohl((uint32_t)value->number));
}

/* ---- what holds other values ------------------------------------------------------------- */

/* strace writes inet_pton(..., &sin6_addr) in place of NAME=VALUE. */
static bool has_own_name(const struct field *field)
{
	return field->type == VALUE_IPV6;
}

static void struct_text(struct buf *out, const struct value *value)
{
	const char *separator = "";
	struct value member;

	buf_add_char(out, '{');
	for (unsigned i = 0; i < value->layout->count; i++) {
		if (!struct_member(value, i, &member))
			continue;
		member.objects = value->objects;
		buf_add_text(out, separator);
		if (!has_own_name(member.field)) {
			buf_add_text(out, member.field->name);
			buf_add_char(out, '=');
		}
		value_text(out, &member);
		separator = ", ";
	}
	if (value->truncated || value->layout->is_part) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, '}');
}

static void array_text(struct buf *out, const struct value *value)
{
	size_t count = array_elements(value);
	const char *separator = "";

	buf_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		struct value element = array_element(value, i);

		element.objects = value->objects;
		buf_add_text(out, separator);
		value_text(out, &element);
		separator = ", ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

static void pages_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '[');
	for (size_t page = 0; page < value->data_bytes; page++) {
		buf_add_text(out, page ? ", " : "");
		buf_add_char(out, value->data[page] & 1 ? '1' : '0');
	}
	buf_add_text(out, value->truncated ? ", ...]" : "]");
}

static void cpu_set_text(struct buf *out, const struct value *value)
{
	const char *separator = "";

	buf_add_char(out, '[');
	for (size_t cpu = 0; cpu < value->data_bytes * 8; cpu++) {
		if (!(value->data[cpu / 8] >> cpu % 8 & 1))
			continue;
		buf_add_text(out, separator);
		number_unsigned(out, cpu);
		separator = " ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

/* An address, and in a comment how many there are: "12 vars", "1 entries". */
static void counted_text(struct buf *out, const struct value *value)
{
	const char *unit = value->field->unit;
	uint32_t count = 0;

	memcpy(&count, value->data, value->data_bytes < 4 ? value->data_bytes : 4);
	pointer_text(out, value->number);
	buf_add_text(out, value->truncated ? " /* at least " : " /* ");
	number_unsigned(out, count);
	buf_add_char(out, ' ');
	buf_add_text(out, unit);
	if (count != 1 && unit[strlen(unit) - 1] != 's')
		buf_add_char(out, 's');
	buf_add_text(out, " */");
}

static void argv_text(struct buf *out, const struct value *value)
{
	const unsigned char *at = value->data, *end = value->data + value->data_bytes;

	buf_add_char(out, '[');
	while (at < end) {
		const unsigned char *nul = memchr(at, 0, (size_t)(end - at));

		if (at != value->data)
			buf_add_text(out, ", ");
		quoted(out, at, (size_t)((nul ? nul : end) - at), !nul && value->truncated);
		at = nul ? nul + 1 : end;
	}
	if (value->truncated && value->data_bytes && !end[-1])
		buf_add_text(out, ", ...");
	buf_add_char(out, ']');
}

static void vector_text(struct buf *out, const struct vector *vector)
{
	buf_add_text(out, "{iov_base=");
	if (vector->captured && vector->base)
		quoted(out, vector->data.data, vector->data.data_bytes, vector->data.truncated);
	else
		pointer_text(out, vector->base);
	buf_add_text(out, ", iov_len=");
	number_unsigned(out, vector->bytes);
	buf_add_char(out, '}');
}

static void iovec_text(struct buf *out, const struct value *value)
{
	size_t count = iovec_count(value);

	buf_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		struct vector vector = iovec_vector(value, i);

		buf_add_text(out, i ? ", " : "");
		vector_text(out, &vector);
	}
	if (value->truncated)
		buf_add_text(out, count ? ", ..." : "...");
	buf_add_char(out, ']');
}

static void control_text(struct buf *out, const struct value *value)
{
	const char *separator = "";
	struct value message;
	size_t offset = 0;

	buf_add_char(out, '[');
	while (control_next(value, &offset, &message)) {
		message.objects = value->objects;
		buf_add_text(out, separator);
		value_text(out, &message);
		separator = ", ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

/* ---- numbers ------------------------------------------------------------------------------ */

static void number_text(struct buf *out, const struct value *value)
{
	if (value->is_signed)
		number_signed(out, (int64_t)value->number);
	else
		number_unsigned(out, value->number);
}

static void fd_text(struct buf *out, const struct value *value)
{
	const struct object *object =
		value->objects ? objects_of_fd(value->objects, (int)value->number) : NULL;

	number_text(out, value);
	if (object)
		object_text_enclosed(out, object);
}

static void dirfd_text(struct buf *out, const struct value *value)
{
	const struct object *object;

	if ((int)value->number != AT_FDCWD) {
		fd_text(out, value);
		return;
	}
	object = value->objects ? objects_of_cwd(value->objects) : NULL;
	buf_add_text(out, "AT_FDCWD");
	if (object)
		object_text_enclosed(out, object);
}

static void id_text(struct buf *out, const struct value *value)
{
	number_signed(out, value->number == UINT32_MAX ? -1 : (int64_t)value->number);
}

static void hex_text(struct buf *out, const struct value *value)
{
	number_hex(out, value->number);
}

static void mode_text(struct buf *out, const struct value *value)
{
	number_octal(out, value->number, 3);
}

static void address_text(struct buf *out, const struct value *value)
{
	pointer_text(out, value->number);
}

/* Signal 0 asks whether the process is there. */
static void signal_number_text(struct buf *out, const struct value *value)
{
	if (value->number)
		signal_text(out, (int)value->number);
	else
		buf_add_char(out, '0');
}

/* ---- strings ------------------------------------------------------------------------------ */

static void string_text(struct buf *out, const struct value *value)
{
	quoted(out, value->data, string_bytes(value), value->truncated);
}

static void data_text(struct buf *out, const struct value *value)
{
	quoted(out, value->data, value->data_bytes, value->truncated);
}

static void hex_data_text(struct buf *out, const struct value *value)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_char(out, '"');
	for (size_t i = 0; i < value->data_bytes; i++) {
		const char escape[4] = {'\\', 'x', digits[value->data[i] >> 4],
					digits[value->data[i] & 0xf]};

		buf_add(out, escape, sizeof(escape));
	}
	buf_add_text(out, value->truncated ? "\"..." : "\"");
}

/* What is known of most socket options is their size alone. */
static void option_text(struct buf *out, const struct value *value)
{
	int32_t number;

	if (value->data_bytes != sizeof(number)) {
		quoted(out, value->data, value->data_bytes, value->truncated);
		return;
	}
	memcpy(&number, value->data, sizeof(number));
	buf_add_char(out, '[');
	number_signed(out, number);
	buf_add_char(out, ']');
}

/* The capture was made when the call was over. */
static bool offset_before_text(struct buf *out, const struct value *value, int64_t *ret_after)
{
	if (value->data_bytes != sizeof(*ret_after))
		return false;
	memcpy(ret_after, value->data, sizeof(*ret_after));
	buf_add_char(out, '[');
	number_signed(out, (int64_t)((uint64_t)*ret_after - value->filled));
	buf_add_char(out, ']');
	return true;
}

static void offset_text(struct buf *out, const struct value *value)
{
	int64_t after;

	if (!offset_before_text(out, value, &after))
		pointer_text(out, value->number);
}

static void moved_offset_text(struct buf *out, const struct value *value)
{
	int64_t after;

	if (!offset_before_text(out, value, &after)) {
		pointer_text(out, value->number);
		return;
	}
	if (!value->filled)
		return;
	buf_add_text(out, " => [");
	number_signed(out, after);
	buf_add_char(out, ']');
}

static void mask32_text(struct buf *out, const struct value *value)
{
	buf_printf(out, "%#08x", (unsigned)value->number);
}

static void unreadable_text(struct buf *out, const struct value *value)
{
	buf_add_text(out, "<unreadable>");
}

typedef void (*text_fn)(struct buf *out, const struct value *value);

static const text_fn texts[VALUE_TYPES] = {
	[VALUE_NUMBER] = number_text,
	[VALUE_HEX] = hex_text,
	[VALUE_MODE] = mode_text,
	[VALUE_FILE_MODE] = file_mode_text,
	[VALUE_POINTER] = address_text,
	[VALUE_FD] = fd_text,
	[VALUE_DIRFD] = dirfd_text,
	[VALUE_ID] = id_text,
	[VALUE_DEVICE] = device_text,
	[VALUE_SIGNAL] = signal_number_text,
	[VALUE_WAIT_STATUS] = wait_status_text,
	[VALUE_FLAGS] = flags_text,
	[VALUE_ENUM] = enum_text,
	[VALUE_IOCTL] = ioctl_text,
	[VALUE_NOTED_FLAGS] = noted_flags_text,
	[VALUE_NOTED_ENUM] = noted_enum_text,
	[VALUE_CAPABILITIES] = flags_text,
	[VALUE_TICKS] = ticks_text,
	[VALUE_TIME] = time_text,
	[VALUE_TIMESTAMP] = timestamp_text,
	[VALUE_CHANGED] = changed_text,
	[VALUE_PORT] = port_text,
	[VALUE_NET_LONG] = net_long_text,
	[VALUE_IPV4] = ipv4_text,
	[VALUE_IPV6] = ipv6_text,
	[VALUE_SOCKET_PATH] = socket_path_text,
	[VALUE_SIGNAL_SET] = signal_set_text,
	[VALUE_STRING] = string_text,
	[VALUE_PATH] = string_text,
	[VALUE_DATA] = data_text,
	[VALUE_HEX_DATA] = hex_data_text,
	[VALUE_OPTION] = option_text,
	[VALUE_OFFSET] = offset_text,
	[VALUE_MOVED_OFFSET] = moved_offset_text,
	[VALUE_MASK32] = mask32_text,
	[VALUE_IOVEC] = iovec_text,
	[VALUE_STRUCT] = struct_text,
	[VALUE_ARRAY] = array_text,
	[VALUE_PAGES] = pages_text,
	[VALUE_CPU_SET] = cpu_set_text,
	[VALUE_COUNTED] = counted_text,
	[VALUE_CONTROL] = control_text,
	[VALUE_ARGV] = argv_text,
	[VALUE_UNREADABLE] = unreadable_text,
};

void value_text(struct buf *out, const struct value *value)
{
	texts[value->type](out, value);
}
