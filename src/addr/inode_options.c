/* SPDX-License-Identifier: MIT */
/* Attributes of inodes (chattr(1)): read, one bit set or cleared, written. */

#include "addr/families.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/* args.bit: the FS_ flag. */
static int set_attribute(const struct option *o, const struct opt_target *t, int fd,
			 struct err *err)
{
	int bit = (int)o->type->args.bit, attributes = 0;

	(void)t;
	if (ioctl(fd, FS_IOC_GETFLAGS, &attributes) < 0)
		return err_set(err, -errno, "ioctl(%d, FS_IOC_GETFLAGS) for option \"%s\": %s", fd,
			       o->name, err_reason(-errno));
	attributes = o->value.number[0] ? attributes | bit : attributes & ~bit;
	if (ioctl(fd, FS_IOC_SETFLAGS, &attributes) < 0)
		return err_set(err, -errno, "ioctl(%d, FS_IOC_SETFLAGS) for option \"%s\": %s", fd,
			       o->name, err_reason(-errno));
	return 0;
}

#define ROW(names, help, flag)                                                                     \
	{ names, help, GROUP_REG, PHASE_FD, SCOPE_FD, &value_bool, set_attribute,                  \
	  { .bit = (flag) } }

static const struct opt_type options[] = {
	ROW("fs-secrm ext2-secrm ext3-secrm secrm", "overwrite the data when it is removed",
	    FS_SECRM_FL),
	ROW("fs-unrm ext2-unrm ext3-unrm unrm", "keep the data for an undelete", FS_UNRM_FL),
	ROW("fs-compr compr ext2-compr ext3-compr", "compress the file", FS_COMPR_FL),
	ROW("fs-sync ext2-sync ext3-sync", "write changes to the disk at once", FS_SYNC_FL),
	ROW("fs-immutable ext2-immutable ext3-immutable immutable", "let nobody change the file",
	    FS_IMMUTABLE_FL),
	ROW("fs-append ext2-append ext3-append", "let everybody only append to the file",
	    FS_APPEND_FL),
	ROW("fs-nodump ext2-nodump ext3-nodump nodump", "leave the file out of dumps",
	    FS_NODUMP_FL),
	ROW("fs-noatime ext2-noatime ext3-noatime", "do not keep the time of reading",
	    FS_NOATIME_FL),
	ROW("fs-journal-data ext2-journal-data ext3-journal-data journal journal-data",
	    "write the data through the journal, too", FS_JOURNAL_DATA_FL),
	ROW("fs-notail ext2-notail ext3-notail", "do not merge the tail with those of others",
	    FS_NOTAIL_FL),
	ROW("fs-dirsync dirsync ext2-dirsync ext3-dirsync",
	    "write changes of the directory at once", FS_DIRSYNC_FL),
	ROW("fs-topdir ext2-topdir ext3-topdir topdir", "the directory is a root of hierarchies",
	    FS_TOPDIR_FL),
};

const struct opt_table inode_options = { options, ARRAY_SIZE(options) };
