# where: guest
# A full buffer: what is lost is counted exactly; recorded + lost = made.
. "$LIB"
"$TAPX" -s 1 -e 'global n; probe kernel.function("do_sys_openat2") { if (execname() == "wl") { n++; for (i = 0; i < 300; i++) x += i; if (x == 1) println(1) } } probe end { printf("%d\n", n) }' -c "$WL rate 100000" > out 2> err || fail "status $?: $(cat err)"
got=$(sed -n 's/^\([0-9][0-9]*\)$/\1/p' out | tail -n 1)
lost=$(sed -n 's/.* \([0-9][0-9]*\) events lost.*/\1/p' err | head -n 1)
echo "recorded $got, lost ${lost:-0}"
[ "$got" -gt 0 ] || fail 'nothing recorded'
sum=$((got + ${lost:-0}))
[ $sum -ge 100000 ] && [ $sum -le 100100 ] || fail "recorded $got and lost ${lost:-0} make $sum, not 100000 (and a few of the start)"
