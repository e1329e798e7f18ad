# where: guest
# A kernel without BTF: a clear message, --btf FILE helps, and what needs no types still works.
. "$LIB"
mkdir btf
cp /sys/kernel/btf/vmlinux vmlinux.btf
unshare -m sh -c 'mount --bind btf /sys/kernel/btf && exec "$0" -e "probe kernel.function(\"vfs_read\") { println(\$count) exit() }" -T 1' "$TAPX" > out 2> err && fail 'worked without BTF'
has err 'BTF'
has err '--btf'
unshare -m sh -c 'mount --bind btf /sys/kernel/btf && exec "$0" --btf vmlinux.btf -e "probe kernel.function(\"vfs_read\") { if (\$count == 2) { println(\$count) exit() } }" -c "$1 read 3"' "$TAPX" "$WL" > out 2> err || fail "--btf: $(cat err)"
has out '^2$'
unshare -m sh -c 'mount --bind btf /sys/kernel/btf && exec "$0" -e "probe kprobe.function(\"vfs_read\") { if (ulong_arg(3) == 2) { println(ulong_arg(3)) exit() } }" -c "$1 read 3"' "$TAPX" "$WL" > out 2> err || fail "untyped: $(cat err)"
has out '^2$'
