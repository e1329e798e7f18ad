# where: guest
# check: 6.1
# Packets over the loopback device: each that the workload announces is seen at both hooks, with its
# sizes and its device.
. "$LIB"
cat > x.stp <<'END'
function be16(p) { return ntohs(kernel_short(p) & 0xffff) }
function udp(skb) { return @cast(skb, "struct sk_buff")->head + @cast(skb, "struct sk_buff")->transport_header }
probe netfilter.hook("NF_INET_LOCAL_OUT").pf("NFPROTO_IPV4"), netfilter.pf("PF_INET").hook("NF_IP_LOCAL_IN").priority("NF_IP_PRI_LAST") {
	h = @cast($skb, "struct sk_buff")->head + $skb->network_header
	if (@cast(h, "struct iphdr")->protocol != 17 || pid() != target() && $hooknum == 3) next
	printf("%d %d %d %d %s\n", $hooknum, be16(udp($skb)), be16(udp($skb) + 2), $skb->len - 28,
	       kernel_string($hooknum == 1 ? $in->name : $out->name))
}
END
"$TAPX" x.stp -c "$WL udp 200" -o got > said 2> err || fail "status $?: $(cat err)"
has said '^received 200$'
sed -n 's/^udp \(.*\)/3 \1 lo/p' said > want
grep '^3' got > out
same want out
sed -n 's/^udp \(.*\)/1 \1 lo/p' said > want
grep '^1' got > in
same want in
lacks err 'skipped'
# With -g it decides: every packet to the workload's port of odd size goes.
"$TAPX" -g -e 'probe netfilter.hook("NF_INET_LOCAL_IN").pf("NFPROTO_IPV4") {
	h = @cast($skb, "struct sk_buff")->head + $skb->network_header
	if (@cast(h, "struct iphdr")->protocol != 17 || $skb->len % 2 == 0) next
	$verdict = 0
	n++
	printf("%d\n", $verdict)
}' -c "$WL udp 101" -o got > said 2> err || fail "status $?: $(cat err)"
has said '^received 50$'
lines got 51
"$TAPX" -e 'probe netfilter.hook("NF_INET_LOCAL_IN").pf("NFPROTO_IPV4") { $verdict = 0 }' > got 2> err && fail 'decided without -g'
has err 'verdict needs guru mode'
