// Integers wider than 64 bits: arrays of 64-bit limbs, the lowest first, bits above the width zero. All is inlined and all loops
// have constant bounds, so that what is known when the program is compiled costs nothing.
//
// `limbs` is always (width + 63) / 64. Results may be written over operands unless said otherwise.
#ifndef P4BPF_WIDE_H
#define P4BPF_WIDE_H

// ---- bits of bytes in network order -------------------------------------------------------------------------------------

// `count` (1 to 64) bits from bit `start` of `bytes` on, bit 0 being the highest of the first byte.
P4BPF_INLINE u64 p4bpf_get_bits(const u8 *bytes, u32 start, u32 count) {
  const u32 first = start / 8, last = (start + count - 1) / 8, unused = 7 - (start + count - 1) % 8;
  u64 value = 0;
  if (start % 8 == 0 && count == 64) return P4BPF_SWAP64(P4BPF_LOAD64(bytes + first));
  P4BPF_EACH(i, last - first) value = value << 8 | P4BPF_LOAD8(bytes + first + i);
  value = value << (8 - unused) | P4BPF_LOAD8(bytes + last) >> unused;
  return count == 64 ? value : value & ((1ull << count) - 1);
}
// The bits around them stay as they are.
P4BPF_INLINE void p4bpf_put_bits(u8 *bytes, u32 start, u32 count, u64 value) {
  const u32 first = start / 8, last = (start + count - 1) / 8;
  if (start % 8 == 0 && count == 64) {
    P4BPF_STORE64(bytes + first, P4BPF_SWAP64(value));
    return;
  }
  P4BPF_EACH(i, last - first + 1) {
    const u32 at = last - i;
    const u32 from = at == first ? start % 8 : 0, to = at == last ? (start + count - 1) % 8 : 7;
    const u32 mask = (0xffu >> from) & (0xffu << (7 - to));
    const u32 bits = (u32)(u8)(value) << (7 - to);
    P4BPF_STORE8(bytes + at, mask == 0xff ? bits : ((P4BPF_LOAD8(bytes + at) & ~mask) | (bits & mask)));
    value = to - from == 7 ? value >> 8 : value >> (to - from + 1);
  }
}
P4BPF_INLINE void p4bpf_wide_load(u64 *out, u32 limbs, const u8 *bytes, u32 start, u32 width) {
  P4BPF_EACH(i, limbs) {
    const u32 above = width - 64 * i;
    out[i] = p4bpf_get_bits(bytes, start + (above > 64 ? above - 64 : 0), above > 64 ? 64 : above);
  }
}
P4BPF_INLINE void p4bpf_wide_store(u8 *bytes, u32 start, u32 width, const u64 *in, u32 limbs) {
  P4BPF_EACH(i, limbs) {
    const u32 above = width - 64 * i;
    p4bpf_put_bits(bytes, start + (above > 64 ? above - 64 : 0), above > 64 ? 64 : above, in[i]);
  }
}
// The same for a whole number in `size` bytes on the stack, where the verifier insists on alignment: byte by byte, or by fours where
// the array is so aligned.
P4BPF_INLINE void p4bpf_wide_store_bytes(u8 *bytes, u32 size, const u64 *in, u32 limbs, u32 step) {
  P4BPF_EACH(i, size / step) {
    const u32 low = 8 * step * i, at = size - step * (i + 1);
    const u64 limb = low / 64 < limbs ? in[low / 64] >> low % 64 : 0;
    if (step == 4) {
      P4BPF_STORE32(bytes + at, P4BPF_SWAP32(limb));
    } else {
      P4BPF_STORE8(bytes + at, limb);
    }
  }
}
P4BPF_INLINE void p4bpf_wide_load_bytes(u64 *out, u32 limbs, const u8 *bytes, u32 size) {
  P4BPF_EACH(i, limbs) out[i] = 0;
  P4BPF_EACH(i, size) out[i / 8] |= (u64)P4BPF_LOAD8(bytes + size - 1 - i) << i % 8 * 8;
}
// Whether the number in `a` is at most that in `b`; both of `size` bytes in network order.
P4BPF_INLINE int p4bpf_bytes_at_most(const u8 *a, const u8 *b, u32 size, int is_signed) {
  int result = 1;
  P4BPF_EACH(i, size) {
    const u32 at = size - 1 - i;
    const u8 flip = is_signed && at == 0 ? 0x80 : 0;
    const u8 x = P4BPF_LOAD8(a + at) ^ flip, y = P4BPF_LOAD8(b + at) ^ flip;
    result = x != y ? x < y : result;
  }
  return result;
}

// ---- moving and resizing ------------------------------------------------------------------------------------------------

P4BPF_INLINE void p4bpf_wide_mask(u64 *out, u32 limbs, u32 width) {
  if (width % 64) out[limbs - 1] &= (1ull << width % 64) - 1;
}
P4BPF_INLINE void p4bpf_wide_copy(u64 *out, const u64 *a, u32 limbs) { P4BPF_EACH(i, limbs) out[i] = a[i]; }
// From `from` bits in `limbs_from` limbs to `to` bits in `limbs` limbs, by the sign where `is_signed`. `out` is not `a`.
P4BPF_INLINE void p4bpf_wide_resize(u64 *out, u32 limbs, u32 to, const u64 *a, u32 limbs_from, u32 from, int is_signed) {
  const u64 fill = is_signed && (a[(from - 1) / 64] >> (from - 1) % 64 & 1) ? ~0ull : 0;
  P4BPF_EACH(i, limbs) {
    u64 limb = i < limbs_from ? a[i] : fill;
    if (i == limbs_from - 1 && from % 64) limb |= fill << from % 64;
    out[i] = limb;
  }
  p4bpf_wide_mask(out, limbs, to);
}
// `width` bits from bit `low` on. `out` is not `a`.
P4BPF_INLINE void p4bpf_wide_slice(u64 *out, u32 limbs, const u64 *a, u32 limbs_from, u32 low, u32 width) {
  P4BPF_EACH(i, limbs) {
    const u32 at = i + low / 64;
    u64 limb = at < limbs_from ? a[at] >> low % 64 : 0;
    if (low % 64 && at + 1 < limbs_from) limb |= a[at + 1] << (64 - low % 64);
    out[i] = limb;
  }
  p4bpf_wide_mask(out, limbs, width);
}
// At most 64 bits from bit `low` on.
P4BPF_INLINE u64 p4bpf_wide_slice64(const u64 *a, u32 limbs_from, u32 low, u32 width) {
  u64 out;
  p4bpf_wide_slice(&out, 1, a, limbs_from, low, width);
  return out;
}
// A part of a concatenation, at bit `low` of `out`, where all bits are zero yet.
P4BPF_INLINE void p4bpf_wide_insert(u64 *out, u32 limbs, u32 low, const u64 *a, u32 limbs_a) {
  P4BPF_EACH(i, limbs_a) {
    const u32 at = i + low / 64;
    out[at] |= a[i] << low % 64;
    if (low % 64 && at + 1 < limbs) out[at + 1] |= a[i] >> (64 - low % 64);
  }
}
P4BPF_INLINE void p4bpf_wide_select(u64 *out, u32 limbs, int condition, const u64 *yes, const u64 *no) {
  P4BPF_EACH(i, limbs) out[i] = condition ? yes[i] : no[i];
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------------

P4BPF_INLINE void p4bpf_wide_add(u64 *out, const u64 *a, const u64 *b, u32 limbs, u32 width) {
  u64 carry = 0;
  P4BPF_EACH(i, limbs) {
    const u64 x = a[i], sum = x + b[i], all = sum + carry;
    carry = (u64)(sum < x) | (u64)(all < sum);
    out[i] = all;
  }
  p4bpf_wide_mask(out, limbs, width);
}
P4BPF_INLINE void p4bpf_wide_sub(u64 *out, const u64 *a, const u64 *b, u32 limbs, u32 width) {
  u64 borrow = 0;
  P4BPF_EACH(i, limbs) {
    const u64 x = a[i], y = b[i], difference = x - y;
    out[i] = difference - borrow;
    borrow = (u64)(x < y) | (u64)(difference < borrow);
  }
  p4bpf_wide_mask(out, limbs, width);
}
// The high half of a 64 by 64 bit product; there is no 128-bit multiplication in eBPF.
P4BPF_INLINE u64 p4bpf_mul_high(u64 a, u64 b) {
  const u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
  const u64 low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (u32)mid;
  return a1 * b1 + (mid >> 32) + (mid2 >> 32);
}
// `out` is neither operand.
P4BPF_INLINE void p4bpf_wide_mul(u64 *out, const u64 *a, const u64 *b, u32 limbs, u32 width) {
  P4BPF_EACH(i, limbs) out[i] = 0;
  P4BPF_EACH(i, limbs) {
    u64 carry = 0;
    P4BPF_EACH(j, limbs - i) {
      const u64 low = a[i] * b[j], old = out[i + j];
      const u64 sum = old + low, all = sum + carry;
      carry = p4bpf_mul_high(a[i], b[j]) + (u64)(sum < low) + (u64)(all < carry);
      out[i + j] = all;
    }
  }
  p4bpf_wide_mask(out, limbs, width);
}
P4BPF_INLINE void p4bpf_wide_and(u64 *out, const u64 *a, const u64 *b, u32 limbs) { P4BPF_EACH(i, limbs) out[i] = a[i] & b[i]; }
P4BPF_INLINE void p4bpf_wide_or(u64 *out, const u64 *a, const u64 *b, u32 limbs) { P4BPF_EACH(i, limbs) out[i] = a[i] | b[i]; }
P4BPF_INLINE void p4bpf_wide_xor(u64 *out, const u64 *a, const u64 *b, u32 limbs) { P4BPF_EACH(i, limbs) out[i] = a[i] ^ b[i]; }
P4BPF_INLINE void p4bpf_wide_complement(u64 *out, const u64 *a, u32 limbs, u32 width) {
  P4BPF_EACH(i, limbs) out[i] = ~a[i];
  p4bpf_wide_mask(out, limbs, width);
}
P4BPF_INLINE void p4bpf_wide_negate(u64 *out, const u64 *a, u32 limbs, u32 width) {
  u64 carry = 1;
  P4BPF_EACH(i, limbs) {
    const u64 sum = ~a[i] + carry;
    carry = carry & (u64)(sum == 0);
    out[i] = sum;
  }
  p4bpf_wide_mask(out, limbs, width);
}
P4BPF_INLINE int p4bpf_wide_sign(const u64 *a, u32 width) { return (int)(a[(width - 1) / 64] >> (width - 1) % 64 & 1); }
P4BPF_INLINE int p4bpf_wide_equal(const u64 *a, const u64 *b, u32 limbs) {
  u64 difference = 0;
  P4BPF_EACH(i, limbs) difference |= a[i] ^ b[i];
  return difference == 0;
}
P4BPF_INLINE int p4bpf_wide_less(const u64 *a, const u64 *b, u32 limbs, u32 width, int is_signed) {
  int less = 0;
  P4BPF_EACH(i, limbs) less = a[i] != b[i] ? a[i] < b[i] : less;
  if (is_signed && p4bpf_wide_sign(a, width) != p4bpf_wide_sign(b, width)) return p4bpf_wide_sign(a, width);
  return less;
}
// Shifts take every amount. No limb is picked by a run-time index: the verifier would lose track of the stack. `out` is not `a`.
P4BPF_INLINE void p4bpf_wide_shl(u64 *out, const u64 *a, u64 amount, u32 limbs, u32 width) {
  const u64 words = amount / 64;
  const u32 bits = (u32)(amount % 64);
  P4BPF_EACH(i, limbs) {
    u64 limb = 0;
    P4BPF_EACH(j, i + 1) {
      if (words == i - j) limb |= a[j] << bits;
      if (bits && words + 1 == i - j) limb |= a[j] >> (64 - bits);
    }
    out[i] = limb;
  }
  p4bpf_wide_mask(out, limbs, width);
}
P4BPF_INLINE void p4bpf_wide_shr(u64 *out, const u64 *a, u64 amount, u32 limbs, u32 width, int is_signed) {
  const u64 fill = is_signed && p4bpf_wide_sign(a, width) ? ~0ull : 0;
  const u64 words = amount / 64;
  const u32 bits = (u32)(amount % 64);
  P4BPF_EACH(i, limbs) {
    u64 low = fill, high = fill;
    P4BPF_EACH(j, limbs) {
      const u64 limb = j == limbs - 1 && width % 64 ? a[j] | fill << width % 64 : a[j];
      if (j >= i && words == j - i) low = limb;
      if (j >= i && words + 1 == j - i) high = limb;
    }
    out[i] = bits ? low >> bits | high << (64 - bits) : low;
  }
  p4bpf_wide_mask(out, limbs, width);
}
// The amount of a shift that is itself wide: anything beyond 64 bits is as good as 2**64 - 1.
P4BPF_INLINE u64 p4bpf_wide_amount(const u64 *a, u32 limbs) {
  u64 above = 0;
  P4BPF_EACH(i, limbs) above |= i ? a[i] : 0;
  return above ? ~0ull : a[0];
}
// |+| and |-|. `out` is neither operand.
P4BPF_INLINE void p4bpf_wide_saturate(u64 *out, const u64 *a, const u64 *b, u32 limbs, u32 width, int is_signed, int subtract) {
  if (subtract) {
    p4bpf_wide_sub(out, a, b, limbs, width);
  } else {
    p4bpf_wide_add(out, a, b, limbs, width);
  }
  u64 fill, top;  // the limbs below the highest, and the highest, of the value that it sticks at
  int over;
  if (is_signed) {
    const int sign_a = p4bpf_wide_sign(a, width), sign_b = p4bpf_wide_sign(b, width) ^ subtract;
    over = sign_a == sign_b && p4bpf_wide_sign(out, width) != sign_a;
    fill = sign_a ? 0 : ~0ull;
    top = sign_a ? 1ull << (width - 1) % 64 : (1ull << (width - 1) % 64) - 1;
  } else {
    over = subtract ? p4bpf_wide_less(a, b, limbs, width, 0) : p4bpf_wide_less(out, a, limbs, width, 0);
    fill = subtract ? 0 : ~0ull;
    top = fill;
  }
  P4BPF_EACH(i, limbs) out[i] = over ? (i == limbs - 1 ? top : fill) : out[i];
  p4bpf_wide_mask(out, limbs, width);
}

// ---- up to 64 bits: what C has no operator for ------------------------------------------------------------------------------

P4BPF_INLINE u64 p4bpf_max_of(u32 width) { return width == 64 ? ~0ull : (1ull << width) - 1; }
P4BPF_INLINE s64 p4bpf_sign_extend(u64 value, u32 width) { return (s64)(value << (64 - width)) >> (64 - width); }
P4BPF_INLINE u64 p4bpf_saturate(u64 a, u64 b, u32 width, int is_signed, int subtract) {
  u64 out;
  p4bpf_wide_saturate(&out, &a, &b, 1, width, is_signed, subtract);
  return out;
}
P4BPF_INLINE u64 p4bpf_shift_right_signed(u64 value, u64 amount, u32 width) {
  return (u64)(p4bpf_sign_extend(value, width) >> (amount > 63 ? 63 : amount)) & p4bpf_max_of(width);
}

#endif  // P4BPF_WIDE_H
