# where: guest host
# -x: the process and what descends from it, also what was there before; not others of the same program.
. "$LIB"
mkfifo in
sh -c 'echo up; "$0" idle < in > idle.out & wait' "$UWL" > up &
shell=$!
exec 5> in
wait_for idle.out idle
pid=$(sed 's/idle //' idle.out)
"$TAPX" -x $shell -e 'probe begin { println("ready") } probe process("'$UWL'").function("add") { println("add ", pid()) }
probe process("'$UWL'").end { println("end ", pid()) exit() } probe process("/bin/true").begin { println("true") }' -o got 5>&- &
tapx=$!
wait_for got ready
sleep 1
"$UWL" calls 2 > /dev/null
/bin/true
echo >&5
exec 5>&-
wait $tapx
wait
printf 'ready\nadd %d\nadd %d\nadd %d\nend %d\n' $pid $pid $pid $pid > want
same want got
