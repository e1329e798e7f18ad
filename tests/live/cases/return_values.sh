# where: guest
# Scenario 4: results, entry values, durations.
. "$LIB"
"$TAPX" -e 'probe kernel.function("vfs_read").return {
	if (pid() == target() && $count <= 200 && $file->f_op != 0) {
		d = gettimeofday_ns() - @entry(gettimeofday_ns())
		if (d <= 0 || d > 10000000000) printf("bad duration %d\n", d)
		if (kernel_string($file->f_path->dentry->d_name->name) == "zero")
			printf("read %d %d %d\n", pid(), $count, $return)
	}
}' -c "$WL read 200" -o got > want 2> err || fail "status $?: $(cat err)"
same want got
lines got 200
