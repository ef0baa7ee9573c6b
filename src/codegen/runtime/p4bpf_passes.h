// Further passes of a packet through the program. In front of this stand the program's `struct p4bpf_pass`, what one pass leaves to the next,
// the map of such slots, and p4bpf_copies.h or p4bpf_test_copies.h, which say how a copy gets back to the program.
//
// A packet's mark names its slot, and the slot says which mark it was filled for: a packet with another mark is an ordinary one. Marks
// are numbers of a sequence with the highest bit set; a slot is used again when as many copies have been made as there are slots.
#ifndef P4BPF_PASSES_H
#define P4BPF_PASSES_H

#define P4BPF_PASS_MARK 0x80000000u
#define P4BPF_MOST_REPLICAS 1024u

struct p4bpf_replica {
  u32 port;
  u32 instance;
};
// The copies that a multicast group or a clone session stands for (manifest::Passes).
struct p4bpf_replicas {
  u32 count;
  u32 truncate_to;
  u32 class_of_service;
  u32 unused;
  struct p4bpf_replica list[P4BPF_MOST_REPLICAS];
};

static u32 p4bpf_copies_made;

// At the program's start: what the pass before has left, null for a packet that begins its first. Not 0 if the packet must be dropped.
P4BPF_INLINE long p4bpf_begin_pass(p4bpf_tc_context *context, struct p4bpf_pass **begun) {
  const u32 mark = context->mark;
  if (mark == 0) return 0;
  context->mark = 0;
  const u32 slot = mark % P4BPF_PASS_SLOTS;
  struct p4bpf_pass *pass = p4bpf_map_lookup(&p4bpf_pass_slots, &slot);
  if (!pass || pass->mark != mark) return 0;
  pass->mark = 0;
  *begun = pass;
  // What is handed back to an interface has lost its own.
  if (pass->class_of_service) p4bpf_set_priority(context, pass->class_of_service);
  return pass->truncate_to != 0 && p4bpf_tc_truncate(context, pass->truncate_to);
}

// A slot for a copy of a packet that has gone through `passes` passes with this one; null if these are enough.
P4BPF_INLINE struct p4bpf_pass *p4bpf_new_pass(u32 passes, u32 *mark) {
  if (passes >= P4BPF_MOST_PASSES) return 0;
  *mark = __sync_fetch_and_add(&p4bpf_copies_made, 1) | P4BPF_PASS_MARK;
  const u32 slot = *mark % P4BPF_PASS_SLOTS;
  struct p4bpf_pass *pass = p4bpf_map_lookup(&p4bpf_pass_slots, &slot);
  if (!pass) return 0;
  pass->passes = passes;
  pass->truncate_to = 0;
  pass->class_of_service = 0;
  return pass;
}

P4BPF_INLINE void p4bpf_copy(p4bpf_tc_context *context, struct p4bpf_pass *pass, u32 mark) {
  pass->mark = mark;
  context->mark = mark;
  p4bpf_send_copy(context);
  context->mark = 0;
}

// The packet itself, which has nothing else to do; the verdict.
P4BPF_INLINE int p4bpf_again(p4bpf_tc_context *context, struct p4bpf_pass *pass, u32 mark) {
  pass->mark = mark;
  context->mark = mark;
  return p4bpf_send_again(context);
}

struct p4bpf_copying {
  p4bpf_tc_context *context;
  const struct p4bpf_replicas *replicas;
  const struct p4bpf_pass *pass;  // of which each copy gets its own
};
static __attribute__((unused)) long p4bpf_copy_step(u32 i, void *argument) {
  const struct p4bpf_copying *copying = argument;
  if (i >= P4BPF_MOST_REPLICAS || i >= copying->replicas->count) return 1;
  u32 mark = 0;
  struct p4bpf_pass *pass = p4bpf_new_pass(0, &mark);
  if (!pass) return 1;
  P4BPF_EACH(word, sizeof *pass / 8)
  P4BPF_STORE64((u8 *)pass + 8 * word, P4BPF_LOAD64((const u8 *)copying->pass + 8 * word));
  pass->truncate_to = copying->replicas->truncate_to;
  pass->class_of_service = copying->replicas->class_of_service;
  pass->port = copying->replicas->list[i].port;
  pass->instance = copying->replicas->list[i].instance;
  p4bpf_copy(copying->context, pass, mark);
  return 0;
}
P4BPF_INLINE void p4bpf_copy_to_all(p4bpf_tc_context *context, const struct p4bpf_replicas *replicas,
                                    struct p4bpf_pass *pass) {
  struct p4bpf_copying copying = {context, replicas, pass};
  pass->mark = 0;
  p4bpf_loop(P4BPF_MOST_REPLICAS, p4bpf_copy_step, &copying, 0);
}

#endif  // P4BPF_PASSES_H
