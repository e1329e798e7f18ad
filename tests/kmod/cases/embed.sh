# where: guest
# check: 6.12
# Embedded C: what it finds, what it gives, its errors, and what it may touch.
. "$LIB"
cat > page.stp <<'EOF'
%{
#include <linux/mm.h>
%}
function dump_page(page:long) %{
	struct page *p = (struct page *)(long)STAP_ARG_page;
	unsigned long flags = kread(&p->flags);

	STAP_PRINTF("page %p refs %d%s\n", p, kread(&p->_refcount.counter), flags & 1 << PG_reserved ? " reserved" : "");
%}
probe begin {
	dump_page(%{ (long)virt_to_page(empty_zero_page) %})
	try { dump_page(0x4141) } catch (m) { println(m) }
	exit()
}
EOF
"$TAPX" -g page.stp > got 2> err || fail "status $?: $(cat err)"
has got '^page 0x[0-9a-f]{12,} refs [1-9][0-9]* reserved$'
has got '^kernel read fault at 0x0000000000004'

# every macro, numbers and text, in functions and expressions
cat > macros.stp <<'EOF'
%{
#include <linux/sched.h>
static int twice(int x) { _stp_printf("twice %d\n", x); return 2 * x; }
%}
%{ /* pragma:suffix */ static int late __maybe_unused = RT_N_TIMERS + (int)sizeof(rt_probes); %}
function num:long(x:long) %{
	if (STAP_ARG_x == 1)
		STAP_RETURN(twice(21));
	if (STAP_ARG_x == 2)
		return;
	STAP_RETVALUE = -STAP_ARG_x;
	if (STAP_ARG_x == 3)
		goto out;
	STAP_RETVALUE--;
%}
function text:string(a:string, b:string) %{ /* unmodified-fnargs */
	int s = 1, c = 2, ret = 3, at = 4; /* names of ours */
	if (sizeof(STAP_RETVALUE) != MAXSTRINGLEN || s + c + ret + at != 10)
		STAP_RETURN("sizes");
	if (STAP_ARG_a[0] == 'r')
		STAP_RETURN(STAP_ARG_b);
	strlcpy(STAP_RETVALUE, STAP_ARG_a, MAXSTRINGLEN);
	strlcat(STAP_RETVALUE, STAP_ARG_b, MAXSTRINGLEN);
%}
function none(x) %{ STAP_PRINTF("none %lld\n", STAP_ARG_x); STAP_RETURN(); %}
function changed:string(s:string) %{ strcpy(STAP_ARG_s, "0"); strlcpy(STAP_RETVALUE, STAP_ARG_s, MAXSTRINGLEN); %}
function old:long(x:long, y:string) %{ /* unmangled */ THIS->__retvalue = THIS->x + strlen(THIS->y) + STAP_ARG_x; %}
function picky:long(x:long) %{ if (STAP_ARG_x > 5) STAP_NEXT; STAP_RETURN(1); %}
function picky:long(x:long) { return 2 }
function down:long(n:long) { return n ? %{ STAP_ARG_n %} + down(n - 1) : 0 }
function fails:long(x:long) %{ if (STAP_ARG_x) STAP_ERROR("wrong %d", (int)STAP_ARG_x); STAP_RETURN(7); %}
function fails_old() %{ snprintf(CONTEXT->error_buffer, MAXSTRINGLEN, "old"); CONTEXT->last_error = CONTEXT->error_buffer; %}
function where:string() %{ strlcpy(STAP_RETVALUE, CONTEXT->probe_point, MAXSTRINGLEN); %}
function long_text:string() %{ memset(STAP_RETVALUE, 'x', MAXSTRINGLEN); %}
function big() %{ int i; for (i = 0; i < 1000; i++) STAP_PRINTF("%64d", i); STAP_PRINTF("\n"); %}
probe begin {
	printf("%d %d %d %d\n", num(1), num(2), num(3), num(4))
	printf("%s %s [%s]\n", text("ab", "cd"), text("r", "only"), text("", ""))
	none(5)
	s = "abc"
	println(changed(s) . s)
	println(old(1, "four"))
	println(picky(1), picky(9))
	println(down(20))
	println(%{ sizeof(long) %} + %{ PAGE_SHIFT %}, %{ /* string */ "two" %} . %{ /* string */ NULL %})
	try { fails(3) } catch (m) { println(m) }
	println(fails(0))
	try { fails_old() } catch (m) { println(m) }
	try { x = %{ ({ STAP_ERROR("in an expression"); 1; }) %} println(x) } catch (m) { println(m) }
	println(where())
	println(strlen(long_text()))
	println(@const("GFP_KERNEL != 0"))
	println(%{ FOO %}, %{ STAP_COMPAT_VERSION >= STAP_VERSION(4, 0) %})
	big()
	exit()
}
EOF
"$TAPX" -g -DFOO=5 macros.stp > got 2> err || fail "status $?: $(cat err)"
[ -s err ] && fail "$(cat err)"
tail -n 1 got | grep -Eq '^( +[0-9]+){1000}$' || fail 'big'
sed '$d' got > most
cat > want <<'EOF'
twice 21
42 0 -3 -5
abcd only []
none 5
0abc
6
12
210
20two
wrong 3
7
old
in an expression
begin
511
1
51
EOF
cmp most want || fail "$(diff most want)"

"$TAPX" -g --compatible=1.7 -e 'function f:string(x:string) %{ strlcpy(THIS->__retvalue, THIS->x, 3); %}
probe begin { println(f("abcd")) exit() }' > got 2> err || fail "status $?: $(cat err)"
has got '^ab$'

# globals
cat > globals.stp <<'EOF'
global n, t, a[4], b, c%[2], busy
function touch() %{
	/* pragma:read:n */ /* pragma:write:n */ /* pragma:read:t */ /* pragma:write:t */
	/* pragma:read:a */ /* pragma:write:a */ /* pragma:read:b */ /* pragma:write:b */ /* pragma:write:c */
	STAP_GLOBAL_SET_n(STAP_GLOBAL_GET_n() + 1);
	STAP_GLOBAL_SET_t("<");
	STAP_GLOBAL_SET_a(1, "x", STAP_GLOBAL_GET_a(1, "x") + 5);
	STAP_GLOBAL_SET_a(2, STAP_GLOBAL_GET_t(), STAP_GLOBAL_GET_n());
	STAP_GLOBAL_SET_b("k", STAP_GLOBAL_GET_b("none"));
	STAP_GLOBAL_SET_b("l", STAP_GLOBAL_GET_b("seen"));
	STAP_GLOBAL_SET_c(1, 1);
	STAP_GLOBAL_SET_c(2, 2);
	STAP_GLOBAL_SET_c(3, 3);
%}
function fill(i) %{ /* pragma:write:a */ STAP_GLOBAL_SET_a(STAP_ARG_i, "f", 1); STAP_PRINTF("filled\n"); %}
function bump() %{ /* pragma:read:busy */ /* pragma:write:busy */ STAP_GLOBAL_SET_busy(STAP_GLOBAL_GET_busy() + 1); %}
probe begin {
	n = 4; t = ""; a[1, "x"] = 1; b["seen"] = "yes"; c[0] = 0; busy = 0
	touch()
	printf("%d %s %d %d [%s] [%s] %d\n", n, t, a[1, "x"], a[2, "<"], b["k"], b["l"], %{ /* pragma:read:n */ STAP_GLOBAL_GET_n() * 2 %})
	foreach ([i] in c) printf("%d=%d ", i, c[i])
	println("")
	try { for (i = 0; i < 9; i++) fill(i) } catch (m) { println(m) }
}
/* processors have parts of these */
global hits, by
function seen:long() %{ /* pragma:read:hits */ /* pragma:read:by */
	STAP_RETVALUE = STAP_GLOBAL_GET_hits() > 0 && STAP_GLOBAL_GET_hits() == STAP_GLOBAL_GET_by(1);
%}
function set() %{ /* pragma:write:hits */ /* pragma:write:by */ STAP_GLOBAL_SET_hits(3); STAP_GLOBAL_SET_by(1, 4); %}
probe kernel.function("vfs_read") { hits++; by[1]++ }
probe timer.ms(1) { bump() }
probe timer.ms(1), timer.us(700) { busy++ }
probe timer.ms(500) { exit() }
probe end { println(busy > 500, seen()) set() printf("%d %d\n", hits, by[1]) }
EOF
"$TAPX" -g globals.stp > got 2> err || fail "status $?: $(cat err)"
cat > want <<'EOF'
5 < 6 5 [] [yes] 10
2=2 3=3 
filled
filled
Array overflow, check size limit (4)
11
3 4
EOF
cmp got want || fail "$(diff got want)"

# memory, and what an uncaught error looks like
cat > memory.stp <<'EOF'
function comm:string(task:long) %{
	struct task_struct *t = (struct task_struct *)(long)STAP_ARG_task;

	rcu_read_lock();
	kderef_string(STAP_RETVALUE, t->comm, MAXSTRINGLEN);
	kderef_buffer(NULL, &t->pid, 4);
	CATCH_DEREF_FAULT();
	rcu_read_unlock();
%}
function pid:long(task:long) %{
	struct task_struct *t = (struct task_struct *)(long)STAP_ARG_task;

	STAP_RETVALUE = kread(&t->group_leader) ? kread(&kread(&t->group_leader)->tgid) : 0;
	if (kderef(4, &t->tgid) != STAP_RETVALUE || kderef(2, &t->tgid) != (u16)STAP_RETVALUE)
		STAP_RETVALUE = -1;
%}
function swap:long(addr:long, v:long) %{
	int *p = (int *)(long)STAP_ARG_addr;

	STAP_RETVALUE = kread(p);
	kwrite(p, STAP_ARG_v);
	store_kderef(1, (char *)p + 3, 1);
%}
function user:long(addr:long) %{ STAP_RETVALUE = uread((char *)(long)STAP_ARG_addr); %}
%{ static int cell = 5; %}
probe begin {
	println(comm(task_current()) == execname(), pid(task_current()) == pid())
	println(swap(%{ (long)&cell %}, 6), " ", %{ cell %} - 0x1000000)
	try { comm(16) } catch (m) { println(m) }
	try { swap(0x4141414141414141, 1) } catch (m) { println(m) }
	try { user(16) } catch (m) { println(m) }
	pid(32)
}
EOF
"$TAPX" -g memory.stp > got 2> err && fail 'a fault that nobody catches gave status 0'
sed -i 's/at 0x[0-9a-f]*$/at ADDR/' got
cat > want <<'EOF'
11
5 6
kernel read fault at ADDR
kernel read fault at ADDR
user read fault at ADDR
EOF
cmp got want || fail "$(diff got want)"
has err "^ERROR: kernel read fault at 0x[0-9a-f]+ near identifier 'pid' at memory.stp:10:10 \(called from memory.stp:32:2\) in probe begin"

# what the compiler says stands in the script; without -g it is not asked
cat > broken.stp <<'EOF'
function f:long(x:long) %{ /* pure */
	int a = STAP_ARG_y;
	STAP_RETURN(a);
%}
probe begin { println(f(1) + %{ NO_SUCH %}) }
EOF
"$TAPX" -g broken.stp > got 2> err && fail 'broken C gave status 0'
has err "^broken.stp:2:10: error: .{1,3}STAP_ARG_y.{1,3} undeclared"
has err "^broken.stp:5:33: error: .{1,3}NO_SUCH.{1,3} undeclared"
[ "$(grep -c . err)" -le 8 ] || fail "$(cat err)"
"$TAPX" -g -e 'function f:long(x:long) %{ extern void do_exit_nowhere(void); if (STAP_ARG_x) do_exit_nowhere(); %}
probe begin { println(f(pid())) }' > got 2> err && fail 'an undefined function gave status 0'
has err "^<input>:1:40: error: 'do_exit_nowhere' is not exported"
"$TAPX" -g -e 'function f:string(x:long) %{ int y = "warned"; snprintf(STAP_RETVALUE, MAXSTRINGLEN, "%d", STAP_ARG_x); %}
probe begin { println(f(3)) exit() }' > got 2> err || fail "status $?: $(cat err)"
has err '^<input>:1:38: warning: '
has got '^3$'
"$TAPX" macros.stp > got 2> err && fail 'embedded C without -g'
has err 'macros.stp:1:1: error: embedded C needs guru mode'
