# where: guest
# A number behind a pointer that cannot be read is an error, never stale bytes.
. "$LIB"
"$TAPX" -e 'probe kernel.function("vfs_read") {
	if (pid() != target()) next
	try { printf("%d\n", @cast(0x10, "task_struct", "kernel")->pid) } catch (m) { println("fault: ", m) }
	try { printf("%d\n", kernel_long($buf)) } catch (m) { println("user address: ", m) }
	exit()
}' -c "$WL read 3" > got 2> err || fail "status $?: $(cat err)"
has got '^fault: .*0x'
has got '^user address: .*fault'
"$TAPX" -e 'probe kernel.function("vfs_read") { printf("%d\n", @cast(0, "task_struct", "kernel")->pid) }' -c "$WL read 3" > got 2> err && fail 'a read fault gave status 0'
has err 'ERROR: .*fault'
