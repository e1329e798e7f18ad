# where: guest
# No limits of time, with -g; what -t says of each handler; a buffer and a stack of another size.
. "$LIB"
"$TAPX" -g --suppress-time-limits -DMAXACTION=1 -DINTERRUPTIBLE=0 -DSTP_BUFFER_SIZE=1024 -e 'probe begin { for (i = 0; i < 30000; i++) j += i println(j) for (i = 0; i < 300; i++) printf("%d ", i) println("") exit() }' > got 2> err || fail "status $?: $(cat err)"
has got '^449985000$'
has got ' 298 299 $'
"$TAPX" -s 2 -t -DMAXBACKTRACE=3 -e 'probe kernel.function("vfs_read") { if (pid() == target()) { print_backtrace() exit() } } probe never, end { println("end") }' -c "$WL read 2" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
[ "$(grep -c '^ 0x' got)" -le 3 ] || fail "$(cat got)"
has got '^----- probe hit report: $'
has got '^kernel.function\("vfs_read[^ ]*, \(<input>:1:7\), hits: [0-9]+, cycles: [0-9]+min/[0-9]+avg/[0-9]+max, variance: [0-9]+, from: kernel.function\("vfs_read"\), index: 0$'
has got '^end, .*hits: 1, .* index: 1$'
