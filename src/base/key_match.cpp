// When a key matches (key_match.h).
#include "base/key_match.h"

namespace p4bpf {

bool KeyMatch::matches(const BigInt& key, std::uint32_t width) const {
  switch (kind) {
    case Kind::kAny:
      return true;
    case Kind::kExact:
      return key == value;
    case Kind::kMask:
      // Signed keys are masked in two's complement.
      return (wrap(key, width, false) & mask) == (wrap(value, width, false) & mask);
    case Kind::kRange:
      return value <= key && key <= high;
    case Kind::kPrefix: {
      const std::uint32_t rest = prefix_length >= width ? 0 : width - prefix_length;
      return (wrap(key, width, false) >> rest) == (wrap(value, width, false) >> rest);
    }
  }
  return false;
}

}  // namespace p4bpf
