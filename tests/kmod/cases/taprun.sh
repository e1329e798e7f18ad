# A prebuilt module: values of its globals, left running, read on, removed; and what is refused.
. "$LIB"
ln -s "${WL%/wl}/tapx" taprun
"$TAPX" -p4 -m tapx_pre -e 'global count = 3, name = "x", n
probe begin { printf("begin %d %s\n", count, name) }
probe timer.ms(20) { printf("tick %d\n", ++n) if (n == count) exit() }
probe end { printf("end %d\n", n) }' > name 2> err || fail "status $?: $(cat err)"
has name '^tapx_pre.ko$'
./taprun tapx_pre.ko count=2 "name=a b" > got 2> err || fail "status $?: $(cat err)"
printf 'begin 2 a b\ntick 1\ntick 2\nend 2\n' > want
same want got
./taprun tapx_pre.ko coumt=2 > got 2> err && fail 'an unknown global was set'
has err "coumt: .* did you mean 'count'"
./taprun tapx_pre.ko count=2x > got 2> err && fail 'a text was taken for a number'
has err "'2x' is not a number"
[ ! -e /sys/module/tapx_pre ] || fail 'the module was loaded'

# left running, with the newest of its output; one reader at a time; read on; detached again by SIGQUIT
./taprun -L -b 1 tapx_pre.ko count=100000 > got 2> err || fail "status $?: $(cat err)"
has err '^To read on: taprun -A tapx_pre$'
lines got 0 2> /dev/null || [ ! -s got ] || fail "-L wrote: $(cat got)"
has /proc/tapx_pre/ctl '^kept 1$'
sleep 0.2
./taprun -A tapx_pre -o one 2> one.err &
pid=$!
wait_for one 'tick 8'
./taprun -A tapx_pre > two 2> err && fail 'two read at a time'
has err "is being read by process $pid"
./taprun -d tapx_pre 2> err && fail 'removed while it is read'
kill -QUIT $pid
wait $pid || fail "status $? after SIGQUIT"
has one.err '^To end it:  taprun -d tapx_pre$'
[ -e /sys/module/tapx_pre ] || fail 'gone after SIGQUIT'
./taprun -A tapx_pre -o two 2> err &
pid=$!
wait_for two 'tick [0-9]+'
kill -INT $pid
wait $pid || fail "status $?: $(cat err)"
has two '^end [0-9]+$'
[ ! -e /sys/module/tapx_pre ] || fail 'still there after the reader that took it was stopped'

# in the background; then deleted
./taprun -D -o bg tapx_pre.ko count=100000 > pid 2> err || fail "status $?: $(cat err)"
wait_for bg 'tick 3'
kill -TERM "$(cat pid)"
wait_for bg '^end'
i=0
while [ -e /sys/module/tapx_pre ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
[ ! -e /sys/module/tapx_pre ] || fail 'still there after the process in the background was stopped'
./taprun -L tapx_pre.ko 2> /dev/null || fail 'not loaded again'
./taprun -A tapx_prr 2> err && fail 'attached to nothing'
has err "no module 'tapx_prr' of tapx in the kernel; did you mean 'tapx_pre'"
./taprun -d tapx_pre 2> err || fail "status $?: $(cat err)"
[ ! -e /sys/module/tapx_pre ] || fail 'still there after -d'

# what exit() ended while nobody read is ended by who reads on
./taprun -L tapx_pre.ko count=2 2> /dev/null || fail 'not loaded again'
sleep 0.3
./taprun -A tapx_pre > got 2> err || fail "status $?: $(cat err)"
printf 'begin 2 x\ntick 1\ntick 2\nend 2\n' > want
same want got

# tapx -F
"$TAPX" -F -m tapx_fly -s 1 -e 'global n probe timer.us(200) { printf("%d %s\n", n++, sprintf("%100s", "")) } probe end { printf("end %d\n", n) }' > got 2> err || fail "status $?: $(cat err)"
has err '^To read on: taprun -A tapx_fly$'
sleep 6
./taprun -A tapx_fly > got 2> err &
pid=$!
wait_for got '^[0-9]'
kill -INT $pid
wait $pid
first=$(head -n 1 got | cut -d ' ' -f 1)
[ "$first" -gt 0 ] || fail "the oldest was kept: $first"
tail -n 2 got | cut -d ' ' -f 1,2 > tail
echo "end $(($(head -n 1 tail | cut -d ' ' -f 1) + 1))" > want
tail -n 1 tail > last
same want last
"$TAPX" -F -m tapx_fly -o flown -e 'probe begin { println("begun") } probe end { println("end") }' > pid 2> err || fail "status $?: $(cat err)"
wait_for flown begun
kill -INT "$(cat pid)"
wait_for flown end
