// Test builds, where no interface is: a copy goes to user space as {mark, length} and the packet's bytes, and is run from there.
#ifndef P4BPF_TEST_COPIES_H
#define P4BPF_TEST_COPIES_H

P4BPF_PERF_EVENT_MAP(p4bpf_test_copies);

P4BPF_INLINE void p4bpf_send_copy(p4bpf_tc_context *context) {
  u32 head[2] = {context->mark, p4bpf_tc_length(context)};
  // This CPU's buffer; the high half is how many bytes of the packet follow.
  p4bpf_event_output(context, &p4bpf_test_copies, 0xffffffffull | (u64)head[1] << 32, head, sizeof head);
}
P4BPF_INLINE int p4bpf_send_again(p4bpf_tc_context *context) {
  p4bpf_send_copy(context);
  return P4BPF_TC_SHOT;
}

P4BPF_INLINE void p4bpf_set_priority(p4bpf_tc_context *context, u32 priority) { (void)context, (void)priority; }

#endif  // P4BPF_TEST_COPIES_H
