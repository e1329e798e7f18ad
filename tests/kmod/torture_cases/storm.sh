# where: guest
# What the module's own output causes is probed, and its handlers print: that must not go round for ever.
. "$TORTURE/lib"
work
try() { # NAME POINT
	for o in "" -DSTP_NO_OVERLOAD; do
		# shellcheck disable=SC2086
		module "$1" $o -DMAXSKIPPED=1000000000 -e "global n
probe $2 { n++ println(\"x\") }
probe timer.ms(10) { println(\"t\") }
probe end { printf(\"hits %d\n\", n) }"
		run "$1" 2
		grep -q overhead "$1.err" || has "$1.out" '^hits '
		echo "$1 $o: $(grep '^hits' "$1.out"), $(grep -c '^t' "$1.out") ticks; $(cat "$1.err")"
	done
}
try entry 'kernel.trace("irq_work_entry")'
try exit 'kernel.trace("irq_work_exit")'
try wakeup 'kernel.function("__wake_up")'
try ttwu 'kernel.trace("sched_waking"), kernel.trace("sched_wakeup"), kernel.trace("sched_switch")'
try run 'kernel.function("irq_work_run"), kernel.function("irq_work_run").return'
try read 'kernel.function("vfs_read"), kernel.function("vfs_write"), kernel.function("proc_reg_poll"), kernel.function("do_sys_poll").return'
try syscalls 'kernel.trace("sys_enter"), kernel.trace("sys_exit")'
try locks 'kernel.function("_raw_spin_lock"), kernel.function("_raw_spin_lock_irqsave")'
# printk() where the kernel's own would wait for a lock that is held
module printk -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 -e 'global n
probe kernel.trace("sched_switch"), kernel.trace("sched_waking"), kernel.function("vprintk_emit"), kernel.function("up") ?,
	kernel.function("_raw_spin_unlock_irqrestore"), kernel.trace("console") ?, kernel.function("devkmsg_write") ?,
	kernel.function("try_to_wake_up") { if (n++ % 10 == 0) printk(6, sprintf("said %d", n)) }
probe end { printf("hits %d\n", n) }'
run printk 3
has printk.out '^hits [1-9]'
dmesg | grep -c 'said [0-9]' > said
[ "$(cat said)" -gt 3 ] || fail "printk: $(cat said) lines"
log_seen=$(dmesg | wc -l)
rest
