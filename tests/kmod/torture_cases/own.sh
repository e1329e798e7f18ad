# where: guest
# Probes in what a module itself uses, or what hooks, output and unloading use: all at once, then in groups.
. "$TORTURE/lib"
functions='ring_buffer_lock_reserve ring_buffer_unlock_commit ring_buffer_peek ring_buffer_consume ring_buffer_empty
ring_buffer_event_data rb_move_tail rb_advance_reader
rb_set_head_page rb_wake_up_waiters irq_work_queue irq_work_run irq_work_run_list irq_work_single __irq_work_queue_local
arch_irq_work_raise __wake_up __wake_up_common __wake_up_common_lock pollwake default_wake_function try_to_wake_up
autoremove_wake_function _raw_spin_lock _raw_spin_unlock _raw_spin_lock_irqsave _raw_spin_unlock_irqrestore
_raw_read_trylock _raw_write_trylock _raw_read_unlock _raw_write_unlock queued_read_lock_slowpath
copy_from_kernel_nofault copy_from_user_nofault copy_from_kernel_nofault_allowed __get_user_nocheck_8 strnlen strlen strchr
memcpy vsnprintf vscnprintf scnprintf number string_nocheck format_decode put_dec sprint_symbol kallsyms_lookup
kallsyms_lookup_buildid kallsyms_expand_symbol module_address_lookup __module_address stack_trace_save arch_stack_walk
unwind_next_frame __unwind_start unwind_get_return_address orc_find ktime_get_mono_fast_ns ktime_get ktime_get_real_seconds
read_tsc sched_clock native_sched_clock hrtimer_interrupt __hrtimer_run_queues hrtimer_forward hrtimer_start_range_ns
hrtimer_try_to_cancel hrtimer_cancel enqueue_hrtimer __remove_hrtimer hrtimer_active lock_hrtimer_base
kmem_cache_alloc kmem_cache_free kfree __kmalloc vfree vmalloc __vmalloc_node_range get_random_u64 get_random_u32 prandom_u32
kprobe_ftrace_handler kprobe_dispatcher aggr_pre_handler pre_handler_kretprobe kretprobe_rethook_handler rethook_try_get
rethook_recycle rethook_hook rethook_trampoline_handler arch_rethook_prepare freelist_try_get objpool_pop objpool_push
get_kprobe opt_pre_handler kretprobe_find_ret_addr unregister_kprobes unregister_kretprobes disarm_kprobe arm_kprobe
ftrace_set_filter_ip __ftrace_hash_rec_update ftrace_ops_test text_poke text_poke_bp text_poke_bp_batch text_poke_flush
text_poke_loc_init smp_text_poke_batch_finish on_each_cpu_cond_mask smp_call_function_many_cond do_sync_core
flush_smp_call_function_queue __flush_smp_call_function_queue tracepoint_probe_unregister synchronize_rcu
synchronize_rcu_expedited __do_sys_delete_module try_module_get module_put free_module proc_reg_read proc_reg_poll
proc_reg_write proc_reg_release proc_remove remove_proc_subtree mutex_lock mutex_unlock copy_to_user _copy_to_user
_copy_from_user printk vprintk vprintk_emit vprintk_default _printk console_unlock prb_reserve prb_commit prb_read
do_exit do_group_exit exit_mm exit_files release_task schedule __schedule schedule_tail finish_task_switch preempt_schedule
preempt_schedule_notrace preempt_schedule_irq __cond_resched rcu_read_lock __rcu_read_lock __rcu_read_unlock
rcu_note_context_switch rcu_core rcu_sched_clock_irq pid_task find_pid_ns find_task_by_vpid task_pid_nr_ns __task_pid_nr_ns
from_kuid from_kgid from_kuid_munged do_user_addr_fault handle_mm_fault exc_page_fault fixup_exception search_exception_tables
search_extable search_module_extables ex_handler_default is_prefetch kernelmode_fixup_or_oops
bad_area_nosemaphore spurious_kernel_fault apic_timer_interrupt sysvec_apic_timer_interrupt local_apic_timer_interrupt
tick_sched_timer tick_sched_handle update_process_times tick_nohz_irq_exit irq_enter_rcu irq_exit_rcu __do_softirq handle_softirqs
raise_softirq invoke_softirq run_timer_softirq call_timer_fn __netif_receive_skb_core net_rx_action ip_rcv udp_rcv
native_apic_msr_eoi sysvec_irq_work __sysvec_irq_work x2apic_send_IPI_self x2apic_send_IPI do_nmi default_do_nmi nmi_cpu_backtrace
nmi_cpu_backtrace_handler nmi_trigger_cpumask_backtrace show_regs show_stack __show_regs show_trace_log_lvl show_iret_regs
dump_stack_lvl memset memmove strscpy strcmp strncmp jhash simple_strtol __list_add_valid __list_del_entry_valid
__list_del_entry_valid_or_report __delay delay_tsc __const_udelay regs_get_kernel_argument uprobe_notify_resume
get_cycles lock_acquire lock_release lockdep_hardirqs_on kasan_check_range __asan_load8 __asan_store8 check_memory_region'
points() { # functions
	for f; do
		printf 'kernel.function("%s") ?, ' "$f"
	done
	echo 'kernel.function("vfs_write") ?'
}
returns() {
	for f; do
		printf 'kernel.function("%s").return ?, ' "$f"
	done
	echo 'kernel.function("vfs_write").return ?'
}
body='{
	n++
	by[ppfunc()] <<< n
	last[cpu()] = execname() . pp()
	try { s = kernel_string(n) . user_string(n + 0x7fff00000000) } catch (m) { s = m }
	try { s .= kernel_string(task_current() + 2000) } catch (m) { s .= m }
	if (n % 64 == 0) { print_backtrace() printf("%s %s %d\n", s, pp(), gettimeofday_ns()) }
	if (n % 128 == 1) println(usymname(n) . symdata(addr()))
}'
all() { # NAME FUNCTION...
	name=$1
	shift
	module "$name" -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 --suppress-handler-errors -e "global n, by[2000], last
probe $(points "$@") $body
probe $(returns "$@") $body
probe timer.us(500) $body
probe timer.ms(100) { println(\"tick\") }
probe end { foreach (k in by- limit 3) printf(\"most %s %d\n\", k, @count(by[k])) printf(\"hits %d\n\", n) }"
	run "$name" 4
	grep -aq '^hits [1-9]' "$name.out" || fail "$name: $(tail -n 5 "$name.out" "$name.err")"
	echo "$name: $(grep -a '^hits' "$name.out"), $(cat "$name.err")"
	rm -f "$name".*
}
work
# the NMIs of a backtrace on all processors, and what prints
(while [ -e busy ]; do echo l > /proc/sysrq-trigger; sleep 0.5; done) 2> /dev/null &
# shellcheck disable=SC2086
all own $functions
# shellcheck disable=SC2086
set -- $functions
g=0
while [ $# -gt 0 ]; do
	part=''
	while [ $# -gt 0 ] && [ "$(echo $part | wc -w)" -lt "${GROUP:-24}" ]; do
		part="$part $1"
		shift
	done
	g=$((g + 1))
	# shellcheck disable=SC2086
	all own$g $part
done
rest
