// The rules of entry.h, match kind by match kind.
#include "manifest/entry.h"

#include <fmt/format.h>

namespace p4bpf::manifest {
namespace {

bool is_signed(ValueKind kind) { return kind == ValueKind::kSigned; }

std::string show(const BigInt& value) { return value.str(); }

Result<void> check_value(std::string_view what, const std::string& name, const BigInt& value, std::uint32_t bits,
                         bool with_sign) {
  if (fits(value, bits, with_sign)) return {};
  return fail(fmt::format("the value {} does not fit {} `{}` of {} bits", show(value), what, name, bits));
}

/// The highest `length` bits of a field of `bits` bits.
BigInt prefix_mask(std::uint32_t length, std::uint32_t bits) {
  const BigInt all = power_of_two(bits) - 1;
  const BigInt rest = power_of_two(bits - length) - 1;
  return all - rest;
}

tl::unexpected<Error> wrong_kind(const KeyField& field, std::string_view expected) {
  return fail(fmt::format("key `{}` takes {}", field.name, expected));
}

Result<KeyMatch> normalize_exact(const KeyField& field, const KeyMatch& match) {
  if (match.kind != KeyMatch::Kind::kExact) return wrong_kind(field, "one value, as it matches exactly");
  KeyMatch out;
  out.kind = KeyMatch::Kind::kExact;
  out.value = match.value;
  return out;
}

Result<KeyMatch> normalize_lpm(const KeyField& field, const KeyMatch& match) {
  KeyMatch out;
  out.kind = KeyMatch::Kind::kPrefix;
  switch (match.kind) {
    case KeyMatch::Kind::kAny:
      return out;
    case KeyMatch::Kind::kExact:
      out.prefix_length = field.bits;
      break;
    case KeyMatch::Kind::kPrefix:
      if (match.prefix_length > field.bits) {
        return fail(fmt::format("key `{}` has {} bits, fewer than the prefix length {}", field.name, field.bits,
                                match.prefix_length));
      }
      out.prefix_length = match.prefix_length;
      break;
    case KeyMatch::Kind::kMask: {
      // A mask of leading ones is a prefix.
      std::uint32_t length = 0;
      while (length < field.bits && bit_test(match.mask, field.bits - 1 - length)) ++length;
      if (match.mask != prefix_mask(length, field.bits)) return wrong_kind(field, "a prefix");
      out.prefix_length = length;
      break;
    }
    case KeyMatch::Kind::kRange:
      return wrong_kind(field, "a prefix, not a range");
  }
  const BigInt kept = wrap(match.value, field.bits, false) & prefix_mask(out.prefix_length, field.bits);
  out.value = wrap(kept, field.bits, is_signed(field.kind));
  return out;
}

Result<KeyMatch> normalize_ternary(const KeyField& field, const KeyMatch& match) {
  KeyMatch out;
  out.kind = KeyMatch::Kind::kMask;
  switch (match.kind) {
    case KeyMatch::Kind::kAny:
      return out;
    case KeyMatch::Kind::kExact:
      out.mask = power_of_two(field.bits) - 1;
      break;
    case KeyMatch::Kind::kMask:
      out.mask = match.mask;
      break;
    case KeyMatch::Kind::kPrefix: {
      const Result<KeyMatch> prefix = normalize_lpm(field, match);
      if (!prefix) return prefix;
      out.mask = prefix_mask(match.prefix_length, field.bits);
      break;
    }
    case KeyMatch::Kind::kRange:
      return wrong_kind(field, "a value and a mask, not a range");
  }
  out.value = wrap(match.value, field.bits, false) & out.mask;
  return out;
}

Result<KeyMatch> normalize_range(const KeyField& field, const KeyMatch& match) {
  KeyMatch out;
  out.kind = KeyMatch::Kind::kRange;
  const bool with_sign = is_signed(field.kind) && field.bits > 0;
  switch (match.kind) {
    case KeyMatch::Kind::kAny:
      out.value = with_sign ? BigInt(-power_of_two(field.bits - 1)) : BigInt(0);
      out.high = (with_sign ? power_of_two(field.bits - 1) : power_of_two(field.bits)) - 1;
      return out;
    case KeyMatch::Kind::kExact:
      out.value = out.high = match.value;
      return out;
    case KeyMatch::Kind::kRange:
      if (match.value > match.high) {
        return fail(
            fmt::format("the range {}..{} of key `{}` is empty", show(match.value), show(match.high), field.name));
      }
      out.value = match.value;
      out.high = match.high;
      return out;
    default:
      return wrong_kind(field, "a range LOW..HIGH");
  }
}

Result<KeyMatch> normalize_optional(const KeyField& field, const KeyMatch& match) {
  const bool all_bits = match.kind == KeyMatch::Kind::kMask && match.mask == power_of_two(field.bits) - 1;
  const bool no_bits = match.kind == KeyMatch::Kind::kMask && match.mask == 0;
  if (match.kind == KeyMatch::Kind::kAny || no_bits) return KeyMatch{};
  if (match.kind != KeyMatch::Kind::kExact && !all_bits)
    return wrong_kind(field, "one value or nothing, as it is optional");
  KeyMatch out;
  out.kind = KeyMatch::Kind::kExact;
  out.value = match.value;
  return out;
}

Result<KeyMatch> normalize_key(const KeyField& field, const KeyMatch& match) {
  const bool with_sign = is_signed(field.kind);
  // Masked values may be written as two's complement or with their sign.
  const bool masked = match.kind == KeyMatch::Kind::kMask || match.kind == KeyMatch::Kind::kPrefix;
  if (match.kind != KeyMatch::Kind::kAny && !(masked && fits(match.value, field.bits, false))) {
    if (auto ok = check_value("key", field.name, match.value, field.bits, with_sign); !ok) return fail(ok.error());
  }
  if (match.kind == KeyMatch::Kind::kMask) {
    if (auto ok = check_value("the mask of key", field.name, match.mask, field.bits, false); !ok)
      return fail(ok.error());
  }
  if (match.kind == KeyMatch::Kind::kRange) {
    if (auto ok = check_value("key", field.name, match.high, field.bits, with_sign); !ok) return fail(ok.error());
  }
  switch (field.match) {
    case MatchKind::kExact:
      return normalize_exact(field, match);
    case MatchKind::kLpm:
      return normalize_lpm(field, match);
    case MatchKind::kTernary:
      return normalize_ternary(field, match);
    case MatchKind::kRange:
      return normalize_range(field, match);
    case MatchKind::kOptional:
      return normalize_optional(field, match);
  }
  return fail("unknown match kind");
}

/// A member or a group; whether it exists is another matter.
Result<void> check_named(const Table& table) {
  if (table.profile) return {};
  return fail(fmt::format("table `{}` has no members and groups", table.name),
              "only a table with an action profile or selector has them", EINVAL);
}

}  // namespace

Result<void> check_arguments(const std::string& owner, const std::vector<Action>& actions, std::size_t action,
                             const std::vector<BigInt>& arguments) {
  if (action >= actions.size()) return fail(fmt::format("{} has no action number {}", owner, action));
  const Action& chosen = actions[action];
  if (arguments.size() != chosen.params.size()) {
    return fail(
        fmt::format("action `{}` takes {} arguments, not {}", chosen.name, chosen.params.size(), arguments.size()));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ActionParam& param = chosen.params[i];
    if (auto ok = check_value("argument", param.name, arguments[i], param.bits, is_signed(param.kind)); !ok) return ok;
  }
  return {};
}

Result<Entry> normalize_keys(const Table& table, const Entry& entry) {
  if (table.keys.empty())
    return fail(fmt::format("table `{}` has no key, so it holds no entries", table.name),
                "set its default action instead");
  if (entry.keys.size() != table.keys.size()) {
    return fail(fmt::format("table `{}` has {} keys, not {}", table.name, table.keys.size(), entry.keys.size()));
  }
  Entry out;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    Result<KeyMatch> match = normalize_key(table.keys[i], entry.keys[i]);
    if (!match) return fail(match.error());
    out.keys.push_back(std::move(*match));
  }
  if (has_priorities(table)) out.priority = entry.priority;
  return out;
}

Result<Entry> normalize(const Table& table, const Entry& entry) {
  Result<Entry> out = normalize_keys(table, entry);
  if (!out) return out;
  out->is_const = entry.is_const;
  if (table.is_value_set) return out;
  if (entry.target != EntryTarget::kAction) {
    if (auto ok = check_named(table); !ok) return fail(ok.error());
    out->target = entry.target;
    out->number = entry.number;
    return out;
  }
  if (auto ok = check_arguments("table `" + table.name + "`", table.actions, entry.action, entry.arguments); !ok)
    return fail(ok.error());
  if (table.actions[entry.action].default_only) {
    return fail(fmt::format("action `{}` can only be the default action of table `{}`",
                            table.actions[entry.action].name, table.name));
  }
  out->action = entry.action;
  out->arguments = entry.arguments;
  return out;
}

Result<void> check_default(const Table& table, const Entry& what) {
  if (table.is_value_set) return fail(fmt::format("value set `{}` has no default action", table.name));
  if (what.target != EntryTarget::kAction) {
    if (auto ok = check_named(table); !ok) return ok;
  } else if (auto ok = check_arguments("table `" + table.name + "`", table.actions, what.action, what.arguments); !ok) {
    return ok;
  } else if (table.actions[what.action].table_only) {
    return fail(fmt::format("action `{}` cannot be the default action of table `{}`", table.actions[what.action].name,
                            table.name));
  }
  if (table.default_is_const) return fail(fmt::format("the default action of table `{}` is constant", table.name));
  return {};
}

Entry action_entry(std::size_t action, std::vector<BigInt> arguments) {
  Entry entry;
  entry.action = action;
  entry.arguments = std::move(arguments);
  return entry;
}

bool has_priorities(const Table& table) {
  std::size_t lpm_keys = 0;
  for (const KeyField& field : table.keys) {
    if (field.match == MatchKind::kLpm) {
      ++lpm_keys;
    } else if (field.match != MatchKind::kExact) {
      return true;
    }
  }
  return lpm_keys > 1;
}

bool wins_over(const Table& table, const Entry& a, const Entry& b) {
  if (has_priorities(table) && a.priority != b.priority) return a.priority > b.priority;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    if (table.keys[i].match != MatchKind::kLpm) continue;
    if (a.keys[i].prefix_length != b.keys[i].prefix_length) return a.keys[i].prefix_length > b.keys[i].prefix_length;
  }
  return false;
}

}  // namespace p4bpf::manifest
