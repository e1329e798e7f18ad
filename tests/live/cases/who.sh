# where: guest
# pid() tid() ppid() execname() and the ids are those at the moment of the hit, also of threads,
# of tasks that are gone, after fork, double fork, exec from a thread, and changed credentials.
. "$LIB"
cat > s.stp <<'S'
probe kernel.function("do_sys_openat2") {
	path = user_string($filename, "")
	if (isinstr(path, "/tapx-wl/who/"))
		printf("who %s %d %d %d %d %d %d %d %s\n", execname(), pid(), tid(), ppid(), uid(), euid(),
		       gid(), egid(), path)
}
S
for i in 1 2 3; do
	"$TAPX" s.stp -c "$WL who" -o got > want 2> err || fail "status $?: $(cat err)"
	sort want > want.s
	sort got > got.s
	same want.s got.s
	[ ! -s err ] || fail "$(cat err)"
done
[ "$(wc -l < got)" -gt 35 ] || fail 'too few tasks'
