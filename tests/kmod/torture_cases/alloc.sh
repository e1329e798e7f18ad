# where: guest
# Each allocation of loading and starting fails once: an error, and nothing stays. For kernels with fault
# injection (tests/kmod/debug_kernel).
. "$TORTURE/lib"
[ -e /proc/self/fail-nth ] || skip 'this kernel has no fault injection'
for d in failslab fail_page_alloc; do
	for f in ignore-gfp-wait ignore-gfp-highmem cache-filter; do
		[ ! -e /sys/kernel/debug/$d/$f ] || echo N > /sys/kernel/debug/$d/$f
	done
	echo 0 > /sys/kernel/debug/$d/verbose
	[ ! -e /sys/kernel/debug/$d/min-order ] || echo 0 > /sys/kernel/debug/$d/min-order
done
module alloc -s 1 -DMAXMAPENTRIES=50 --suppress-handler-errors -e 'global a, s, t
probe begin { a[1] = 2 s[execname()] <<< 3 t["x", 1] = "y" }
probe kernel.function("vfs_read"), kernel.function("vfs_read").return, kernel.function("vfs_write").return, kernel.trace("sched_switch"),
	kernel.function("vfs_fsync_range"), timer.ms(10) { a[1]++ print_backtrace() }
probe kernel.function("vfs_write").return { if (@entry($count) == 3) println(1) }
probe end { print(@hist_log(s["sh"])) }'
"${WL%/wl}/fail_nth" tapx_alloc.ko tapx_alloc || fail 'fail_nth'
gone alloc
complaints alloc
