# where: guest
# Scenario 5 without files: many functions by one pattern, told apart by ppfunc(); indented.
. "$LIB"
"$TAPX" -e 'global n; probe kernel.function("vfs_*") { if (pid() == target()) n[ppfunc()]++ } probe end { foreach (f in n+) printf("%s %d\n", f, n[f]) }' -c "$WL read 123" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^vfs_read 12[3-9]$'
has got '^vfs_open [1-9]'
"$TAPX" -e 'probe kernel.function("vfs_read").call { if (pid() == target()) printf("%s -> %s\n", thread_indent(1), ppfunc()) }
probe kernel.function("vfs_read").return { if (pid() == target()) printf("%s <- %s\n", thread_indent(-1), ppfunc()) }' -c "$WL read 2" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got 'wl\([0-9]+\): -> vfs_read$'
has got 'wl\([0-9]+\): <- vfs_read$'
