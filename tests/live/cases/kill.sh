# where: guest
# SIGKILL at 20 moments leaves nothing that is not removed.
. "$LIB"
i=0
while [ $i -lt 20 ]; do
	"$TAPX" -e 'global n; probe kernel.function("vfs_*").call { n[pid()]++ } probe kernel.function("vfs_write").return { n[$return]++ }' > /dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%02d' $((i * 7 % 100)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	i=$((i + 1))
done
"$TAPX" -e 'probe kernel.function("vfs_read") { exit() }' -c "$WL read 3" > /dev/null 2> err || fail "$(cat err)"
