# where: guest
# Files whose text the script makes and gets: permissions, directories, pieces, sizes, who holds them open.
. "$LIB"
cat > x.stp <<'END'
global n
probe procfs("x").read { $value = sprintf("%d\n", n) }
probe procfs("x").write { n = strtol($value, 10) }
probe procfs("x").write { printf("got %s", $value) }
probe procfs("a/b/long").umask(0022).read.maxsize(100000) { for (i = 0; i < 5000; i++) $value .= sprintf("line %d\n", i) }
probe procfs("a/b/short").read.maxsize(10) { $value = "0123456789abcdef"; $value .= "more" }
probe procfs("a/size").write { printf("%d %d\n", strlen($value), n++) }
probe procfs.umask(0).read { $value = probe_type(); printf("%s was %s\n", pp(), execname()) }
probe procfs("two").read { $value = "one " }
probe procfs("two").read { $value .= "two\n" }
probe procfs("bad").read { $value = "begun "; println(1 / n); $value .= "done" }
probe procfs("bye").write { exit() }
END
"$TAPX" -m tapx_files -DMAXERRORS=9 x.stp > got 2> err &
pid=$!
d=/proc/systemtap/tapx_files
i=0
until [ -e $d/bye ] || [ $i -gt 600 ]; do sleep 0.1; i=$((i + 1)); done
stat -c '%a %n' $d/x $d/a $d/a/b $d/a/b/long $d/a/b/short $d/command > modes
cat > want <<END
600 $d/x
555 $d/a
555 $d/a/b
444 $d/a/b/long
400 $d/a/b/short
444 $d/command
END
same want modes
[ "$(cat $d/x)" = 0 ] || fail 'not 0'
echo 42 > $d/x
[ "$(cat $d/x)" = 42 ] || fail 'not 42'
seq 0 4999 | sed 's/^/line /' > want
cat $d/a/b/long > long
same want long
dd if=$d/a/b/long of=long bs=7 2> /dev/null # in pieces that are no lines
same want long
[ "$(dd if=$d/a/b/long bs=1 skip=5 count=8 2> /dev/null | tr '\n ' ,,)" = 0,line,1 ] || fail 'not in the middle'
[ "$(cat $d/a/b/short)" = 0123456789 ] || fail 'not cut'
[ "$(cat $d/command)" = procfs ] || fail 'no default'
[ "$(cat $d/two)" = 'one two' ] || fail 'not both'
head -c 2000 /dev/zero | tr '\0' z > z
cat z > $d/a/size
echo 0 > $d/x
[ "$(cat $d/bad)" = begun ] || [ "$(cat $d/bad)" = 'begun ' ] || fail 'bad is not begun'
cat $d/a/size > /dev/null 2>&1 && fail 'what nobody gives could be read'
(echo 1 > $d/two) 2> /dev/null && fail 'what nobody takes could be written'
exec 8< $d/x 9> $d/x
read -r line <&8
[ "$line" = 0 ] || fail "held open: $line"
echo > $d/bye
wait $pid || fail "status $?: $(cat err)"
[ ! -e $d ] || fail 'the files stay'
[ ! -e /sys/module/tapx_files ] || fail 'the module stays'
(read -r line <&8) 2> /dev/null && fail 'read from what is gone'
(echo 2 >&9) 2> /dev/null && fail 'written to what is gone'
exec 8<&- 9<&-
cat > want <<'END'
got 42
procfs.umask(0).read was cat
511 42
511 43
511 44
467 45
got 0
END
same want got
has err 'division by 0 near .* in probe procfs\("bad"\).read'
"$TAPX" -e 'probe procfs("x").read { $value = "1" } probe end { println("end") }' -T 1 > got 2> err || fail "status $?: $(cat err)"
has got '^end$'
