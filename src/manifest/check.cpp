// The checks behind check.h, from single values up to the whole manifest.
#include "manifest/check.h"

#include <algorithm>
#include <set>

#include "manifest/profile.h"

namespace p4bpf::manifest {
namespace {

/// The widest value that P4 programs may use here.
constexpr std::uint32_t kMostBits = 2048;
constexpr std::uint32_t kMostKeys = 0xffff;
/// The kernel's limit for keys on the stack is 512 bytes and for values far above this; it bounds what a damaged file
/// makes us allocate.
constexpr std::uint32_t kMostStructBytes = 64 * 1024;

bool is_signed(ValueKind kind) { return kind == ValueKind::kSigned; }

std::string check_value_type(ValueKind kind, std::uint32_t bits, const std::vector<std::string>& members) {
  if (bits == 0 || bits > kMostBits) return "has " + std::to_string(bits) + " bits";
  if (kind == ValueKind::kBool && bits != 1) return "is a bool of " + std::to_string(bits) + " bits";
  if ((kind == ValueKind::kEnum || kind == ValueKind::kError) && members.empty()) return "is an enum without members";
  return "";
}

std::string check_slot(const Slot& slot, std::uint32_t bits, std::uint32_t struct_size) {
  if (slot.size == 0 || slot.offset > struct_size || slot.size > struct_size - slot.offset)
    return "lies outside its struct";
  if (slot.size < (bits + 7) / 8) return "has a slot that is too small";
  const bool is_scalar = slot.size == 1 || slot.size == 2 || slot.size == 4 || slot.size == 8;
  if (slot.order == ByteOrder::kHost && !is_scalar) return "is in host order but no integer of C";
  return "";
}

std::string check_physical(const Table& table) {
  if (table.key_size > kMostStructBytes || table.value_size > kMostStructBytes)
    return "has a key or value that is too large";
  if (!table.default_symbol.empty() && table.value_size < 4) return "has a default in global data but no value";
  if (table.structure == Structure::kNone || table.structure == Structure::kCode) return "";
  if (table.map.empty()) return "";
  if (table.value_size < 4) return "has a value without an action number";
  for (const KeyField& key : table.keys) {
    const std::string fault = check_slot(key.slot, key.bits, table.key_size);
    if (!fault.empty()) return "has a key '" + key.name + "' that " + fault;
  }
  if (table.structure == Structure::kArray) {
    const bool fits = table.keys.size() == 1 && table.keys[0].match == MatchKind::kExact && table.keys[0].bits <= 32;
    if (!fits || table.key_size != 4) return "is an array without exactly one exact key of at most 32 bits";
  }
  if (table.structure == Structure::kPrefixTable) {
    const bool fits = table.key_size <= 16 && table.root_bits >= 8 && table.root_bits <= 24 &&
                      table.root_bits % 4 == 0 && table.root_bits <= 8 * table.key_size && table.lines > 0 &&
                      table.lines < (1u << 22) - (1u << table.root_bits) / 16;
    if (!fits) return "is a prefix table of no possible shape";
    if (table.entry_map.empty()) return "is a prefix table without its maps";
  }
  if (table.structure == Structure::kRuleMatrix) {
    const bool in_order = std::all_of(table.keys.begin(), table.keys.end(), [](const KeyField& key) {
      return key.slot.order == ByteOrder::kNetwork || key.slot.size == 1;
    });
    if (!in_order || table.key_size > 64 || table.size > 16384) return "is a rule matrix of no possible shape";
  }
  if (table.structure == Structure::kLpmTrie || table.structure == Structure::kPrefixTable) {
    std::size_t prefixes = 0;
    const KeyField* last = nullptr;
    for (const KeyField& key : table.keys) {
      if (key.match == MatchKind::kLpm) ++prefixes;
      if (key.match != MatchKind::kLpm && key.match != MatchKind::kExact)
        return "is a trie with a key that is no prefix";
      if (key.slot.order != ByteOrder::kNetwork) return "is a trie with a key in host order";
      if (last == nullptr || key.slot.offset > last->slot.offset) last = &key;
    }
    if (prefixes != 1 || last->match != MatchKind::kLpm) return "is a trie whose last key is not its only prefix";
  }
  return "";
}

std::string check_arguments(const Action& action, const std::vector<BigInt>& arguments) {
  if (arguments.size() != action.params.size()) return "has the wrong number of arguments";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!fits(arguments[i], action.params[i].bits, is_signed(action.params[i].kind)))
      return "has an argument that is too wide";
  }
  return "";
}

std::string check_entry(const Entry& entry, const Table& table) {
  if (entry.keys.size() != table.keys.size()) return "has the wrong number of keys";
  for (std::size_t i = 0; i < entry.keys.size(); ++i) {
    const std::string fault = find_fault(entry.keys[i], table.keys[i]);
    if (!fault.empty()) return "key '" + table.keys[i].name + "' " + fault;
  }
  if (table.actions.empty()) return entry.arguments.empty() ? "" : "has arguments but no action";
  if (entry.action >= table.actions.size()) return "has an action that does not exist";
  return check_arguments(table.actions[entry.action], entry.arguments);
}

/// `value_size` is 0 where nothing is stored.
std::string check_params(const std::vector<Action>& actions, std::uint32_t value_size) {
  for (const Action& action : actions) {
    for (const ActionParam& param : action.params) {
      std::string fault = check_value_type(param.kind, param.bits, param.enum_members);
      if (fault.empty() && value_size != 0) fault = check_slot(param.slot, param.bits, value_size);
      if (fault.empty() && value_size != 0 && param.slot.offset < 4) fault = "lies on the action number";
      if (!fault.empty()) return "parameter '" + param.name + "' of action '" + action.name + "' " + fault;
    }
  }
  return "";
}

std::string check_profile(const Profile& profile) {
  if (profile.size == 0 || profile.size > kMostMembers || profile.max_group_size > kMostGroupSize)
    return "is of no possible size";
  if (profile.value_size > kMostStructBytes || (!profile.member_map.empty() && profile.value_size < 4))
    return "has values of no possible size";
  return check_params(profile.actions, profile.value_size);
}

std::string check_table(const Table& table) {
  for (const KeyField& key : table.keys) {
    const std::string fault = check_value_type(key.kind, key.bits, key.enum_members);
    if (!fault.empty()) return "key '" + key.name + "' " + fault;
    if (key.place > kMostKeys) return "key '" + key.name + "' stands at no possible place";
  }
  if (const std::string fault = check_params(table.actions, table.value_size); !fault.empty()) return fault;
  if (!table.actions.empty()) {
    if (table.default_action >= table.actions.size()) return "has a default action that does not exist";
    const std::string fault = check_arguments(table.actions[table.default_action], table.default_arguments);
    if (!fault.empty()) return "default action " + fault;
  }
  for (std::size_t i = 0; i < table.entries.size(); ++i) {
    const std::string fault = check_entry(table.entries[i], table);
    if (!fault.empty()) return "entry " + std::to_string(i) + " " + fault;
  }
  return check_physical(table);
}

}  // namespace

std::string find_fault(const KeyMatch& match, const KeyField& field) {
  using Kind = KeyMatch::Kind;
  const bool is_plain = match.kind == Kind::kExact;
  const bool is_any = match.kind == Kind::kAny;
  bool suits = false;
  switch (field.match) {
    case MatchKind::kExact:
      suits = is_plain;
      break;
    case MatchKind::kLpm:
      suits = is_plain || is_any || match.kind == Kind::kPrefix;
      break;
    case MatchKind::kTernary:
      suits = match.kind != Kind::kRange;
      break;
    case MatchKind::kRange:
      suits = is_plain || is_any || match.kind == Kind::kRange;
      break;
    case MatchKind::kOptional:
      suits = is_plain || is_any;
      break;
  }
  if (!suits) return "is not of its match kind";
  const bool sign = is_signed(field.kind);
  if (!is_any && !fits(match.value, field.bits, sign)) return "has a value that is too wide";
  if (match.kind == Kind::kMask && !fits(match.mask, field.bits, false)) return "has a mask that is too wide";
  if (match.kind == Kind::kRange && !fits(match.high, field.bits, sign)) return "has a range that is too wide";
  if (match.kind == Kind::kPrefix && match.prefix_length > field.bits) return "has a prefix that is too long";
  return "";
}

std::string find_fault(const Manifest& manifest) {
  std::set<std::string> names;
  for (const Profile& profile : manifest.profiles) {
    if (!names.insert(profile.name).second) return "profile '" + profile.name + "' stands twice";
    const std::string fault = check_profile(profile);
    if (!fault.empty()) return "profile '" + profile.name + "' " + fault;
  }
  names.clear();
  for (const Table& table : manifest.tables) {
    if (table.profile && *table.profile >= manifest.profiles.size())
      return "table '" + table.name + "' has a profile that does not exist";
    if (table.profile && table.value_size != 0 && table.value_size < 8)
      return "table '" + table.name + "' has values that cannot name a member";
    if (!names.insert(table.name).second) return "table '" + table.name + "' stands twice";
    const std::string fault = check_table(table);
    if (!fault.empty()) return "table '" + table.name + "' " + fault;
  }
  names.clear();
  for (const Counter& counter : manifest.counters) {
    if (!names.insert(counter.name).second) return "counter '" + counter.name + "' stands twice";
    if (counter.bits == 0 || counter.bits > 64) return "counter '" + counter.name + "' has a bad width";
  }
  names.clear();
  for (const Register& cells : manifest.registers) {
    if (!names.insert(cells.name).second) return "register '" + cells.name + "' stands twice";
    std::string fault = check_value_type(cells.kind, cells.bits, {});
    if (fault.empty() && !cells.map.empty()) fault = check_slot(cells.slot, cells.bits, cells.value_size);
    if (!fault.empty()) return "register '" + cells.name + "' " + fault;
  }
  names.clear();
  for (const Calculation& one : manifest.calculations) {
    if (!names.insert(one.name).second) return "calculation '" + one.name + "' stands twice";
    if (one.width != 16 && one.width != 32) return "calculation '" + one.name + "' has a bad width";
  }
  return "";
}

}  // namespace p4bpf::manifest
