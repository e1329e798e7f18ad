# where: guest
# Kernel backtraces with symbols, one per hit.
. "$LIB"
"$TAPX" -e 'probe kernel.function("vfs_read") { if (pid() == target() && $count == 5) { print_backtrace() println("--") } }' -c "$WL read 9" > out 2> err || fail "status $?: $(cat err)"
has out 'vfs_read\+0x'
has out '(ksys_read|__x64_sys_read)\+0x'
has out 'do_syscall_64\+0x'
"$TAPX" -e 'probe kernel.function("vfs_read").return { if (pid() == target() && $return == 5) { print_stack(backtrace()) exit() } }' -c "$WL read 9" > out 2> err || fail "status $?: $(cat err)"
has out '(ksys_read|__x64_sys_read)\+0x'
"$TAPX" -DMAXBACKTRACE=2 -e 'probe kernel.function("vfs_read") { if (pid() == target() && $count == 5) { print_backtrace() exit() } }' -c "$WL read 9" -o got > want 2> err || fail "status $?: $(cat err)"
lines got 2
