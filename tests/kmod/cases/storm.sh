# where: guest
# What wakes the reader is probed, and the handler prints: that must not go round for ever.
. "$LIB"
for point in 'kernel.trace("irq_work_exit")' 'kernel.function("__wake_up")'; do
	"$TAPX" -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 -e "global n
probe $point { n++ println(\"x\") }
probe timer.ms(10) { println(\"t\") }
probe timer.ms(1000) { exit() }
probe end { printf(\"hits %d\n\", n) }" > got 2> err || fail "$point: status $?: $(cat err)"
	has got '^hits [1-9]'
done
