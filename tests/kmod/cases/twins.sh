# where: guest
# check: 6.12
# Functions of equal names are probed all, and found again by a prebuilt module wherever the kernel lies;
# on another build of the kernel it does not run.
. "$LIB"
ln -s "${WL%/wl}/tapx" taprun
name=$(awk '$2 ~ /[tT]/ && NF == 3 { n[$3]++; a[$3] = a[$3] " " $1 } END { for (f in n) if (n[f] == 2) print f }' /proc/kallsyms |
	sort > twice; awk '{ print $1 }' "$TRACEFS/available_filter_functions" | sort | uniq -c | awk '$1 == 2 { print $2 }' | comm -12 - twice | grep -v '[.]' | head -n 1)
[ -n "$name" ] || skip 'no two functions of one name'
"$TAPX" -p4 -m tapx_twin -e 'probe kernel.function("'"$name"'") { println(pp()) } probe begin { println("begun") }' > /dev/null 2> err || fail "status $?: $(cat err)"
"$TAPX" -p3 -e 'probe kernel.function("'"$name"'") { println(pp()) }' > c 2> err || fail "$(cat err)"
[ "$(grep -c 'base = "_text"' c)" -eq 2 ] || fail "$name: $(grep -c 'base = ' c) places"
./taprun tapx_twin.ko > got 2> err &
pid=$!
wait_for got begun
sleep 1
awk '{ print $1 }' /sys/kernel/debug/kprobes/list 2> /dev/null | sort > probed || :
grep " $name$" /proc/kallsyms | awk '{ print $1 }' | sort > want
if [ -s probed ]; then
	[ "$(sed 's/.$//' want | sort -u | grep -c -f - probed)" -ge 2 ] || fail "probed: $(cat probed) want: $(cat want)"
fi
kill -INT $pid
wait $pid || fail "status $?: $(cat err)"
sed "s/$(uname -v | cut -c1-12)/#9 SMP nobod/" tapx_twin.ko > tapx_twen.ko
mv tapx_twen.ko tapx_twin.ko
./taprun tapx_twin.ko > got 2> err && fail 'it ran on another kernel'
has err 'functions of equal names lie elsewhere in this kernel; the module was made on'
