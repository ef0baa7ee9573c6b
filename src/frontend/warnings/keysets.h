// Keysets whose values are known, compared with each other: which of two is the wider one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/warnings/findings.h"

namespace p4bpf::warnings {

/// What one key is matched with. Compared only with a Range, Mask or Name for the same key.
struct KeyPart {
  enum class Kind { kAny, kRange, kMask, kName };
  Kind kind = Kind::kAny;
  BigInt low, high;    // kRange; a single value has both alike
  BigInt value, mask;  // kMask, `value` within `mask`
  DeclId name;         // kName: a member of an enum or of `error`
};

/// One part for each key; nothing where a value is not known (a value set, a constructor parameter).
using Keyset = std::vector<KeyPart>;
std::optional<Keyset> keyset_of(const Findings& f, ExprId keyset, std::size_t keys);

/// Whether everything that `narrow` matches is matched by `wide` as well.
bool covers(const Keyset& wide, const Keyset& narrow);
/// The same text for the same keysets, and for no others.
std::string spelled(const Keyset& keyset);

}  // namespace p4bpf::warnings
