// Reading and comparing keysets: see keysets.h.
#include "frontend/warnings/keysets.h"

#include <algorithm>

namespace p4bpf::warnings {
namespace {

/// A known value as a number: bools and the members of serializable enums have one too.
std::optional<BigInt> number_of(const Findings& f, ExprId id) {
  const std::optional<ConstValue>& value = f.program.constant_of[id];
  if (!value) return std::nullopt;
  if (const auto* number = std::get_if<BigInt>(&value->value)) return *number;
  if (const auto* truth = std::get_if<bool>(&value->value)) return BigInt(*truth ? 1 : 0);
  return std::nullopt;
}

std::optional<KeyPart> part_of(const Findings& f, ExprId id) {
  KeyPart part;
  if (f.expr<ast::DontCareExpr>(id) != nullptr) return part;
  if (const auto* mask = f.expr<ast::MaskExpr>(id)) {
    const std::optional<BigInt> value = number_of(f, mask->value);
    const std::optional<BigInt> bits = number_of(f, mask->mask);
    if (!value || !bits || *value < 0 || *bits < 0) return std::nullopt;
    if (*bits == 0) return part;
    part.kind = KeyPart::Kind::kMask;
    part.mask = *bits;
    part.value = *value & *bits;
    return part;
  }
  if (const auto* range = f.expr<ast::RangeExpr>(id)) {
    const std::optional<BigInt> low = number_of(f, range->lo);
    const std::optional<BigInt> high = number_of(f, range->hi);
    if (!low || !high || *high < *low) return std::nullopt;
    part.kind = KeyPart::Kind::kRange;
    part.low = *low;
    part.high = *high;
    return part;
  }
  if (const std::optional<BigInt> number = number_of(f, id)) {
    part.kind = KeyPart::Kind::kRange;
    part.low = part.high = *number;
    return part;
  }
  const std::optional<ConstValue>& value = f.program.constant_of[id];
  const auto* name = value ? std::get_if<DeclId>(&value->value) : nullptr;
  if (name == nullptr) return std::nullopt;
  part.kind = KeyPart::Kind::kName;
  part.name = *name;
  return part;
}

bool covers(const KeyPart& wide, const KeyPart& narrow) {
  using Is = KeyPart::Kind;
  if (wide.kind == Is::kAny) return true;
  if (wide.kind == Is::kName) return narrow.kind == Is::kName && wide.name == narrow.name;
  if (wide.kind == Is::kRange) {
    return narrow.kind == Is::kRange && wide.low <= narrow.low && narrow.high <= wide.high;
  }
  // A mask covers a value or a mask that looks at its bits, and more.
  if (narrow.kind == Is::kRange) {
    return narrow.low == narrow.high && narrow.low >= 0 && (narrow.low & wide.mask) == wide.value;
  }
  return narrow.kind == Is::kMask && (wide.mask & narrow.mask) == wide.mask && (narrow.value & wide.mask) == wide.value;
}

}  // namespace

std::optional<Keyset> keyset_of(const Findings& f, ExprId keyset, std::size_t keys) {
  if (f.expr<ast::DontCareExpr>(keyset) != nullptr) return Keyset(keys);
  std::vector<ExprId> written{keyset};
  if (const auto* list = f.expr<ast::ListExpr>(keyset)) written = list->elements;
  if (written.size() != keys) return std::nullopt;
  Keyset parts;
  for (const ExprId id : written) {
    std::optional<KeyPart> part = part_of(f, id);
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
  }
  return parts;
}

bool covers(const Keyset& wide, const Keyset& narrow) {
  return wide.size() == narrow.size() && std::equal(wide.begin(), wide.end(), narrow.begin(),
                                                    [](const KeyPart& a, const KeyPart& b) { return covers(a, b); });
}

std::string spelled(const Keyset& keyset) {
  std::string text;
  for (const KeyPart& part : keyset) {
    switch (part.kind) {
      case KeyPart::Kind::kAny:
        text += "_";
        break;
      case KeyPart::Kind::kRange:
        text += part.low.str() + ".." + part.high.str();
        break;
      case KeyPart::Kind::kMask:
        text += part.value.str() + "&" + part.mask.str();
        break;
      case KeyPart::Kind::kName:
        text += "#" + std::to_string(part.name.index());
        break;
    }
    text += ",";
  }
  return text;
}

}  // namespace p4bpf::warnings
