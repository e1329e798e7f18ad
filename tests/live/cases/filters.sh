# where: guest
# Leading guards run in the kernel: what they reject is never recorded, and the result is the same.
. "$LIB"
cat > s.stp <<'S'
probe kernel.function("vfs_read") {
	if ($count < 100 || $count > 150) next
	if (execname() != "wl") next
	printf("%d\n", $count)
}
S
"$TAPX" s.stp -c "$WL read 300" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
seq 100 150 > want
same want got
"$TAPX" -p3 s.stp > plan.sh || fail 'no plan'
has plan.sh '>= 100.* <= 150|count|filter'
