# where: guest
# Scenario 6: registers of the user program at a hit in the kernel: the third argument of read().
. "$LIB"
"$TAPX" -e 'probe kernel.function("vfs_read") { if (pid() == target() && $count <= 40) printf("%d %d\n", $count, u_register("rdx")) }' -c "$WL read 40" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
seq 1 40 | awk '{ print $1, $1 }' > want
same want got
