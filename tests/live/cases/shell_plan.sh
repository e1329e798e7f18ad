# where: guest
# -p3 prints a shell script that gives the same events on the same kernel.
. "$LIB"
# armed: wait until the plan has switched its events on
armed() {
	i=0
	until grep -qs 1 "$TRACEFS"/instances/*/events/tapx_*/enable; do
		[ $i -lt 200 ] || fail 'the plan does not begin'
		sleep 0.1
		i=$((i + 1))
	done
}
"$TAPX" -p3 -e 'probe kernel.function("vfs_read") { if ($count <= 40) printf("%d\n", $count) }' > plan.sh || fail 'no plan'
SECONDS_TO_RUN=4 sh plan.sh > events 2> err &
armed
"$WL" read 40 > said
wait $! || fail "the plan failed: $(cat err)"
sed -n 's/.* a0=\([0-9]*\)$/\1/p' events | sort -u > got
seq 1 40 | sort > want
comm -23 want got > missing
[ ! -s missing ] || { head -n 5 events; cat err missing; fail 'reads that the plan did not show'; }
# functions that share a name, and a place given by its address
addr=$(awk '$3 == "vfs_read" { print $1 }' /proc/kallsyms)
"$TAPX" -p3 -e "probe kernel.function(0x$addr) { if (ulong_arg(3) <= 40) println(ulong_arg(3)) }" > plan.sh || fail 'no plan by address'
SECONDS_TO_RUN=3 sh plan.sh > events 2> err &
armed
"$WL" read 5 > said
wait $! || fail "the plan by address failed: $(cat err)"
has events 'a0=5$'
