# where: guest
# A script that asks for more memory than there is gets an error; nobody is killed for it.
. "$TORTURE/lib"
"$WL" read 1 > /dev/null
sleep 300 &
bystander=$!
for script in 'global a[20000000] probe begin { a["x"] = 1 exit() }' \
	'global a[3000000] probe begin { a["x", "y"] = "z" exit() }' \
	'global a[8000000] probe begin { a[1] <<< 1 println(@count(a[1])) exit() }' \
	'global a[2000000], b[2000000], c[2000000], d[2000000] probe begin { a["x"] = b["x"] = c["x"] = d["x"] = "y" exit() }'; do
	module large -e "$script"
	./taprun -T 1 tapx_large.ko > large.out 2> large.err && echo 'there was room'
	cat large.err
	gone large
	kill -0 $bystander || fail 'a bystander was killed'
	! dmesg | grep -i 'oom-kill\|Out of memory' || fail 'somebody was killed'
	complaints "large: $script"
done
module large -s 4000 -e 'probe begin { exit() }'
./taprun -T 1 tapx_large.ko > large.out 2> large.err && echo 'there was room'
gone large
complaints 'large buffer'
# long arrays, sorted in an interrupt: the processor is not lost
module sorts -DSTP_NO_OVERLOAD -e 'global a[200000], n
probe begin { for (i = 0; i < 190; i++) for (j = 0; j < 1000; j++) a[i * 1000 + j] = randint(1000000) }
probe timer.ms(20) { n++ for (i = 0; i < 300; i++) foreach (k in a-) { x += k break } }
probe end { println(n) }' -DMAXACTION_INTERRUPTIBLE=100000000
run sorts 5
has sorts.err 'MAXACTION exceeded near keyword .foreach.'
cat sorts.err
kill $bystander
