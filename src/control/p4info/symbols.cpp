// Gives objects their ids and aliases (symbols.h).
#include "control/p4info/symbols.h"

#include "control/p4info/annotations.h"

namespace p4bpf::control {
namespace {

constexpr std::uint32_t kNameBits = 24;
constexpr std::uint32_t kNameMask = (1u << kNameBits) - 1;

/// Bob Jenkins's one-at-a-time hash.
std::uint32_t hash_of(const std::string& name) {
  std::uint32_t hash = 0;
  for (const char c : name) {
    hash += static_cast<std::uint8_t>(c);
    hash += hash << 10;
    hash ^= hash >> 6;
  }
  hash += hash << 3;
  hash ^= hash >> 11;
  hash += hash << 15;
  return hash;
}

/// `name` without its first part; "" if it has only one.
std::string without_first_part(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot + 1);
}

}  // namespace

Result<void> Symbols::add(SymbolKind kind, const std::string& name, const manifest::Annotations& annotations) {
  const auto [at, is_new] = ids_.try_emplace({kind, name}, 0);
  if (!is_new) return {};
  if (names_.insert(name).second) {
    for (std::string suffix = name; !suffix.empty(); suffix = without_first_part(suffix)) ++names_with_[suffix];
  }
  const Result<std::optional<std::uint32_t>> wanted = id_annotation(annotations);
  if (!wanted) return fail("'" + name + "': " + wanted.error().message, wanted.error().hint);
  if (!*wanted) return {};
  const std::uint32_t first = static_cast<std::uint32_t>(kind) << kNameBits;
  if ((**wanted & ~kNameMask) != 0 && (**wanted & ~kNameMask) != first) {
    return fail("the @id of '" + name + "' begins with 8 bits that stand for another kind of object",
                "write the lower 24 bits only: @id(" + std::to_string(**wanted & kNameMask) + ")");
  }
  at->second = first | (**wanted & kNameMask);
  if (!taken_.insert(at->second).second)
    return fail("the @id of '" + name + "' is that of another object, too", "give each object an @id of its own");
  return {};
}

void Symbols::give_missing_ids() {
  for (auto& [symbol, id] : ids_) {
    if (id != 0) continue;
    const std::uint32_t first = static_cast<std::uint32_t>(symbol.first) << kNameBits;
    // A program has far fewer objects than there are numbers.
    std::uint32_t number = hash_of(symbol.second);
    while ((number & kNameMask) == 0 || taken_.contains(first | (number & kNameMask))) ++number;
    id = first | (number & kNameMask);
    taken_.insert(id);
  }
}

std::string Symbols::alias(const std::string& name) const {
  std::string shortest = name;
  for (std::string suffix = name; !suffix.empty(); suffix = without_first_part(suffix)) {
    if (names_with_.at(suffix) > 1) break;
    shortest = suffix;
  }
  return shortest;
}

Result<Symbols> Symbols::of(const manifest::Manifest& manifest) {
  Symbols symbols;
  Result<void> done;
  const auto add = [&](SymbolKind kind, const auto& object) {
    if (done) done = symbols.add(kind, object.name, object.annotations);
  };
  for (const manifest::Table& table : manifest.tables) {
    add(table.is_value_set ? SymbolKind::kValueSet : SymbolKind::kTable, table);
    for (const manifest::Action& action : table.actions) add(SymbolKind::kAction, action);
  }
  for (const manifest::Profile& profile : manifest.profiles) {
    add(SymbolKind::kActionProfile, profile);
    for (const manifest::Action& action : profile.actions) add(SymbolKind::kAction, action);
  }
  for (const manifest::Counter& counter : manifest.counters)
    add(counter.table ? SymbolKind::kDirectCounter : SymbolKind::kCounter, counter);
  for (const manifest::Meter& meter : manifest.meters)
    add(meter.table ? SymbolKind::kDirectMeter : SymbolKind::kMeter, meter);
  for (const manifest::Register& one : manifest.registers) add(SymbolKind::kRegister, one);
  for (const manifest::Digest& digest : manifest.digests) add(SymbolKind::kDigest, digest);
  for (const manifest::ControllerHeader& header : manifest.controller_headers) {
    // The id is made of the header type's name, for the object's name is always one of the same two.
    if (done) done = symbols.add(SymbolKind::kControllerHeader, header.type_name, header.annotations);
  }
  if (!done) return fail(done.error());
  symbols.give_missing_ids();
  return symbols;
}

}  // namespace p4bpf::control
