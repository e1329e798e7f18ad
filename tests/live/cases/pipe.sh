# where: guest
# Output is there at once, also in a pipe.
. "$LIB"
mkfifo pipe
"$TAPX" -e 'probe kernel.function("vfs_read") { if (execname() == "wl" && $count == 3) println("hit") }' > pipe 2> err &
pid=$!
( while read -r line; do date +%s%N; break; done < pipe ) > when &
reader=$!
i=0
while [ ! -s when ] && [ $i -lt 100 ]; do
	"$WL" read 3 > /dev/null
	date +%s%N > made
	sleep 0.05
	i=$((i + 1))
done
wait $reader
kill -INT $pid 2>/dev/null
wait $pid
[ -s when ] || fail 'nothing came through the pipe while tapx ran'
