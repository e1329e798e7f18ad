# where: guest
# Tasks, files and paths behind pointers that the script has; wild ones are errors.
. "$LIB"
cd /etc || exit 1
"$TAPX" -e 'probe kernel.function("vfs_read") {
	if (pid() != target()) next
	t = task_current()
	f = task_fd_lookup(t, 3)
	if (fullpath_struct_file(t, f) != "/etc/hostname") next
	printf("%s %s %s %s\n", fullpath_struct_file(t, f), d_name($file->f_path->dentry),
	       reverse_path_walk($file->f_path->dentry), fullpath_struct_path(task_cwd_path(t)))
	printf("%d %d %d %s\n", task_pid(t) == pid(), task_tid(t) == tid(), task_pid(task_parent(t)) == ppid(), task_execname(t))
	printf("%d %d %d %d\n", task_uid(t), task_nice(t), task_cpu(t) == cpu(), task_open_file_handles(t) >= 4)
	printf("%d %s\n", pid2task(pid()) == t, fullpath_struct_file(t, task_exe_file(t)) != "" ? "exe" : "none")
	try { println(task_pid(8)) } catch (m) { println(m) }
	try { println(fullpath_struct_path(-1)) } catch (m) { println(m) }
	exit()
}' -c 'cat /etc/hostname' -o "$OLDPWD/got" > /dev/null 2> "$OLDPWD/err" || fail "status $?: $(cat "$OLDPWD/err")"
cd "$OLDPWD" || exit 1
has got '^/etc/hostname hostname (.*/)?etc/hostname /etc$'
has got '^1 1 1 cat$'
has got '^0 0 1 1$'
has got '^1 exe$'
has got '^kernel read fault at 0x00000000'
has got '^kernel read fault at 0xffffffffffffffff|^kernel read fault at 0x0{15}7$'
