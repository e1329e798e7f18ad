# where: guest
# check: 6.12
# More limits of a module: skipped probes, time, memory; what is said of them at the end.
. "$LIB"
ends 1 'ERROR: Skipped too many probes, check MAXSKIPPED' -DMINSTACKSPACE=16300 -DMAXSKIPPED=3 -e 'probe kernel.function("vfs_read") { if (pid() == target()) println("run") }' -c "$WL read 9"
has err 'Skipped due to low stack: [0-9]+'
lacks got run
ends 1 'ERROR: probe overhead \([0-9]+ cycles\) exceeded threshold \(1000 cycles\) in last' -DSTP_OVERLOAD_THRESHOLD=1000 -e 'probe timer.ms(1) { for (i = 0; i < 1000; i++) j += i }'
ends 1 'no memory for it .*STP_MAXMEMORY' -DSTP_MAXMEMORY=100 -e 'global a probe begin { a[1] = 2 exit() }'
"$TAPX" -DKRETACTIVE=1 -e 'global n probe kernel.function("hrtimer_nanosleep").return { n++ } probe end { println(n > 0) }' -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has err "WARNING: Skipped due to missed kretprobe on 'kernel.function\(.hrtimer_nanosleep.*: [1-9]"
has err 'Number of errors: 0, skipped probes: [1-9]'
