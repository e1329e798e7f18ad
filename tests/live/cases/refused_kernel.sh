# where: guest
. "$LIB"
refused() {
	"$TAPX" --runtime=ftrace -g -e "$1" > out 2> err && fail "taken: $1"
	has err "$2"
	has err '<input>:[0-9]+:[0-9]+: error:'
}
refused 'probe kernel.function("vfs_read") { $count = 1 }' 'assigns'
refused 'global p; probe kernel.function("vfs_read") { p = $file; println(kernel_string(p)) }' 'computes|dynamic_read'
refused 'probe kernel.function("vfs_read") { println($fiel->f_flags) }' 'file'
refused 'probe kernel.function("vfs_read") { println($file->f_flag) }' 'f_flags'
