# where: guest
# printk() from where the kernel's own would wait for a lock that is held; a line for each.
. "$LIB"
"$TAPX" -DSTP_NO_OVERLOAD --suppress-handler-errors -e 'global n
probe kernel.trace("sched_switch"), kernel.trace("sched_waking"), kernel.function("vprintk_emit"), kernel.function("_raw_spin_unlock_irqrestore"),
	kernel.function("try_to_wake_up") { if (n++ < 20) printk(6, sprintf("tapx says %d", n)) }
probe timer.ms(500) { exit() }' > got 2> err || fail "$(cat err)"
dmesg | grep -c 'tapx says [0-9]' > said
[ "$(cat said)" -ge 20 ] || fail "$(cat said) lines; $(cat err)"
