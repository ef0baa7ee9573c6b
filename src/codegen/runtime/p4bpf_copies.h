// How a copy gets back to the program: it arrives once more at the interface where the packet came in.
#ifndef P4BPF_COPIES_H
#define P4BPF_COPIES_H

P4BPF_INLINE void p4bpf_send_copy(p4bpf_tc_context *context) {
  p4bpf_clone_redirect(context, context->ifindex, P4BPF_TO_INGRESS);
}
P4BPF_INLINE int p4bpf_send_again(p4bpf_tc_context *context) {
  return (int)p4bpf_redirect(context->ifindex, P4BPF_TO_INGRESS);
}

P4BPF_INLINE void p4bpf_set_priority(p4bpf_tc_context *context, u32 priority) { context->priority = priority; }

#endif  // P4BPF_COPIES_H
