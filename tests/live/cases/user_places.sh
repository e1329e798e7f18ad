# where: guest host
# Places by address, by slot of the procedure linkage table, in scripts' interpreters; how they are listed.
. "$LIB"
command -v nm > /dev/null || skip 'nm is not there'
lib=$(dirname "$UWL")/libuwl.so
add=0x$(nm "$UWL" | sed -n 's/ t add$//p' | sed 's/^0*//')
"$TAPX" -e 'probe process.plt("uwl_triple") { printf("plt %s %d\n", $$name, long_arg(1)) }
probe process.plt("uwl_triple").return { printf("return %d\n", returnval()) }
probe process("'$UWL'").statement('$add') { printf("at %d %s\n", int_arg(1), ppfunc()) }
' -c "$UWL calls 2" -o got > /dev/null || fail "status $?"
printf 'at 0 add\nplt uwl_triple 0\nreturn 1\nat -1 add\nplt uwl_triple 1\nreturn 4\n' > want
same want got
# in a process that runs
mkfifo in
"$UWL" idle < in > idle.out &
exec 5> in
wait_for idle.out idle
pid=$(sed 's/idle //' idle.out)
base=$(sed -n "s|^\([0-9a-f]*\)-.* 00000000 .*$(readlink -f "$UWL")\$|0x\1|p" "/proc/$pid/maps" | head -n 1)
"$TAPX" -g -e 'probe begin { println("ready") }
probe process('"$pid"').statement('$(printf '0x%x' $((base + add)))').absolute { println("absolute ", int_arg(1), " ", pid()) }
probe process('"$pid"').end { exit() }' -o got 5>&- &
tapx=$!
wait_for got ready
"$UWL" calls 1 > /dev/null
sleep 1
echo >&5
exec 5>&-
wait $tapx
printf 'ready\nabsolute 0 %s\nabsolute -1 %s\nabsolute -2 %s\n' "$pid" "$pid" "$pid" > want
same want got
# a script is what interprets it; a name is looked for in $PATH; a link is what it leads to
printf '#!%s calls\n' "$UWL" > script
chmod 755 script
ln -s "$UWL" uwl_link
PATH=$PWD:$PATH "$TAPX" -e 'probe process("script").function("add"), process("uwl_link").function("main") { println(ppfunc()) }' \
	-c './script' -o got > /dev/null || fail "status $?"
has got '^main$'
# lists
path=$(readlink -f "$UWL")
"$TAPX" -l 'process("uwl_nothing").function("*")' > got 2>&1 && fail 'a program that is not there is listed'
"$TAPX" -l 'process("'$UWL'").function("{add,look,mark_*}")' > got || fail "status $?"
for f in add look mark_many mark_one; do echo "process(\"$path\").function(\"$f\")"; done > want
same want got
"$TAPX" -L 'process("'$UWL'").mark("[fo]*")' > got || fail "status $?"
for m in forms one; do echo "process(\"$path\").mark(\"$m\") \$arg1:long \$arg2:long \$arg3:long"; done > want
same want got
"$TAPX" -l 'process("'$UWL'").library("*uwl*").function("*{den,ple}")' > got || fail "status $?"
for f in hidden uwl_triple; do
	echo "process(\"$path\").library(\"$(readlink -f "$lib")\").function(\"$f\")"
done > want
same want got
