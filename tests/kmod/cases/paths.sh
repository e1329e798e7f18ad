# where: guest
# check: 6.12
# Names and paths of what has a file, of what is deleted, and of what has none; inodes and lookups.
. "$LIB"
mkdir -p /run/tapx-paths/sub
echo text > /run/tapx-paths/sub/file
cat > x.stp <<'END'
probe kernel.function("vfs_read") {
	if (pid() != target()) next
	i = $file->f_inode
	printf("%s|%s|%s\n", fullpath_struct_path(&$file->f_path), inode_name(i), inode_path(i))
}
END
cat > reads.sh <<'END'
exec 3< /run/tapx-paths/sub/file 4< /run/tapx-paths/sub/file
read -r x <&3
rm /run/tapx-paths/sub/file
read -r x <&4
echo pipe | { read -r x; }
END
"$TAPX" x.stp -c "sh $PWD/reads.sh" -o got > said 2> err || fail "status $?: $(cat err)"
has got '^/run/tapx-paths/sub/file\|file\|/run/tapx-paths/sub/file$'
has got '^/run/tapx-paths/sub/file \(deleted\)\|'
cat > x.stp <<'END'
probe kernel.function("vfs_read") {
	if (execname() != "head" || fullpath_struct_path(&$file->f_path) !~ "^pipe|^socket") next
	printf("%s\n", fullpath_struct_file(task_current(), $file))
	exit()
}
END
"$TAPX" x.stp -c "sh -c 'sleep 1 | head -n 1'" -o got > said 2> err || fail "status $?: $(cat err)"
has got '^pipe:\[[0-9]+\]$'
"$TAPX" -e 'probe kernel.function("complete_walk") {
	if (pid() == target()) { printf("%d %d\n", strlen(d_path($nd)) > 0, d_path($nd) == fullpath_struct_nameidata($nd)); exit() }
}' -c "$WL open 3" -o got > said 2> err || fail "status $?: $(cat err)"
has got '^1 1$'
"$TAPX" -e 'probe begin {
	try { println(inode_path(8)) } catch (m) { println(m) }
	try { println(d_path(-1)) } catch (m) { println(m) }
	try { println(inode_name(0x4141414141414141)) } catch (m) { println(m) }
	exit()
}' > got 2> err || fail "status $?: $(cat err)"
lines got 3
lacks got '^[^k]'
# Renames all the time do not lead anywhere else.
mkdir -p /run/tapx-paths/a/x/y /run/tapx-paths/b
echo 1 > /run/tapx-paths/a/x/y/f
(while [ -d /run/tapx-paths ]; do mv /run/tapx-paths/a/x /run/tapx-paths/b/x; mv /run/tapx-paths/b/x /run/tapx-paths/a/x; done) 2> /dev/null &
"$TAPX" -e 'global n probe kernel.function("vfs_read") {
	if (pid() != target() || inode_name($file->f_inode) != "f") next
	p = fullpath_struct_path(&$file->f_path)
	if (p != "/run/tapx-paths/a/x/y/f" && p != "/run/tapx-paths/b/x/y/f") println(p)
	n++
} probe end { println(n) }' -c "sh -c 'until command exec 3< /run/tapx-paths/a/x/y/f || command exec 3< /run/tapx-paths/b/x/y/f; do :; done 2> /dev/null; i=0; while [ \$i -lt 3000 ]; do read -r x <&3; i=\$((i+1)); done'" -o got > said 2> err || fail "status $?: $(cat err)"
rm -rf /run/tapx-paths
lines got 1
has got '^3[0-9][0-9][0-9]$'
