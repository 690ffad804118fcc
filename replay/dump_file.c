/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at a file's type, size and SQLite header before SQLite does, so that whatever is no dump
 * is refused with the reason.  The header is described in https://www.sqlite.org/fileformat.html,
 * its integers are big endian.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "dumper/schema.h"
#include "replay/dump_file.h"

#define HEADER_BYTES	   100
#define HEADER_PAGE_SIZE   16 /* 2 bytes; 1 means 65536 */
#define HEADER_WRITE_MODE  18 /* 1 byte: 1 rollback journal, 2 WAL */
#define HEADER_READ_MODE   19
#define HEADER_CHANGES	   24 /* the page count is valid if this equals HEADER_VALID_FOR */
#define HEADER_PAGES	   28
#define HEADER_VERSION	   60 /* user_version */
#define HEADER_APPLICATION 68
#define HEADER_VALID_FOR   92

#define FILE_BYTES_MAX (2LL << 30)

static uint32_t get_be32(const unsigned char *header, size_t at)
{
	const unsigned char *p = header + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(unsigned char *header, size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		header[at + (size_t)i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint32_t page_bytes(const unsigned char *header)
{
	uint32_t value = (uint32_t)header[HEADER_PAGE_SIZE] << 8 | header[HEADER_PAGE_SIZE + 1];

	return value == 1 ? 65536 : value;
}

/* A regular file of a sensible size, without waiting for the other end of a FIFO. */
static int open_regular(const char *path, int *ret_fd, int64_t *ret_bytes,
			struct dump_fault *ret_why)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;
	int err;

	if (fd < 0 || fstat(fd, &info) < 0) {
		err = -errno;
		dump_fault_set(ret_why, "cannot be opened: %s", strerror(-err));
		return err;
	}
	if (!S_ISREG(info.st_mode)) {
		dump_fault_set(ret_why, "is %s, not a dump file",
			       S_ISDIR(info.st_mode)	? "a directory"
			       : S_ISFIFO(info.st_mode) ? "a pipe"
							: "a device or socket");
		return S_ISDIR(info.st_mode) ? -EISDIR : -EINVAL;
	}
	if (info.st_size > FILE_BYTES_MAX) {
		dump_fault_set(ret_why, "is larger than any dump (%lld bytes)",
			       (long long)info.st_size);
		return -EFBIG;
	}
	*ret_bytes = info.st_size;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int read_fully(int fd, void *data, size_t bytes, int64_t offset)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = pread(fd, (char *)data + done, bytes - done, offset + (int64_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EBADMSG;
		done += (size_t)got;
	}
	return 0;
}

static int check_identity(const unsigned char *header, struct dump_fault *ret_why)
{
	uint32_t version = get_be32(header, HEADER_VERSION);

	if (memcmp(header, "SQLite format 3", 16) != 0) {
		dump_fault_set(ret_why, "is not a dump file (no SQLite header)");
		return -EBADMSG;
	}
	if (get_be32(header, HEADER_APPLICATION) != SCHEMA_APPLICATION_ID) {
		dump_fault_set(ret_why, "is a SQLite database, but not a dump of igrec");
		return -EMEDIUMTYPE;
	}
	if (version > SCHEMA_VERSION) {
		dump_fault_set(ret_why,
			       "has dump format %u, this igrec reads up to %d: use a newer igrec",
			       version, SCHEMA_VERSION);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int check_layout(const unsigned char *header, struct dump_fault *ret_why)
{
	uint32_t page = page_bytes(header);

	if (page >= 512 && (page & (page - 1)) == 0 && header[HEADER_WRITE_MODE] == 1 &&
	    header[HEADER_READ_MODE] == 1)
		return 0;
	dump_fault_set(ret_why, "is damaged in its first 100 bytes");
	return -EUCLEAN;
}

/* The header of a dump, or the reason why it is none. */
static int read_header(int fd, int64_t file_bytes, unsigned char *ret, struct dump_fault *ret_why)
{
	int err;

	if (file_bytes < HEADER_BYTES) {
		dump_fault_set(ret_why,
			       file_bytes ? "is not a dump file (only %lld bytes)"
					  : "is empty (%lld bytes)",
			       (long long)file_bytes);
		return -EBADMSG;
	}
	err = read_fully(fd, ret, HEADER_BYTES, 0);
	if (err) {
		dump_fault_set(ret_why, "cannot be read: %s", strerror(-err));
		return err;
	}
	err = check_identity(ret, ret_why);
	return err ? err : check_layout(ret, ret_why);
}

/*
 * SQLite refuses a file with fewer pages than its header says. So the pages that are there are
 * read into memory and the header's count is corrected to them.
 */
static int open_truncated(int fd, int64_t file_bytes, const unsigned char *header,
			  struct dump_file *ret)
{
	uint32_t pages = (uint32_t)(file_bytes / page_bytes(header));
	size_t bytes = (size_t)pages * page_bytes(header);
	AUTO_FREE unsigned char *image = NULL;
	int err;

	if (pages == 0)
		return -EUCLEAN;
	image = malloc(bytes);
	if (!image)
		return -ENOMEM;
	err = read_fully(fd, image, bytes, 0);
	if (err)
		return err;
	put_be32(image, HEADER_PAGES, pages);
	put_be32(image, HEADER_VALID_FOR, get_be32(image, HEADER_CHANGES));
	err = db_open_image(image, bytes, &schema_statements, &ret->db);
	if (!err)
		ret->image = TAKE_PTR(image);
	return err;
}

int dump_file_open(const char *path, struct dump_faults *faults, struct dump_file *ret,
		   struct dump_fault *ret_why)
{
	unsigned char header[HEADER_BYTES];
	AUTO_CLOSE int fd = -1;
	struct dump_file file = {};
	int64_t bytes = 0, wanted;
	int err;

	err = open_regular(path, &fd, &bytes, ret_why);
	if (!err)
		err = read_header(fd, bytes, header, ret_why);
	if (err)
		return err;
	wanted = (int64_t)page_bytes(header) * get_be32(header, HEADER_PAGES);
	if (bytes < wanted) {
		dump_faults_add(faults, "the file ends early: %lld of %lld bytes", (long long)bytes,
				(long long)wanted);
		err = open_truncated(fd, bytes, header, &file);
	} else {
		err = db_open(path, &schema_statements, &file.db);
	}
	if (err) {
		dump_fault_set(ret_why, "cannot be opened as a database: %s",
			       bytes < wanted ? "it ends early" : strerror(-err));
		return err;
	}
	*ret = file;
	return 0;
}

void dump_file_close(struct dump_file *file)
{
	db_close(file->db);
	free(file->image);
	*file = (struct dump_file){};
}
