# where: host
# A kernel without kprobes: the error says so, and what can be probed all the same; nothing stays behind.
. "$LIB"
[ ! -e "$TRACEFS/kprobe_events" ] || skip 'this kernel has kprobes'
"$TAPX" -e 'probe kernel.function("vfs_read") { println(1) }' > out 2> err && fail 'ran'
has err 'CONFIG_KPROBE_EVENTS'
has err '<input>:1:7: error:'
