# where: guest
# The reader is killed at any moment, alone or with all that it started: the module goes, nothing stays.
. "$TORTURE/lib"
module kill --suppress-handler-errors -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 -e 'global n
probe begin { for (i = 0; i < 300; i++) println(i) }
probe kernel.function("vfs_*") ?, kernel.function("vfs_*").return ?, kernel.trace("sched_switch"), timer.ms(1) { n++ printf("%d %s\n", n, execname()) }
probe end { for (i = 0; i < 300; i++) println(i) }'
work
i=0
while [ $i -lt "${ROUNDS:-20}" ]; do
	i=$((i + 1))
	./taprun tapx_kill.ko > kill.out 2> kill.err &
	pid=$!
	sleep "$(awk -v i=$i 'BEGIN { srand(i); printf "%.2f", i < 7 ? rand() / 5 : rand() * 3 }')"
	if [ $((i % 5)) -eq 4 ]; then
		kill -STOP $pid
		sleep 0.5
	fi
	at=$(date +%s%N)
	kill -KILL $pid
	wait $pid 2> /dev/null
	gone kill 100
	echo "$i: gone after $((($(date +%s%N) - at) / 1000000)) ms, $(wc -l < kill.out) lines"
	sleep 0.2
	! pgrep taprun > ps.out || fail "processes stay: $(cat ps.out)"
	complaints "kill $i"
done
# interrupted while a large set of probes is armed, and asked for the second time while it ends
./taprun -T 1 tapx_kill.ko > kill.out 2> kill.err || fail "$(cat kill.err)"
rest
gone kill
