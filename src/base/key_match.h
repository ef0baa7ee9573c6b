// One component of a match: of a table entry's key, of a select case. Shared by the IR, the manifest and control.
#pragma once

#include "base/big_int.h"

namespace p4bpf {

struct KeyMatch {
  enum class Kind {
    kAny,    // matches everything
    kExact,  // == value
    kMask,   // (x & mask) == (value & mask)
    kRange,  // value <= x <= high, in the signedness of the key
    kPrefix, // the first `prefix_length` bits of the field's width equal those of value
  };
  Kind kind = Kind::kAny;
  BigInt value = 0;
  BigInt mask = 0;
  BigInt high = 0;
  std::uint32_t prefix_length = 0;

  bool operator==(const KeyMatch&) const = default;
  /// Whether `key` (of `width` bits, in the range of its type) matches.
  bool matches(const BigInt& key, std::uint32_t width) const;
};

}  // namespace p4bpf
