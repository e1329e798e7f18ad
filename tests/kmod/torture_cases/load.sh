# where: guest
# Loaded, used and removed again and again while the machine is busy: memory stays what it was.
. "$TORTURE/lib"
module load --suppress-handler-errors -DMAXSKIPPED=1000000000 -DSTP_NO_OVERLOAD -e 'global n, by[2000], names[200], all
probe kernel.function("vfs_read"), kernel.function("vfs_read").return, kernel.trace("sched_switch"), kernel.trace("sys_enter"),
	kernel.function("handle_mm_fault").return, timer.ms(3) {
	n++
	by[n % 1000] = n
	names[execname()] = pp()
	all <<< n
	if (n % 100 == 0) { print_backtrace() printf("%s\n", names[execname()]) }
}
probe timer.ms(100) { exit() }
probe end { print(@hist_log(all)) }'
figures() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 3
	awk '/^(MemFree|Slab|SReclaimable|SUnreclaim|KernelStack|PageTables|VmallocUsed|Percpu|AnonPages|Shmem):/ { print $1, $2 }' /proc/meminfo
	awk '/^kmalloc-/ { kb += $3 * $4 / 1024 } /^(task_struct|proc_dir_entry|proc_inode_cache|filp|pid|vmap_area) / { print $1, $2 } END { printf "kmalloc %d\n", kb }' /proc/slabinfo
	wc -l < /proc/vmallocinfo | sed 's/^/vmalloc_areas /'
	grep -c '' /proc/kallsyms | sed 's/^/symbols /'
}
cycle() {
	./taprun -T 1 tapx_load.ko > load.out 2> load.err || fail "cycle $1: $(cat load.err)"
	gone load
}
work
for i in 1 2 3 4 5; do cycle $i; done
rest
figures > before
work
start=$(date +%s)
i=0
while [ $i -lt "${ROUNDS:-200}" ]; do
	i=$((i + 1))
	cycle $i
done
took=$(($(date +%s) - start))
rest
figures > after
complaints load
echo "$i cycles in $took s"
join before after | awk '{ printf "%-20s %9d %9d %+d\n", $1, $2, $3, $3 - $2 }'
# figures in kB but for the numbers of areas and symbols
join before after | awk -v cycles=$i '
	/^(SUnreclaim|VmallocUsed|Percpu|kmalloc)/ && $3 - $2 > 4096 { print "grew: " $0; bad = 1 }
	/^(vmalloc_areas|symbols|proc_dir_entry) / && $3 - $2 > 40 { print "grew: " $0; bad = 1 }
	END { exit bad }' || fail 'memory is lost'
if [ -e /sys/kernel/debug/kmemleak ]; then
	echo scan > /sys/kernel/debug/kmemleak
	sleep 6
	echo scan > /sys/kernel/debug/kmemleak
	! grep -B 3 -A 25 'tapx_\|unreferenced' /sys/kernel/debug/kmemleak | grep -q tapx_ || fail "$(cat /sys/kernel/debug/kmemleak)"
fi
