# where: guest
# check: 6.1
# Hundreds of functions, on entry and on return: there and gone within seconds, each one hit where it is.
. "$LIB"
for variant in '' .return; do
	"$TAPX" -DMAXSKIPPED=1000000 -DSTP_NO_OVERLOAD -e 'global t, n
	probe begin { t = gettimeofday_ms() }
	probe kernel.function("{tcp_*,udp_*,vfs_*}")'$variant' { if (pid() == target()) n[ppfunc()]++ }
	probe timer.ms(500) { if (t) { printf("start %d ms\n", gettimeofday_ms() - 500 - t) t = 0 } }
	probe end { printf("reads %d opens %d\n", n["vfs_read"], n["vfs_open"]) }' -c "$WL read 200" -o got 2> err || fail "status $?: $(cat err)"
	has got '^reads 20[0-9] opens [1-9]'
done
"$TAPX" -e 'global n, t
probe kernel.function("{tcp_*,udp_*,vfs_*}"), kernel.function("vfs_*").return { if (pid() == target()) n++ }
probe timer.ms(100) { t = gettimeofday_ms() exit() }
probe end { printf("stop %d ms\n", gettimeofday_ms() - t) }' -o got 2> err || fail "status $?: $(cat err)"
took=$(sed -n 's/stop \([0-9]*\) ms/\1/p' got)
[ "$took" -le 2000 ] || fail "$took ms to stop"
cat got
