// What TC programs do that forward packets: the head moves, the tail is cut, a packet leaves by a port. For the kernel; p4bpf_native.h has
// the same for the native build.
#ifndef P4BPF_TC_H
#define P4BPF_TC_H

static long (*const p4bpf_clone_redirect)(p4bpf_tc_context *context, u32 ifindex, u64 flags)
    __attribute__((unused)) = (void *)13;
static long (*const p4bpf_skb_vlan_push)(p4bpf_tc_context *context, u16 protocol, u16 tci) __attribute__((unused)) = (void *)18;
static long (*const p4bpf_skb_vlan_pop)(p4bpf_tc_context *context) __attribute__((unused)) = (void *)19;
static long (*const p4bpf_redirect)(u32 ifindex, u64 flags) __attribute__((unused)) = (void *)23;
static long (*const p4bpf_skb_change_tail)(p4bpf_tc_context *context, u32 bytes, u64 flags)
    __attribute__((unused)) = (void *)38;
static long (*const p4bpf_skb_change_head)(p4bpf_tc_context *context, u32 bytes, u64 flags)
    __attribute__((unused)) = (void *)43;
static long (*const p4bpf_skb_adjust_room)(p4bpf_tc_context *context, int bytes, u32 mode, u64 flags)
    __attribute__((unused)) = (void *)50;

// Test builds are loaded as LWT_XMIT too, for packets that are too short for TC: that type of program lacks what moves the head, and
// the verifier does not look behind a constant that says so (runtime/loaded_object.cpp).
#ifdef P4BPF_TEST
extern const volatile u32 p4bpf_is_xmit;
const volatile u32 p4bpf_is_xmit P4BPF_SECTION(".rodata.p4bpf_xmit") = 0;
#else
enum { p4bpf_is_xmit = 0 };
#endif

enum { P4BPF_ETHERNET = 14, P4BPF_ROOM_MAC = 1, P4BPF_TO_INGRESS = 1, P4BPF_MOST_TAGS = 4 };
// In network order.
enum { P4BPF_TYPE_IPV4 = 0x0008, P4BPF_TYPE_IPV6 = 0xdd86, P4BPF_TYPE_VLAN = 0x0081 };

// The stack takes the outer VLAN tag of a frame out of its bytes before TC sees it. Puts it back, so that the program sees what was on
// the wire; how many bytes these are, or -1. (Taking one tag out lets the kernel take the next.)
static __attribute__((noinline, unused)) int p4bpf_tc_put_tags_back(p4bpf_tc_context *context) {
  struct {
    u8 addresses[12];
    u16 tags[2 * P4BPF_MOST_TAGS];
  } front = {{0}};
  u32 count = 0;
  _Pragma("clang loop unroll(disable)") for (; count < P4BPF_MOST_TAGS && context->vlan_present; ++count) {
    front.tags[2 * count] = (u16)context->vlan_proto;
    front.tags[2 * count + 1] = (u16)P4BPF_SWAP16(context->vlan_tci);
    if (p4bpf_skb_vlan_pop(context)) return -1;
  }
  if (context->vlan_present || p4bpf_skb_load_bytes(context, 0, front.addresses, sizeof front.addresses) ||
      p4bpf_skb_change_head(context, 4 * count, 0) ||
      p4bpf_skb_store_bytes(context, 0, &front, sizeof front.addresses + 4 * count, 0))
    return -1;
  return (int)(4 * count);
}

// Takes `by` bytes from the front of the packet, whose link-layer header has `mac` bytes for the kernel. bpf_skb_adjust_room takes them away
// behind that header, so the bytes that come to stand in front are written there again. It does so for IP only, with its header whole: other packets
// become IPv4 for the kernel by a VLAN tag that is pushed into the bytes, has its type changed, and is popped. Of packets that
// have no IP header's length left the bytes are moved. (The kernel leaves no frame without its link-layer header.)
static __attribute__((noinline, unused)) long p4bpf_tc_shrink(p4bpf_tc_context *context, u32 by, u32 mac) {
  u8 bytes[80];
  const u32 length = context->len;
  if (by > length || mac > P4BPF_ETHERNET + 4 * P4BPF_MOST_TAGS) return -1;
  const u32 rest = length - by;
  if (rest < mac + 20 || p4bpf_is_xmit) {
    u32 at = 0;
    P4BPF_ROLLED for (; at < 32 * sizeof bytes && rest - at >= sizeof bytes; at += sizeof bytes) {
      if (p4bpf_skb_load_bytes(context, by + at, bytes, sizeof bytes) ||
          p4bpf_skb_store_bytes(context, at, bytes, sizeof bytes, 0))
        return -1;
    }
    // The last piece by one less than its bytes: to older verifiers what is not 0 may still be 0.
    u32 last = rest - at - 1;
    P4BPF_OPAQUE(last);
    if (rest != at && (last >= sizeof bytes || p4bpf_skb_load_bytes(context, by + at, bytes, last + 1) ||
                       p4bpf_skb_store_bytes(context, at, bytes, last + 1, 0)))
      return -1;
    return p4bpf_skb_change_tail(context, rest, 0);
  }
  P4BPF_OPAQUE(mac);
  if (mac == 0 || mac > sizeof bytes) return -1;
  if (p4bpf_skb_load_bytes(context, by, bytes, mac)) return -1;
  if (context->protocol != P4BPF_TYPE_IPV4 && (context->protocol != P4BPF_TYPE_IPV6 || rest < mac + 40)) {
    const u16 ipv4 = P4BPF_TYPE_IPV4;
    if (p4bpf_skb_vlan_push(context, P4BPF_TYPE_VLAN, 0) || p4bpf_skb_vlan_push(context, P4BPF_TYPE_VLAN, 0) ||
        p4bpf_skb_store_bytes(context, 16, &ipv4, sizeof ipv4, 0) || p4bpf_skb_vlan_pop(context) ||
        p4bpf_skb_vlan_pop(context))
      return -1;
  }
  return p4bpf_skb_adjust_room(context, -(int)by, P4BPF_ROOM_MAC, 0) ||
         p4bpf_skb_store_bytes(context, 0, bytes, mac, 0);
}

// `tags`: bytes that p4bpf_tc_put_tags_back has added to the link-layer header.
P4BPF_INLINE long p4bpf_tc_move_head(p4bpf_tc_context *context, int delta, u32 shortest, u32 tags) {
  (void)shortest;
  if (delta < 0) return p4bpf_skb_change_head(context, (u32)-delta, 0);
  return p4bpf_tc_shrink(context, (u32)delta, P4BPF_ETHERNET + tags);
}

P4BPF_INLINE long p4bpf_tc_truncate(p4bpf_tc_context *context, u32 bytes) {
  return context->len > bytes && p4bpf_skb_change_tail(context, bytes, 0);
}

// A port that no interface is bound to drops.
P4BPF_INLINE int p4bpf_tc_redirect(p4bpf_tc_context *context, void *ifindex_of_port, u32 port) {
  (void)context;
  const u32 *ifindex = p4bpf_map_lookup(ifindex_of_port, &port);
  return ifindex && *ifindex ? (int)p4bpf_redirect(*ifindex, 0) : P4BPF_TC_SHOT;
}

#endif  // P4BPF_TC_H
