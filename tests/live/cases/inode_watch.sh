# where: guest
# Scenario 13: who reads a given inode, device and inode number as arguments.
. "$LIB"
cat > iw.stp <<'S'
probe kernel.function("vfs_read"), kernel.function("vfs_write") {
	dev = $file->f_path->dentry->d_inode->i_sb->s_dev
	ino = $file->f_path->dentry->d_inode->i_ino
	if (dev == ($1 << 20 | $2) && ino == $3)
		printf("%s %s\n", execname(), ppfunc())
}
S
echo data > file
set -- $(stat -c '%d %i' file)
"$TAPX" iw.stp $(($1 >> 8 & 0xfff)) $(($1 & 0xff | $1 >> 12 & 0xfff00)) "$2" -c 'cat file' -o got > /dev/null 2> err ||
	fail "status $?: $(cat err)"
printf 'cat vfs_read\ncat vfs_read\n' > want
same want got
