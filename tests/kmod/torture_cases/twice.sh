# where: guest
# Two modules with the same probes at the same time; each sees all of it. One of the same name is refused.
. "$TORTURE/lib"
script='global n, m
probe kernel.function("vfs_read") { if (pid() == target() && $count < 1000) n++ }
probe kernel.function("vfs_read").return { if (pid() == target() && @entry($count) < 1000) n++ }
probe kernel.trace("sys_enter") { if (pid() == target() && $id == 0) n++ }
probe kernel.trace("sched_switch"), kernel.function("__schedule") ?, timer.ms(1) { m++ }
probe end { printf("%d %d\n", n, m > 0) }'
module a -e "$script"
module b -e "$script"
"$WL" read 10 > /dev/null
cat > reader.sh <<'EOF'
while [ ! -e go ]; do sleep 0.1; done
exec "$WL" read 900
EOF
work
sh reader.sh > /dev/null &
reader=$!
./taprun -x $reader -T 100 tapx_a.ko > a.out 2> a.err &
a=$!
./taprun -x $reader -T 100 tapx_b.ko > b.out 2> b.err &
b=$!
wait_for /proc/modules '^tapx_a '
wait_for /proc/modules '^tapx_b '
sleep 3
./taprun -T 1 tapx_a.ko > again.out 2> again.err && fail 'loaded twice'
has again.err 'loaded already'
touch go
wait $reader
sleep 1
kill -INT $a $b
wait $a || fail "$(cat a.err)"
wait $b || fail "$(cat b.err)"
rest
same a.out b.out
has a.out ' 1$'
[ "$(cut -d ' ' -f 1 a.out)" -ge 2700 ] || fail "$(cat a.out)"
gone a
gone b
complaints twice
# one comes and goes while the other works
module c -DSTP_NO_OVERLOAD --suppress-handler-errors -e "$script"
work
./taprun -T 20 tapx_c.ko > c.out 2> c.err &
i=0
while [ -e /sys/module/tapx_c ] || [ $i -lt 2 ]; do
	i=$((i + 1))
	./taprun -T 1 tapx_a.ko > a.out 2> a.err || fail "$(cat a.err)"
	gone a
done
wait $!
rest
echo "$i times meanwhile"
gone c
complaints together
