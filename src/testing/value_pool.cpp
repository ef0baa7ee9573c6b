// Values worth trying, and entries made of them (value_pool.h).
#include "testing/value_pool.h"

#include <algorithm>

namespace p4bpf::testing {
namespace {

using manifest::MatchKind;
using manifest::ValueKind;

constexpr std::size_t kRandomPerWidth = 3;
constexpr std::size_t kMaxPerWidth = 64;

/// In the range that the field's type has.
BigInt typed(const BigInt& value, std::uint32_t bits, ValueKind kind, std::size_t members, RandomSource& random) {
  if (kind == ValueKind::kSigned) return wrap(value, bits, true);
  if (kind == ValueKind::kEnum || kind == ValueKind::kError) return random.below(std::max<std::size_t>(members, 1));
  return value;
}

KeyMatch random_match(const manifest::KeyField& field, const ValuePool& pool, RandomSource& random) {
  const auto draw = [&] {
    return typed(pool.value(field.bits, random), field.bits, field.kind, field.enum_members.size(), random);
  };
  const bool is_signed = field.kind == ValueKind::kSigned;
  KeyMatch match;
  match.value = draw();
  match.kind = KeyMatch::Kind::kExact;
  switch (field.match) {
    case MatchKind::kExact:
      break;
    case MatchKind::kLpm:
      match.kind = KeyMatch::Kind::kPrefix;
      match.prefix_length = static_cast<std::uint32_t>(random.below(field.bits + 1));
      match.value = wrap(match.value, field.bits, false);
      match.value = match.value & (power_of_two(field.bits) - power_of_two(field.bits - match.prefix_length));
      break;
    case MatchKind::kTernary:
      if (random.one_in(4)) return KeyMatch{};
      match.kind = KeyMatch::Kind::kMask;
      match.mask =
          random.one_in(2) ? BigInt(power_of_two(field.bits) - 1) : random.bits(field.bits) | random.bits(field.bits);
      match.value = wrap(wrap(match.value, field.bits, false) & match.mask, field.bits, is_signed);
      if (match.mask == 0) return KeyMatch{};
      break;
    case MatchKind::kRange:
      if (random.one_in(4)) return KeyMatch{};
      match.kind = KeyMatch::Kind::kRange;
      match.high = draw();
      if (match.high < match.value) std::swap(match.high, match.value);
      break;
    case MatchKind::kOptional:
      if (random.one_in(3)) return KeyMatch{};
      break;
  }
  return match;
}

}  // namespace

ValuePool::ValuePool(const ir::Program& program, const manifest::Manifest& manifest, RandomSource& random) {
  for (const ir::Expr& expr : program.exprs) {
    const auto* constant = std::get_if<ir::Const>(&expr.node);
    if (constant != nullptr && expr.type.kind == ir::Type::Kind::kBits) add(expr.type.width, constant->value);
  }
  for (const manifest::Table& table : manifest.tables) {
    for (const manifest::KeyField& field : table.keys) {
      for (std::size_t i = 0; i < kRandomPerWidth; ++i) add(field.bits, random.bits(field.bits));
    }
    for (const manifest::Entry& entry : table.entries) {
      for (std::size_t i = 0; i < entry.keys.size(); ++i) {
        add(table.keys[i].bits, entry.keys[i].value);
        if (entry.keys[i].kind == KeyMatch::Kind::kRange) add(table.keys[i].bits, entry.keys[i].high);
      }
    }
  }
}

void ValuePool::add(std::uint32_t width, const BigInt& value) {
  std::vector<BigInt>& values = by_width_[width];
  const BigInt unsigned_value = wrap(value, width, false);
  if (values.size() < kMaxPerWidth && std::find(values.begin(), values.end(), unsigned_value) == values.end()) {
    values.push_back(unsigned_value);
  }
}

BigInt ValuePool::value(std::uint32_t width, RandomSource& random) const {
  const auto found = by_width_.find(width);
  if (found != by_width_.end() && !random.one_in(3)) {
    const BigInt& chosen = random.pick(found->second);
    // Beside it now and then: an end of a range, a neighbour of an address.
    if (random.one_in(8)) return wrap(chosen + (random.one_in(2) ? 1 : -1), width, false);
    return chosen;
  }
  switch (random.below(4)) {
    case 0:
      return 0;
    case 1:
      return power_of_two(width) - 1;
    default:
      return random.bits(width);
  }
}

std::vector<BigInt> random_arguments(const manifest::Action& action, const ValuePool& pool, RandomSource& random) {
  std::vector<BigInt> arguments;
  for (const manifest::ActionParam& param : action.params) {
    arguments.push_back(
        typed(pool.value(param.bits, random), param.bits, param.kind, param.enum_members.size(), random));
  }
  return arguments;
}

manifest::Entry random_entry(const manifest::Table& table, const ValuePool& pool, RandomSource& random) {
  manifest::Entry entry;
  bool has_priority = false;
  for (const manifest::KeyField& field : table.keys) {
    entry.keys.push_back(random_match(field, pool, random));
    has_priority = has_priority || (field.match != MatchKind::kExact && field.match != MatchKind::kLpm);
  }
  // Distinct, since what wins among equals is nobody's promise.
  if (has_priority) entry.priority = static_cast<std::int32_t>(random.below(1 << 30)) + 1;
  std::vector<std::size_t> allowed;
  for (std::size_t i = 0; i < table.actions.size(); ++i) {
    if (!table.actions[i].default_only) allowed.push_back(i);
  }
  if (allowed.empty()) return entry;
  entry.action = random.pick(allowed);
  entry.arguments = random_arguments(table.actions[entry.action], pool, random);
  return entry;
}

}  // namespace p4bpf::testing
