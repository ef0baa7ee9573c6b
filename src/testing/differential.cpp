// Filling, sending, comparing, and making a disagreement small (differential.h).
#include "testing/differential.h"

#include <fmt/format.h>

#include "manifest/entry.h"
#include "testing/packet_generator.h"
#include "testing/stf_profiles.h"
#include "testing/stf_runner.h"

namespace p4bpf::testing {
namespace {

constexpr std::size_t kMaxEntriesPerTable = 12;
constexpr std::size_t kMembers = 8;
constexpr std::uint32_t kGroups = 4;

struct Filling {
  struct Placed {
    std::size_t table;
    manifest::Entry entry;
  };
  struct Profile {
    std::size_t profile;
    std::vector<manifest::Member> members;
    std::vector<manifest::Group> groups;
  };
  std::vector<Placed> entries;
  std::vector<Placed> defaults;  // without keys
  std::vector<Profile> profiles;
};

struct Step {
  std::uint32_t port = 0;
  Bytes packet;
};

std::string describe(const Result<std::vector<Output>>& result) {
  if (!result) return "fails: " + result.error().message;
  if (result->empty()) return "drops it";
  std::string text;
  for (const Output& output : *result)
    text += fmt::format("{}port {}: {}", text.empty() ? "" : ", ", output.port, stf::hex(output.bytes));
  return text;
}

/// Of these packets those that an interface can send: XDP and TC drop what is left with less than an Ethernet header.
std::vector<Output> sendable(std::vector<Output> outputs) {
  constexpr std::size_t kEthernet = 14;
  std::erase_if(outputs, [](const Output& output) { return output.bytes.size() < kEthernet; });
  return outputs;
}

class Differ {
 public:
  Differ(const ir::Program& program, const std::vector<Dataplane*>& dataplanes, const DifferentialOptions& options)
      : program_(program),
        dataplanes_(dataplanes),
        options_(options),
        random_(options.seed),
        manifest_(dataplanes.front()->manifest()),
        pool_(program, manifest_, random_) {}

  DifferentialOutcome run() {
    while (outcome_.packets < options_.packets) {
      Filling filling = make_filling();
      if (!apply(filling, true)) return std::move(outcome_);
      const std::size_t count = std::min(options_.packets_per_filling, options_.packets - outcome_.packets);
      for (std::size_t i = 0; i < count; ++i) {
        const Step step{static_cast<std::uint32_t>(random_.below(4)), random_packet(program_, pool_, random_)};
        ++outcome_.packets;
        if (agree(step, &outcome_.mismatch)) continue;
        if (outcome_.unavailable.empty()) shrink(std::move(filling), step);
        return std::move(outcome_);
      }
      if (!compare_counters() || !compare_registers()) return std::move(outcome_);
    }
    return std::move(outcome_);
  }

 private:
  Filling make_filling() {
    Filling filling;
    for (std::size_t i = 0; i < manifest_.profiles.size(); ++i) add_profile(i, filling);
    for (std::size_t i = 0; i < manifest_.tables.size(); ++i) {
      const manifest::Table& table = manifest_.tables[i];
      if (!table.default_is_const && !table.is_value_set && !table.actions.empty() && random_.one_in(2))
        add_default(i, filling);
      if (table.entries_are_const || table.keys.empty()) continue;
      const std::size_t room = table.size > table.entries.size() ? table.size - table.entries.size() : 0;
      const std::size_t count = random_.below(std::min<std::size_t>(room, kMaxEntriesPerTable) + 1);
      for (std::size_t n = 0; n < count; ++n) {
        Filling::Placed placed{i, random_entry(table, pool_, random_)};
        name_one(filling, placed);
        filling.entries.push_back(std::move(placed));
      }
    }
    return filling;
  }

  void add_profile(std::size_t index, Filling& filling) {
    const manifest::Profile& profile = manifest_.profiles[index];
    Filling::Profile made{index, {}, {}};
    std::vector<std::size_t> allowed;
    for (std::size_t i = 0; i < profile.actions.size(); ++i) {
      if (!profile.actions[i].default_only) allowed.push_back(i);
    }
    if (allowed.empty()) return;
    for (std::uint32_t number = 0; number < std::min<std::uint64_t>(profile.size, kMembers); ++number) {
      const std::size_t action = random_.pick(allowed);
      made.members.push_back({number, action, random_arguments(profile.actions[action], pool_, random_)});
    }
    for (std::uint32_t number = 0; number < std::min(manifest::group_count(profile), kGroups); ++number) {
      manifest::Group group{number, {}};
      const std::size_t count = random_.below(std::min<std::size_t>(profile.max_group_size, kMembers) + 1);
      while (group.members.size() < count) group.members.push_back(random_.pick(made.members).number);
      made.groups.push_back(std::move(group));
    }
    filling.profiles.push_back(std::move(made));
  }

  /// Lets most entries of a table with a profile name a member or a group.
  void name_one(const Filling& filling, Filling::Placed& placed) {
    for (const Filling::Profile& profile : filling.profiles) {
      if (manifest_.tables[placed.table].profile != profile.profile || random_.one_in(4)) continue;
      const bool is_group = !profile.groups.empty() && random_.one_in(2);
      placed.entry.target = is_group ? manifest::EntryTarget::kGroup : manifest::EntryTarget::kMember;
      placed.entry.number = is_group ? random_.pick(profile.groups).number : random_.pick(profile.members).number;
      placed.entry.action = 0;
      placed.entry.arguments.clear();
    }
  }

  void add_default(std::size_t index, Filling& filling) {
    const manifest::Table& table = manifest_.tables[index];
    const std::size_t action = random_.below(table.actions.size());
    if (table.actions[action].table_only) return;
    Filling::Placed placed{index,
                           manifest::action_entry(action, random_arguments(table.actions[action], pool_, random_))};
    name_one(filling, placed);
    filling.defaults.push_back(std::move(placed));
  }

  /// Empties the tables and fills them. An entry that all refuse (it is there already) is left out; false if they
  /// disagree about one.
  bool apply(Filling& filling, bool count) {
    for (std::size_t i = 0; i < manifest_.tables.size(); ++i) {
      if (manifest_.tables[i].entries_are_const || manifest_.tables[i].keys.empty()) continue;
      for (Dataplane* dataplane : dataplanes_) {
        const auto cleared = dataplane->clear(i);
        if (!cleared) return give_up(*dataplane, "cannot empty table " + manifest_.tables[i].name, cleared.error());
      }
    }
    for (const Filling::Profile& one : filling.profiles) {
      for (Dataplane* dataplane : dataplanes_) {
        Result<void> set;
        for (const manifest::Member& member : one.members)
          if (set) set = dataplane->set_member(one.profile, member);
        for (const manifest::Group& group : one.groups)
          if (set) set = dataplane->set_group(one.profile, group);
        if (!set)
          return give_up(*dataplane, "cannot fill profile " + manifest_.profiles[one.profile].name, set.error());
      }
    }
    for (const Filling::Placed& one : filling.defaults) {
      for (Dataplane* dataplane : dataplanes_) {
        const auto set = dataplane->set_default(one.table, one.entry);
        if (!set)
          return give_up(*dataplane, "cannot set the default of table " + manifest_.tables[one.table].name,
                         set.error());
      }
    }
    std::vector<Filling::Placed> taken;
    for (const Filling::Placed& placed : filling.entries) {
      std::size_t refused = 0;
      std::string why;
      for (Dataplane* dataplane : dataplanes_) {
        const auto inserted = dataplane->insert(placed.table, placed.entry);
        if (inserted) continue;
        ++refused;
        why += fmt::format("; {} says: {}", dataplane->name(), inserted.error().message);
      }
      if (refused != 0 && refused != dataplanes_.size()) {
        outcome_.mismatch = fmt::format("seed {}: some executors take an entry and some do not: {}{}", options_.seed,
                                        to_stf(manifest_.tables[placed.table], placed.entry), why);
        return false;
      }
      if (refused == 0) taken.push_back(placed);
    }
    filling.entries = std::move(taken);
    if (count) outcome_.entries += filling.entries.size();
    return true;
  }

  bool give_up(const Dataplane& dataplane, const std::string& what, const Error& error) {
    (error.code == kUnavailable ? outcome_.unavailable : outcome_.mismatch) =
        fmt::format("{} {}: {}", dataplane.name(), what, error.message);
    return false;
  }

  /// Sends the packet through all; `mismatch` says who did what where they differ.
  bool agree(const Step& step, std::string* mismatch) {
    std::vector<Result<std::vector<Output>>> results;
    std::vector<std::vector<Digest>> digests;
    for (Dataplane* dataplane : dataplanes_) {
      results.push_back(dataplane->inject(step.port, step.packet));
      if (!results.back() && results.back().error().code == kUnavailable) {
        outcome_.unavailable = results.back().error().message;
        return false;
      }
      auto sent = dataplane->take_digests();
      if (!sent) return give_up(*dataplane, "cannot read digests", sent.error());
      digests.push_back(std::move(*sent));
    }
    if (results[0]) outcome_.outputs += results[0]->size();
    bool same = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
      same = same && results[i] && results[0] && digests[i] == digests[0] &&
             (*results[i] == *results[0] || *results[i] == sendable(*results[0]));
    }
    if (same || mismatch == nullptr) return same;
    *mismatch = fmt::format("seed {}: the executors disagree about a packet on port {}: {}", options_.seed, step.port,
                            stf::hex(step.packet));
    for (std::size_t i = 0; i < results.size(); ++i)
      *mismatch += fmt::format("\n  {:8} {}, {} digests", dataplanes_[i]->name(), describe(results[i]), digests[i].size());
    return false;
  }

  bool compare_counters() {
    for (std::size_t c = 0; c < manifest_.counters.size(); ++c) {
      // Handles of entries are each executor's own, but for that of the default action.
      const std::uint64_t most = manifest_.counters[c].table ? 1 : 64;
      const std::uint64_t count = std::min(manifest_.counters[c].size, most);
      for (std::uint64_t index = 0; index < count; ++index) {
        std::string values;
        std::optional<CounterValue> first;
        bool same = true;
        for (Dataplane* dataplane : dataplanes_) {
          const auto value = dataplane->read_counter(c, index);
          if (!value) return give_up(*dataplane, "cannot read counter " + manifest_.counters[c].name, value.error());
          if (!first) first = *value;
          same = same && value->packets == first->packets && value->bytes == first->bytes;
          values += fmt::format("\n  {:8} {} packets or counts, {} bytes", dataplane->name(), value->packets.str(),
                                value->bytes.str());
        }
        if (same) continue;
        outcome_.mismatch = fmt::format("seed {}: the executors disagree about counter {}({}):{}", options_.seed,
                                        manifest_.counters[c].name, index, values);
        return false;
      }
    }
    return true;
  }

  bool compare_registers() {
    for (std::size_t r = 0; r < manifest_.registers.size(); ++r) {
      const std::uint64_t count = std::min<std::uint64_t>(manifest_.registers[r].size, 64);
      for (std::uint64_t index = 0; index < count; ++index) {
        std::string values;
        std::optional<BigInt> first;
        bool same = true;
        for (Dataplane* dataplane : dataplanes_) {
          const auto value = dataplane->read_register(r, index);
          if (!value) return give_up(*dataplane, "cannot read register " + manifest_.registers[r].name, value.error());
          if (!first) first = *value;
          same = same && *value == *first;
          values += fmt::format("\n  {:8} {}", dataplane->name(), value->str());
        }
        if (same) continue;
        outcome_.mismatch = fmt::format("seed {}: the executors disagree about register {}({}):{}", options_.seed,
                                        manifest_.registers[r].name, index, values);
        return false;
      }
    }
    return true;
  }

  /// Leaves out what the disagreement does not need: entries one by one, then the end of the packet.
  void shrink(Filling filling, Step step) {
    const std::string mismatch = outcome_.mismatch;
    const auto still = [&](const Filling& candidate, const Step& with) {
      Filling copy = candidate;
      return apply(copy, false) && copy.entries.size() == candidate.entries.size() && !agree(with, nullptr) &&
             outcome_.unavailable.empty();
    };
    for (std::size_t i = filling.entries.size(); i-- > 0;) {
      Filling smaller = filling;
      smaller.entries.erase(smaller.entries.begin() + static_cast<std::ptrdiff_t>(i));
      if (still(smaller, step)) filling = std::move(smaller);
    }
    for (std::size_t cut = step.packet.size() / 2; cut > 0; cut /= 2) {
      Step shorter = step;
      if (shorter.packet.size() < cut + 14) continue;
      shorter.packet.resize(shorter.packet.size() - cut);
      if (still(filling, shorter)) step = std::move(shorter);
    }
    Filling last = filling;
    apply(last, false);
    outcome_.mismatch.clear();
    if (agree(step, &outcome_.mismatch)) outcome_.mismatch = mismatch;
    outcome_.stf = write_test(filling, step);
  }

  std::string write_test(const Filling& filling, const Step& step) {
    std::string text = fmt::format("# seed {}\n", options_.seed);
    for (const Filling::Profile& one : filling.profiles) {
      const manifest::Profile& profile = manifest_.profiles[one.profile];
      for (const manifest::Member& member : one.members) text += stf::to_stf(profile, member) + "\n";
      for (const manifest::Group& group : one.groups) text += stf::to_stf(profile, group) + "\n";
    }
    for (const Filling::Placed& one : filling.defaults)
      text += "setdefault" + to_stf(manifest_.tables[one.table], one.entry).substr(3) + "\n";
    for (const Filling::Placed& placed : filling.entries)
      text += to_stf(manifest_.tables[placed.table], placed.entry) + "\n";
    const auto expected = dataplanes_[0]->inject(step.port, step.packet);
    text += fmt::format("packet {} {}\n", step.port, stf::hex(step.packet));
    if (!expected) return text;
    for (const Output& output : *expected) text += fmt::format("expect {} {}$\n", output.port, stf::hex(output.bytes));
    return text;
  }

  const ir::Program& program_;
  const std::vector<Dataplane*>& dataplanes_;
  const DifferentialOptions& options_;
  RandomSource random_;
  const manifest::Manifest& manifest_;
  ValuePool pool_;
  DifferentialOutcome outcome_;
};

std::string pattern(const BigInt& value, std::uint32_t bits) { return to_hex(wrap(value, bits, false), bits); }

}  // namespace

DifferentialOutcome run_differential(const ir::Program& program, const std::vector<Dataplane*>& dataplanes,
                                     const DifferentialOptions& options) {
  P4BPF_CHECK(!dataplanes.empty(), "an executor to compare with");
  return Differ(program, dataplanes, options).run();
}

std::string to_stf(const manifest::Table& table, const manifest::Entry& entry) {
  std::string text = fmt::format("add \"{}\"", table.name);
  if (entry.priority != 0) text += fmt::format(" {}", entry.priority);
  for (std::size_t i = 0; i < entry.keys.size(); ++i) {
    const KeyMatch& match = entry.keys[i];
    const std::uint32_t bits = table.keys[i].bits;
    if (match.kind == KeyMatch::Kind::kAny) continue;
    text += fmt::format(" \"{}\":{}", table.keys[i].name, pattern(match.value, bits));
    if (match.kind == KeyMatch::Kind::kPrefix) text += fmt::format("/{}", match.prefix_length);
    if (match.kind == KeyMatch::Kind::kMask) text += fmt::format("&&&{}", pattern(match.mask, bits));
    if (match.kind == KeyMatch::Kind::kRange) text += fmt::format("..{}", pattern(match.high, bits));
  }
  if (table.is_value_set || table.actions.empty()) return text;
  if (entry.target != manifest::EntryTarget::kAction) {
    const bool is_member = entry.target == manifest::EntryTarget::kMember;
    return text + fmt::format(" {}({})", is_member ? "member" : "group", entry.number);
  }
  const manifest::Action& action = table.actions[entry.action];
  text += fmt::format(" \"{}\"(", action.name);
  for (std::size_t i = 0; i < entry.arguments.size(); ++i) {
    text += fmt::format("{}\"{}\":{}", i == 0 ? "" : ", ", action.params[i].name,
                        pattern(entry.arguments[i], action.params[i].bits));
  }
  return text + ")";
}

}  // namespace p4bpf::testing
