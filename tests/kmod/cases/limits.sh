# where: guest
# check: 6.12
# The limits of a module, each with its message.
. "$LIB"
ends 1 'ERROR: MAXACTION exceeded near' -DMAXACTION=10 -e 'probe timer.ms(1) { while (1) i++ }'
ends 1 'ERROR: MAXACTION exceeded near' -DMAXACTION_INTERRUPTIBLE=50 -e 'probe begin { for (i = 0; i < 60; i++) j += i }'
ends 1 'ERROR: MAXNESTING exceeded near' -DMAXNESTING=5 -e 'function f(n) { return n ? f(n - 1) : 0 } probe begin { println(f(3)) println(f(9)) }'
has got '^0$'
ends 1 'Number of errors: 3, skipped probes: 0' -DMAXERRORS=2 -e 'global n probe timer.ms(1) { n++ println(1 / (n > 100)) } probe error { printf("errors %d\n", n) } probe end { println("end") }'
has got '^errors 3$'
lacks got end
