# where: guest
# Points and variables that only DWARF knows. Known values: a file of 250 bytes read in blocks of 100,
# directories made by mkdir, settings that /proc/sys shows.
. "$LIB"
release=$(uname -r)
debug=$("$TESTS/../vm/kernel" "$release" debug)
[ -e "$debug/boot/vmlinux-$release" ] || skip "no DWARF of $release: tests/deps debug gets it"
export SYSTEMTAP_DEBUGINFO_PATH="$debug"
head -c 250 /dev/zero > data

# Lines: at each line of vfs_read where a parameter is said to be, it is the one of the entry; $ret is
# what the call returns.
cat > lines.stp <<'EOT'
global file, buf, count, ret, hits, checked, wrong
probe kernel.function("vfs_read") {
	if (pid() == target()) { file = $file; buf = $buf; count = $count }
}
probe kernel.statement("vfs_read@fs/read_write.c:*") {
	if (pid() != target() || !file) next
	hits++
	if (@defined($file)) { checked++; wrong += $file != file }
	if (@defined($buf)) { checked++; wrong += $buf != buf }
	if (@defined($count)) { checked++; wrong += $count != count }
	if (@defined($ret)) { checked++; ret = $ret }
}
probe kernel.function("vfs_read").return {
	if (pid() != target()) next
	if (count == 100) printf("%d %d\n", $return, ret)
	file = 0 # the next call's first line comes before its entry
}
probe end { printf("hits %d checked %d wrong %d\n", hits > 20, checked > 50, wrong) }
EOT
"$TAPX" lines.stp -o lines -c 'dd if=data of=/dev/null bs=100 count=3 status=none' 2> err || { cat err; fail lines; }
printf '100 100\n100 100\n50 50\nhits 1 checked 1 wrong 0\n' > want
same want lines

# Inlined: new_sync_read() is part of vfs_read(), for files that have no read method of the old kind.
"$TAPX" -l 'kernel.function("new_sync_read@fs/read_write.c").inline' > list || fail inline
has list 'kernel.function\("new_sync_read@fs/read_write.c:[0-9]+"\).inline'
cat > inline.stp <<'EOT'
global n, m
probe kernel.function("new_sync_read@fs/read_write.c").inline { if (pid() == target() && $len == 100) n++ }
probe kernel.function("vfs_read") { if (pid() == target() && $count == 100) m++ }
probe end { printf("%d %d\n", n, m) }
EOT
"$TAPX" inline.stp -o inline -c 'dd if=data of=/dev/null bs=100 count=3 status=none' 2> err || { cat err; fail inline; }
echo '3 3' > want
same want inline

# Labels, callees (a file system may call vfs_mkdir for itself: that is not do_mkdirat's call), locals.
cat > mkdir.stp <<'EOT'
probe kernel.function("do_mkdirat@fs/namei.c").label("retry") {
	if (pid() == target()) printf("retry %s\n", kernel_string($name->name))
}
probe kernel.function("do_mkdirat@fs/namei.c").callee("vfs_mkdir") {
	if (pid() == target()) printf("vfs_mkdir %s\n", kernel_string($dentry->d_name->name))
}
probe kernel.function("do_mkdirat@fs/namei.c").return {
	if (pid() == target()) printf("%d\n", $return)
}
EOT
"$TAPX" mkdir.stp -o mkdir -c 'mkdir new new' 2> err # the second one fails
printf 'retry new\nvfs_mkdir new\n0\nretry new\n-17\n' > want
same want mkdir

# Variables of other files: a static one, and one that kallsyms alone would do for.
cat > var.stp <<'EOT'
probe kernel.function("vfs_read") {
	printf("%d\n%d\n", @var("max_user_watches@fs/eventpoll.c"), @var("dirtytime_expire_interval@fs/fs-writeback.c"))
	exit()
}
EOT
"$TAPX" var.stp -o var -c 'cat data' > /dev/null 2> err || { cat err; fail var; }
head -n 2 var > got
cat /proc/sys/fs/epoll/max_user_watches /proc/sys/vm/dirtytime_expire_seconds > want
same want got

# A module: relocated to where it is loaded.
cat > module.stp <<'EOT'
probe module("overlay").function("ovl_open@fs/overlayfs/file.c") {
	if (pid() == target()) printf("%s\n", kernel_string($file->f_path->dentry->d_name->name))
}
probe module("overlay").statement("ovl_open@fs/overlayfs/file.c:*") {
	if (@defined($file) && @defined($inode) && pid() == target() && !n++)
		printf("%s %d\n", ppfunc(), $file->f_inode == $inode)
}
global n
EOT
if [ -e "$debug/lib/modules/$release/kernel/fs/overlayfs/overlay.ko" ]; then
	"$TAPX" module.stp -o module -c 'cat /etc/hostname' > /dev/null 2> err || { cat err; fail module; }
	has module '^hostname$'
	has module '^ovl_open 1$'
fi

# What is not there says so.
"$TAPX" -e 'probe kernel.statement("vfs_read@fs/read_write.c:1") { println(1) }' 2> err && fail 'line 1 was taken'
has err 'no code begins at line 1 of .fs/read_write.c.; the next that does is [0-9]+'
"$TAPX" -l 'kernel.statement("vfs_read@fs/read_write.c:1").nearest' > out || fail nearest
lines out 1
"$TAPX" -e 'probe kernel.function("vfs_read@mm/slub.c") { println(1) }' 2> err && fail 'wrong file was taken'
has err "no function 'vfs_read' in a file 'mm/slub.c'"
unset SYSTEMTAP_DEBUGINFO_PATH
"$TAPX" -e 'probe kernel.function("vfs_read@fs/read_write.c") { println(1) }' 2> err && fail 'taken without DWARF'
has err 'linux-image-[^ ]*-dbg'
