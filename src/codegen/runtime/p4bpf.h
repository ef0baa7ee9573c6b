// What generated C stands on: scalar types, packet access, maps, helpers. One text, two builds: eBPF for the kernel
// (clang -target bpf) and, with P4BPF_NATIVE, a shared object that runs the same program in user space (p4bpf_native.h).
//
// Nothing but the compiler is needed: helpers and context structs are declared here under names of our own, so that a user's
// extern file may include <linux/bpf.h> and <bpf/bpf_helpers.h> without a clash.
#ifndef P4BPF_H
#define P4BPF_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#define P4BPF_INLINE static inline __attribute__((always_inline, unused))
#define P4BPF_SECTION(name) __attribute__((section(name), used))

// Loads and stores at any address. The kernel lets eBPF access packets unaligned where the machine does; for the eBPF target
// the alignment must look natural, else clang takes a load apart into bytes.
#ifdef P4BPF_NATIVE
#define P4BPF_UNALIGNED __attribute__((may_alias, aligned(1)))
#else
#define P4BPF_UNALIGNED __attribute__((may_alias))
#endif
typedef u8 __attribute__((may_alias)) p4bpf_u8;
typedef u16 P4BPF_UNALIGNED p4bpf_u16;
typedef u32 P4BPF_UNALIGNED p4bpf_u32;
typedef u64 P4BPF_UNALIGNED p4bpf_u64;

#define P4BPF_LOAD8(address) (*(const p4bpf_u8 *)(address))
#define P4BPF_LOAD16(address) (*(const p4bpf_u16 *)(address))
#define P4BPF_LOAD32(address) (*(const p4bpf_u32 *)(address))
#define P4BPF_LOAD64(address) (*(const p4bpf_u64 *)(address))
#define P4BPF_STORE8(address, value) (*(p4bpf_u8 *)(address) = (u8)(value))
#define P4BPF_STORE16(address, value) (*(p4bpf_u16 *)(address) = (u16)(value))
#define P4BPF_STORE32(address, value) (*(p4bpf_u32 *)(address) = (u32)(value))
#define P4BPF_STORE64(address, value) (*(p4bpf_u64 *)(address) = (u64)(value))

// Network order of values whose width is a whole number of bytes: the little-endian reading of their bytes. Each is its own
// inverse.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "generated code is little-endian only"
#endif
#define P4BPF_SWAP16(x) ((u32)__builtin_bswap16((u16)(x)))
#define P4BPF_SWAP24(x) (__builtin_bswap32((u32)(x)) >> 8)
#define P4BPF_SWAP32(x) (__builtin_bswap32((u32)(x)))
#define P4BPF_SWAP40(x) (__builtin_bswap64((u64)(x)) >> 24)
#define P4BPF_SWAP48(x) (__builtin_bswap64((u64)(x)) >> 16)
#define P4BPF_SWAP56(x) (__builtin_bswap64((u64)(x)) >> 8)
#define P4BPF_SWAP64(x) (__builtin_bswap64((u64)(x)))

// Makes a value opaque to the compiler, so that it keeps a checked pointer in one register, or a 64-bit subtraction of
// pointers 64 bits wide. Costs no instruction.
#define P4BPF_OPAQUE(variable) __asm__ volatile("" : "+r"(variable))

// The same for a value that may turn out not to be needed: then this goes too. Validity bits start so, and how far the parser got is set
// so: knowing them, the compiler would replace them by the select that decided them, and the verifier, which does not, would lose what
// has been checked.
#define P4BPF_UNKNOWN(variable) __asm__("" : "+r"(variable))

// Loops: one that is written out, for constant counts, and one that is not.
#ifdef __clang__
#define P4BPF_UNROLL _Pragma("clang loop unroll(full)")
#define P4BPF_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define P4BPF_UNROLL
#define P4BPF_ROLLED
#endif
#define P4BPF_EACH(i, count) P4BPF_UNROLL for (u32 i = 0; i < (count); ++i)
// Of so many bytes written out the compiler would hold more at once than the stack has room for.
#define P4BPF_MOST_UNROLLED 80

// Values of the kernel's ABI (include/uapi/linux/bpf.h), in both builds.
enum p4bpf_map_type {
  P4BPF_MAP_HASH = 1,
  P4BPF_MAP_ARRAY = 2,
  P4BPF_MAP_PROG_ARRAY = 3,
  P4BPF_MAP_PERF_EVENT_ARRAY = 4,
  P4BPF_MAP_PERCPU_HASH = 5,
  P4BPF_MAP_PERCPU_ARRAY = 6,
  P4BPF_MAP_LRU_HASH = 9,
  P4BPF_MAP_LPM_TRIE = 11,
  P4BPF_MAP_ARRAY_OF_MAPS = 12,
  P4BPF_MAP_DEVMAP_HASH = 25,
  P4BPF_MAP_RINGBUF = 27,
};
enum { P4BPF_NO_PREALLOC = 1, P4BPF_MMAPABLE = 1024 };  // map flags; LPM_TRIE insists on the first
enum { P4BPF_NOEXIST = 1, P4BPF_EEXIST = 17 };          // of an update: only a new key; its failure otherwise
enum { P4BPF_XDP_ABORTED, P4BPF_XDP_DROP, P4BPF_XDP_PASS, P4BPF_XDP_TX, P4BPF_XDP_REDIRECT };
// What a part of a program returns when the packet is not done: this, or more for a jump.
enum { P4BPF_GO_ON = 64 };
enum { P4BPF_TC_UNSPEC = -1, P4BPF_TC_OK = 0, P4BPF_TC_SHOT = 2, P4BPF_TC_REDIRECT = 7 };

#ifdef P4BPF_NATIVE
#include "p4bpf_native.h"
#else
#include "p4bpf_kernel.h"
#endif

// `bytes` is a constant multiple of 8.
P4BPF_INLINE void p4bpf_zero(void *memory, u32 bytes) {
  P4BPF_EACH(i, bytes / 8) P4BPF_STORE64((u8 *)memory + 8 * i, 0);
}

// Clears `fill` bits, behind the first `within`, of a byte and the one behind it.
P4BPF_INLINE u32 p4bpf_fill_byte(u32 byte, u32 within, u32 fill) {
  const u32 end = within + fill;
  return byte & ~((0xffu >> within) & ~(end < 8 ? 0xffu >> end : 0));
}
P4BPF_INLINE u32 p4bpf_fill_next_byte(u32 byte, u32 within, u32 fill) { return byte & 0xffu >> (within + fill - 8); }

// ---- both builds: what is written in terms of the above ---------------------------------------------------------------

// The P4 port that the packet came in on: 0 for an interface that no port is bound to. No two interfaces that an instance is
// attached to have the same slot (runtime/ports.h).
#define P4BPF_PORT_SLOTS 65536u
P4BPF_INLINE u32 p4bpf_port_of(const u32 *ports, u32 ifindex) { return ports[ifindex % P4BPF_PORT_SLOTS]; }

// Slots for what a packet's passes leave to the next ones (p4bpf_passes.h); passes that a packet may take, one made from the other
// (manifest::kMostPasses).
#define P4BPF_PASS_SLOTS 8192u
#define P4BPF_MOST_PASSES 64u
#define P4BPF_MOST_GROUPS 4096u

// An entry for a key that has none; one that somebody else has added meanwhile stays. Whether there is one now.
P4BPF_INLINE u32 p4bpf_add_entry(void *map, const void *key, const void *value) {
  const long code = p4bpf_map_update(map, key, value, P4BPF_NOEXIST);
  return code == 0 || code == -P4BPF_EEXIST;
}

#include "p4bpf_hash.h"
#include "p4bpf_meter.h"
#include "p4bpf_tables.h"
#include "p4bpf_wide.h"

#include "p4bpf_externs.h"
#include "p4bpf_payload.h"

#endif  // P4BPF_H
