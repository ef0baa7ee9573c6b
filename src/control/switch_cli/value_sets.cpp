// Commands of the switch's command language for parser value sets. A value is one number: the fields behind one
// another.
#include <fmt/format.h>

#include "control/switch_cli/values.h"

namespace p4bpf::control::switch_cli {
namespace {

using manifest::Entry;
using manifest::Table;

Result<std::size_t> set_named(const Context& context, const std::string& name) {
  std::vector<std::string> names;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < context.manifest().tables.size(); ++i) {
    if (!context.manifest().tables[i].is_value_set) continue;
    names.push_back(context.manifest().tables[i].name);
    indices.push_back(i);
  }
  const Result<std::size_t> found = manifest::find_by_name("value set", name, names);
  if (!found) return fail(found.error());
  return indices[*found];
}

std::uint32_t width_of(const Table& set) {
  std::uint32_t bits = 0;
  for (const manifest::KeyField& field : set.keys) bits += field.bits;
  return bits;
}

Result<Entry> parse_value_of(const Context& context, const Table& set, const std::string& word) {
  const std::uint32_t bits = width_of(set);
  Result<BigInt> value = parse_value(word, {set.name, manifest::ValueKind::kBits, bits, nullptr}, context.ports);
  if (!value) return fail(value.error());
  Entry entry;
  std::uint32_t below = bits;
  for (const manifest::KeyField& field : set.keys) {
    below -= field.bits;
    KeyMatch match;
    match.kind = KeyMatch::Kind::kExact;
    match.value = wrap(*value >> below, field.bits, field.kind == manifest::ValueKind::kSigned);
    entry.keys.push_back(match);
  }
  return entry;
}

Result<void> change(Context& context, const Words& words, runtime::Change what, int harmless) {
  const Result<std::size_t> index = set_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<Entry> entry = parse_value_of(context, context.manifest().tables[*index], words[1]);
  if (!entry) return fail(entry.error());
  if (context.only_checks) return {};
  Result<void> done = context.tables.change(*index, what, *entry);
  // A value that is there already, or is not there, is no mistake in this language.
  if (!done && done.error().code == harmless) return {};
  return done;
}

Result<void> add(Context& context, const Words& words) { return change(context, words, runtime::Change::kAdd, EEXIST); }
Result<void> remove(Context& context, const Words& words) {
  return change(context, words, runtime::Change::kDelete, ENOENT);
}

Result<void> get(Context& context, const Words& words) {
  const Result<std::size_t> index = set_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Table& set = context.manifest().tables[*index];
  const Result<std::vector<Entry>> entries = context.tables.dump(*index);
  if (!entries) return fail(entries.error());
  for (const Entry& entry : *entries) {
    BigInt value = 0;
    for (std::size_t i = 0; i < set.keys.size(); ++i)
      value = (value << set.keys[i].bits) | wrap(entry.keys[i].value, set.keys[i].bits, false);
    context.out += value.str() + "\n";
  }
  return {};
}

Result<void> clear(Context& context, const Words& words) {
  const Result<std::size_t> index = set_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Result<std::size_t> removed = context.tables.clear(*index);
  if (!removed) return fail(removed.error());
  return {};
}

Result<void> show(Context& context, const Words&) {
  if (context.only_checks) return {};
  for (const Table& set : context.manifest().tables) {
    if (set.is_value_set) context.out += fmt::format("{:<30} {}\n", set.name, width_of(set));
  }
  return {};
}

}  // namespace

std::vector<Command> value_set_commands() {
  return {
      {"show_pvs", "", "the value sets with their widths", 0, 0, show},
      {"pvs_add", "SET VALUE", "add a value", 2, 2, add},
      {"pvs_remove", "SET VALUE", "remove a value", 2, 2, remove},
      {"pvs_get", "SET", "the values", 1, 1, get},
      {"pvs_clear", "SET", "remove all values", 1, 1, clear},
  };
}

}  // namespace p4bpf::control::switch_cli
