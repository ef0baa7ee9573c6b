/* The body of the extern function of v1model_extern_c.p4, as a user would write it, with the kernel's headers. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct state {
  struct bpf_spin_lock lock;
  __u32 value;
};

static __u32 spread(__u32 value) {
  struct iphdr header = {.ttl = 64};
  struct state state = {.value = value};
  return value == BPF_MAP_TYPE_ARRAY ? ETH_HLEN : state.value * 3 + (header.ttl - 64);
}
