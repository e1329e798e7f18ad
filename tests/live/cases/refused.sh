# where: guest host
# What the ftrace path cannot do is refused with the construct and its place.
. "$LIB"
refused() {
	"$TAPX" --runtime=ftrace -g -e "$1" > out 2> err && fail "taken: $1"
	has err "$2"
	has err '<input>:[0-9]+:[0-9]+: error:'
}
refused 'function f() %{ return 1; %} probe begin { f() }' 'embedded C'
refused 'probe process("/bin/ls").function("main") { println(1) }' 'process'
refused 'probe kernel.statement("bio_init@block/bio.c:3") { println(1) }' 'DWARF|debug'
refused 'probe netfilter.hook("NF_INET_PRE_ROUTING").pf("NFPROTO_IPV4") { println(1) }' 'netfilter'
