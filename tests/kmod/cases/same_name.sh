# A module that is loaded already is somebody else's: the second run says so, and takes nothing away.
. "$LIB"
script='probe begin { println("begun") } probe end { println("end") }'
"$TAPX" -m tapx_same -T 100 -e "$script" > first 2> first.err &
pid=$!
wait_for first begun
"$TAPX" -m tapx_same -T 1 -e "$script" > second 2> err && fail 'loaded twice'
has err 'loaded already'
[ -e /sys/module/tapx_same ] || fail "the first one's module is gone"
kill -INT $pid
wait $pid || fail "first: $(cat first.err)"
printf 'begun\nend\n' > want
same want first
[ ! -e /sys/module/tapx_same ] || fail 'the module stays'
