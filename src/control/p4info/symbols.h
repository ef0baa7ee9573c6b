// The ids and aliases of a program's objects in P4Info.
//
// An id is 8 bits that say what the object is, and 24 bits of a hash of its name, so that it stays the same when the
// rest of the program changes and is the same with every compiler that keeps the rule; controllers have such ids built
// in. `@id(n)` in the program gives another one. Where two meet, the next free one is taken, kind by kind in rising
// order and name by name in order of the alphabet. The alias is the shortest suffix of the name, in whole parts between
// dots, that no other object's name has.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

/// The first 8 bits of an id; the numbers are those of the published interface.
enum class SymbolKind : std::uint32_t {
  kAction = 0x01,
  kTable = 0x02,
  kValueSet = 0x03,
  kControllerHeader = 0x04,
  kActionProfile = 0x11,
  kCounter = 0x12,
  kDirectCounter = 0x13,
  kMeter = 0x14,
  kDirectMeter = 0x15,
  kRegister = 0x16,
  kDigest = 0x17,
};

class Symbols {
 public:
  /// Of all objects of the program; fails if an @id is used twice or says another kind.
  static Result<Symbols> of(const manifest::Manifest& manifest);

  std::uint32_t id(SymbolKind kind, const std::string& name) const { return ids_.at({kind, name}); }
  std::string alias(const std::string& name) const;

 private:
  Result<void> add(SymbolKind kind, const std::string& name, const manifest::Annotations& annotations);
  void give_missing_ids();

  std::map<std::pair<SymbolKind, std::string>, std::uint32_t> ids_;  // 0: not known yet
  std::set<std::uint32_t> taken_;
  std::map<std::string, std::size_t> names_with_;  // how many names have this suffix
  std::set<std::string> names_;
};

}  // namespace p4bpf::control
