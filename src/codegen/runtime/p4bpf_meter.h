// Two-rate three-colour meters (RFC 2698, colour-blind) that lock nobody. Unit tests compile this text for themselves, so it is C and C++.
//
// A token bucket needs two numbers, how full it is and when that was, which no machine changes in one step. The same bucket has a form with
// one number (the generic cell rate algorithm of ATM, ITU-T I.371): the time at which it will be full again if nothing more comes. A packet
// of n units at a rate r pushes that time away by n / r; the bucket of b units that is full at time t holds
//
//     b - (t - now) * r  units, all of them if t has passed
//
// so a packet finds enough in it as long as max(t, now) + n / r - now <= b / r. In ticks of 1/64 ns, at 1000 units a second with a
// burst of 3: a unit takes 64,000,000 ticks, three packets at once push t to now + 192,000,000 and pass, the fourth does not and changes
// nothing; a millisecond later one more passes.
//
// The peak bucket is asked first: red where it has not enough. Then the committed one: yellow where that has not, else green; each takes the
// packet's units only where it has them. A cost in ticks is (units * cost) >> shift with `cost` as large as 64 bits allow, so that rates are kept to
// one part in 10^12. Two CPUs that meet try again, a few times; then the time is pushed without looking, which is what the other would have
// found as well.
#ifndef P4BPF_METER_H
#define P4BPF_METER_H

#define P4BPF_METER_TICKS 64u   // in a nanosecond
#define P4BPF_METER_TRIES 8
#define P4BPF_METER_UNITS 0xfffffu  // of one packet, at most

enum { P4BPF_GREEN, P4BPF_YELLOW, P4BPF_RED };

struct p4bpf_bucket {
  u64 full_at;  // in ticks
  u64 cost;     // of a unit, shifted; 0: nobody has set a rate
  u64 shift;
  u64 limit;    // ticks that fill it
  u64 rate;     // for user space, as it was set: a double, units a second
  u64 burst;
};
struct p4bpf_meter {
  struct p4bpf_bucket committed;
  struct p4bpf_bucket peak;
};

// Whether the bucket had that many units; they are gone then.
P4BPF_INLINE int p4bpf_bucket_takes(struct p4bpf_bucket *bucket, u64 now, u32 units) {
  const u64 cost = (u64)units * bucket->cost >> (bucket->shift & 63);
  const u64 limit = bucket->limit;
  u64 full_at = *(volatile u64 *)&bucket->full_at;
  P4BPF_ROLLED for (u32 i = 0; i < P4BPF_METER_TRIES; ++i) {
    const u64 next = (full_at > now ? full_at : now) + cost;
    if (next - now > limit) return 0;
    const u64 seen = __sync_val_compare_and_swap(&bucket->full_at, full_at, next);
    if (seen == full_at) return 1;
    full_at = seen;
  }
  __sync_fetch_and_add(&bucket->full_at, cost);
  return 1;
}

// The colour of a packet of that many units (RFC 2698, section 3) at `now` nanoseconds.
P4BPF_INLINE u32 p4bpf_meter_color(struct p4bpf_meter *meter, u64 now_ns, u32 units) {
  const u64 now = now_ns * P4BPF_METER_TICKS;
  if (units > P4BPF_METER_UNITS) units = P4BPF_METER_UNITS;
  if (!meter->peak.cost) return P4BPF_GREEN;
  if (!p4bpf_bucket_takes(&meter->peak, now, units)) return P4BPF_RED;
  return p4bpf_bucket_takes(&meter->committed, now, units) ? P4BPF_GREEN : P4BPF_YELLOW;
}

#endif  // P4BPF_METER_H
