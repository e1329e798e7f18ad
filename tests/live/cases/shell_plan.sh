# where: guest
# -p3 prints a shell script that gives the same events on the same kernel.
. "$LIB"
"$TAPX" -p3 -e 'probe kernel.function("vfs_read") { if ($count <= 40) printf("%d\n", $count) }' > plan.sh || fail 'no plan'
SECONDS_TO_RUN=4 sh plan.sh > events 2> err &
sleep 2
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
sleep 1.5
"$WL" read 5 > said
wait $! || fail "the plan by address failed: $(cat err)"
has events 'a0=5$'
