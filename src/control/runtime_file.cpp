// Reads, checks and applies run-time files (runtime_file.h).
#include "control/runtime_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/diagnostics.h"
#include "control/entries.h"
#include "control/located_json.h"
#include "control/table_batch.h"
#include "manifest/entry.h"
#include "runtime/replication_access.h"

namespace p4bpf::control {
namespace {

using Kind = LocatedJson::Kind;
using manifest::Entry;
using manifest::KeyField;
using manifest::Manifest;
using manifest::MatchKind;
using manifest::ReplicationKind;
using manifest::Table;

/// Reads one file; each function leaves its first failure with the line where it is.
class Reader {
 public:
  Reader(const Manifest& manifest, const std::string& file, const PortOfInterface& ports)
      : manifest_(manifest), file_(file), ports_(ports) {}
  Result<RuntimeFile> read(const LocatedJson& root);

 private:
  tl::unexpected<Error> wrong(const LocatedJson& at, std::string message, std::string hint = "") const {
    return fail(error_at(file_, at.line, std::move(message), std::move(hint)));
  }
  tl::unexpected<Error> wrong(const LocatedJson& at, const Error& error) const {
    return wrong(at, error.message, error.hint);
  }
  Result<void> expect(const LocatedJson& value, Kind kind, const std::string& what) const;
  Result<void> expect_members(const LocatedJson& object, const std::vector<std::string>& known) const;
  Result<const LocatedJson*> required(const LocatedJson& object, const std::string& name, Kind kind) const;
  Result<std::string> scalar(const LocatedJson& value, const std::string& what) const;
  Result<std::uint32_t> number(const LocatedJson& object, const std::string& name,
                               std::optional<std::uint32_t> otherwise = std::nullopt) const;
  Result<KeyMatch> key(const KeyField& field, const LocatedJson& value) const;
  Result<std::vector<KeyMatch>> keys(const Table& table, const LocatedJson& entry) const;
  Result<Entry> action(const Table& table, const LocatedJson& entry) const;
  Result<std::int32_t> priority(const Table& table, const LocatedJson& entry) const;
  Result<void> add_entry(const LocatedJson& entry);
  Result<void> add_copies(const LocatedJson& entry, ReplicationKind kind);
  Result<void> add_list(const LocatedJson& root, const std::string& name,
                        const std::function<Result<void>(const LocatedJson&)>& add);

  const Manifest& manifest_;
  const std::string& file_;
  const PortOfInterface& ports_;
  RuntimeFile out_;
};

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

Result<void> Reader::expect(const LocatedJson& value, Kind kind, const std::string& what) const {
  if (value.is(kind)) return {};
  return wrong(value,
               what + " is " + std::string(kind_name(value.kind)) + ", expected " + std::string(kind_name(kind)));
}

Result<void> Reader::expect_members(const LocatedJson& object, const std::vector<std::string>& known) const {
  for (const auto& [name, value] : object.members) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest_name(name, known);
    std::string all;
    for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
    return wrong(value, "'" + name + "' means nothing here",
                 near.empty() ? "there are: " + all : "did you mean " + near + "?");
  }
  return {};
}

Result<const LocatedJson*> Reader::required(const LocatedJson& object, const std::string& name, Kind kind) const {
  const LocatedJson* const value = object.member(name);
  if (value == nullptr) return wrong(object, "'" + name + "' is missing");
  if (Result<void> good = expect(*value, kind, "'" + name + "'"); !good) return fail(good.error());
  return value;
}

/// As text for parse_value; a list of one value stands for the value.
Result<std::string> Reader::scalar(const LocatedJson& value, const std::string& what) const {
  if (value.is(Kind::kArray) && value.elements.size() == 1) return scalar(value.elements[0], what);
  if (value.is(Kind::kNumber) || value.is(Kind::kString) || value.is(Kind::kBool)) return value.text;
  return wrong(value, what + " is " + std::string(kind_name(value.kind)) + ", expected a number or a string");
}

Result<std::uint32_t> Reader::number(const LocatedJson& object, const std::string& name,
                                     std::optional<std::uint32_t> otherwise) const {
  const LocatedJson* const value = object.member(name);
  if (value == nullptr && otherwise) return *otherwise;
  if (value == nullptr) return wrong(object, "'" + name + "' is missing");
  const Result<std::string> text = scalar(*value, "'" + name + "'");
  if (!text) return fail(text.error());
  const Result<BigInt> parsed = parse_value(*text, {name, manifest::ValueKind::kBits, 32, nullptr}, ports_);
  if (!parsed) return wrong(*value, parsed.error());
  return static_cast<std::uint32_t>(*parsed);
}

/// As the action's parameter of that name takes it; what is none of its parameters stays as it is.
std::string argument_by_bits(const manifest::Action& action, const std::string& param, const std::string& text) {
  const auto of_name = [&](const manifest::ActionParam& one) { return one.name == param; };
  const auto found = std::find_if(action.params.begin(), action.params.end(), of_name);
  return found == action.params.end() ? text : by_bits(text, type_of(*found));
}

/// Between the two parts of a key as people type it, for lists of two.
const char* separator_of(MatchKind match) {
  switch (match) {
    case MatchKind::kLpm:
      return "/";
    case MatchKind::kTernary:
      return "&&&";
    case MatchKind::kRange:
      return "..";
    case MatchKind::kExact:
    case MatchKind::kOptional:
      break;
  }
  return nullptr;
}

Result<KeyMatch> Reader::key(const KeyField& field, const LocatedJson& value) const {
  std::string text;
  const char* const separator = separator_of(field.match);
  if (value.is(Kind::kArray) && value.elements.size() == 2 && separator != nullptr) {
    const Result<std::string> first = scalar(value.elements[0], "the value of '" + field.name + "'");
    if (!first) return fail(first.error());
    const Result<std::string> second = scalar(value.elements[1], "the second value of '" + field.name + "'");
    if (!second) return fail(second.error());
    text = by_bits(*first, type_of(field)) + separator + *second;
  } else if (value.is(Kind::kArray) && value.elements.size() != 1) {
    return wrong(
        value, "a list of " + std::to_string(value.elements.size()) + " values is no key for '" + field.name + "'",
        separator == nullptr ? "write one value"
                             : "write one value, or the two that stand around '" + std::string(separator) + "'");
  } else {
    const Result<std::string> only = scalar(value, "the value of '" + field.name + "'");
    if (!only) return fail(only.error());
    text = by_bits(*only, type_of(field));
  }
  Result<KeyMatch> match = parse_key(text, field, ports_);
  if (!match) return wrong(value, match.error());
  return match;
}

Result<std::vector<KeyMatch>> Reader::keys(const Table& table, const LocatedJson& entry) const {
  std::vector<std::optional<KeyMatch>> found(table.keys.size());
  const LocatedJson* const match = entry.member("match");
  if (match != nullptr && !match->is(Kind::kNull)) {
    if (Result<void> good = expect(*match, Kind::kObject, "'match'"); !good) return fail(good.error());
    for (const auto& [name, value] : match->members) {
      const Result<std::size_t> index = manifest::find_by_name("key", name, names_of(table.keys));
      if (!index) return wrong(value, index.error());
      if (found[*index]) return wrong(value, "key '" + table.keys[*index].name + "' is given twice");
      Result<KeyMatch> one = key(table.keys[*index], value);
      if (!one) return fail(one.error());
      found[*index] = std::move(*one);
    }
  }
  std::vector<KeyMatch> keys;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i] && table.keys[i].match == MatchKind::kExact)
      return wrong(entry, "key '" + table.keys[i].name + "' is missing, which matches exactly");
    keys.push_back(found[i].value_or(KeyMatch{}));
  }
  return keys;
}

Result<Entry> Reader::action(const Table& table, const LocatedJson& entry) const {
  const Result<const LocatedJson*> name = required(entry, "action_name", Kind::kString);
  if (!name) return fail(name.error());
  std::vector<std::string> words = {(*name)->text};
  const LocatedJson* const params = entry.member("action_params");
  if (params != nullptr && !params->is(Kind::kNull)) {
    if (Result<void> good = expect(*params, Kind::kObject, "'action_params'"); !good) return fail(good.error());
    const Result<std::size_t> called = manifest::find_by_name("action", (*name)->text, names_of(table.actions));
    for (const auto& [param, value] : params->members) {
      Result<std::string> text = scalar(value, "'" + param + "'");
      if (!text) return fail(text.error());
      if (called) text = argument_by_bits(table.actions[*called], param, *text);
      // Alone it is checked at its own line.
      words.push_back(param + "=" + *text);
    }
  }
  Result<Entry> what = parse_target(table, words, ports_);
  if (!what) return wrong(**name, what.error());
  return what;
}

Result<std::int32_t> Reader::priority(const Table& table, const LocatedJson& entry) const {
  const Result<std::uint32_t> given = number(entry, "priority", 0);
  if (!given) return fail(given.error());
  const LocatedJson* const value = entry.member("priority");
  const bool wants_one = manifest::has_priorities(table);
  if (!wants_one && *given != 0)
    return wrong(*value, "table '" + table.name + "' has no priorities", "no key of it is ternary, range or optional");
  if (wants_one && *given == 0)
    return wrong(value == nullptr ? entry : *value, "an entry of table '" + table.name + "' needs a 'priority' above 0",
                 "the larger one wins");
  if (*given > INT32_MAX) return wrong(*value, "the priority is no number of 31 bits");
  return static_cast<std::int32_t>(*given);
}

Result<void> Reader::add_entry(const LocatedJson& entry) {
  if (Result<void> good = expect(entry, Kind::kObject, "an entry"); !good) return good;
  Result<void> known = expect_members(
      entry, {"table", "match", "action_name", "action_params", "default_action", "priority", "comment", "_comment"});
  if (!known) return known;
  const Result<const LocatedJson*> name = required(entry, "table", Kind::kString);
  if (!name) return fail(name.error());
  const Result<std::size_t> table_index = manifest::find_by_name("table", (*name)->text, names_of(manifest_.tables));
  if (!table_index) return wrong(**name, table_index.error());
  const Table& table = manifest_.tables[*table_index];
  RuntimeFile::TableChange change;
  change.line = entry.line;
  change.table = *table_index;
  if (const LocatedJson* const flag = entry.member("default_action")) {
    if (Result<void> good = expect(*flag, Kind::kBool, "'default_action'"); !good) return good;
    change.is_default = flag->text == "true";
  }
  if (!table.is_value_set) {
    Result<Entry> what = action(table, entry);
    if (!what) return fail(what.error());
    change.entry = std::move(*what);
  }
  if (change.is_default) {
    const LocatedJson* const match = entry.member("match");
    if (match != nullptr && !match->members.empty()) return wrong(*match, "a default action has no 'match'");
    const Result<void> good = manifest::check_default(table, change.entry);
    if (!good) return wrong(entry, good.error());
    out_.changes.push_back(std::move(change));
    return {};
  }
  if (table.keys.empty())
    return wrong(entry, "table '" + table.name + "' has no key, so it holds no entries",
                 "\"default_action\": true sets what it does");
  Result<std::vector<KeyMatch>> match = keys(table, entry);
  if (!match) return fail(match.error());
  change.entry.keys = std::move(*match);
  const Result<std::int32_t> wanted = priority(table, entry);
  if (!wanted) return fail(wanted.error());
  change.entry.priority = *wanted;
  Result<Entry> normal = manifest::normalize(table, change.entry);
  if (!normal) return wrong(entry, normal.error());
  change.entry = std::move(*normal);
  out_.changes.push_back(std::move(change));
  return {};
}

Result<void> Reader::add_copies(const LocatedJson& entry, ReplicationKind kind) {
  const bool is_group = kind == ReplicationKind::kMulticastGroup;
  if (Result<void> good = expect(entry, Kind::kObject, "an entry"); !good) return good;
  const std::string number_name = is_group ? "multicast_group_id" : "clone_session_id";
  std::vector<std::string> known = {number_name, "replicas", "comment", "_comment"};
  if (!is_group) known.insert(known.end(), {"packet_length_bytes", "class_of_service"});
  if (Result<void> good = expect_members(entry, known); !good) return good;
  RuntimeFile::Copies copies;
  copies.line = entry.line;
  copies.kind = kind;
  const Result<std::uint32_t> id = number(entry, number_name);
  if (!id) return fail(id.error());
  copies.number = *id;
  if (is_group && *id == 0)
    return wrong(entry, "0 is no multicast group", "packets whose mcast_grp is 0 are not copied");
  const Result<const LocatedJson*> replicas = required(entry, "replicas", Kind::kArray);
  if (!replicas) return fail(replicas.error());
  for (const LocatedJson& one : (*replicas)->elements) {
    if (Result<void> good = expect(one, Kind::kObject, "a replica"); !good) return good;
    if (Result<void> good = expect_members(one, {"egress_port", "port", "instance"}); !good) return good;
    const Result<std::uint32_t> port = number(one, one.member("port") != nullptr ? "port" : "egress_port");
    if (!port) return fail(port.error());
    const Result<std::uint32_t> instance = number(one, "instance", 0);
    if (!instance) return fail(instance.error());
    copies.list.replicas.push_back({*port, *instance});
  }
  const Result<std::uint32_t> length = number(entry, "packet_length_bytes", 0);
  if (!length) return fail(length.error());
  copies.list.truncate_bytes = *length;
  const Result<std::uint32_t> service_class = number(entry, "class_of_service", 0);
  if (!service_class) return fail(service_class.error());
  copies.list.class_of_service = *service_class;
  out_.copies.push_back(std::move(copies));
  return {};
}

Result<void> Reader::add_list(const LocatedJson& root, const std::string& name,
                              const std::function<Result<void>(const LocatedJson&)>& add) {
  const LocatedJson* const list = root.member(name);
  if (list == nullptr || list->is(Kind::kNull)) return {};
  if (Result<void> good = expect(*list, Kind::kArray, "'" + name + "'"); !good) return good;
  for (const LocatedJson& one : list->elements) {
    if (Result<void> done = add(one); !done) return done;
  }
  return {};
}

/// Entries that the file holds twice, and groups or sessions.
Result<void> check_repetitions(const RuntimeFile& changes, const Manifest& manifest, const std::string& file) {
  const auto twice = [&](std::size_t line, const std::string& what, std::size_t first) {
    return fail(error_at(file, line, what + " stands at line " + std::to_string(first) + " already"));
  };
  std::map<std::string, std::size_t> entries;
  for (const RuntimeFile::TableChange& change : changes.changes) {
    if (change.is_default) continue;  // is modified, not added: the last one stays
    const Table& table = manifest.tables[change.table];
    std::string text = table.name;
    for (std::size_t i = 0; i < table.keys.size(); ++i) text += " " + format_key(change.entry.keys[i], table.keys[i]);
    if (manifest::has_priorities(table)) text += " " + std::to_string(change.entry.priority);
    const auto [at, is_new] = entries.try_emplace(text, change.line);
    if (!is_new) return twice(change.line, "this entry", at->second);
  }
  std::map<std::pair<ReplicationKind, std::uint32_t>, std::size_t> copies;
  for (const RuntimeFile::Copies& one : changes.copies) {
    const auto [at, is_new] = copies.try_emplace({one.kind, one.number}, one.line);
    if (!is_new)
      return twice(one.line, std::string(runtime::kind_name(one.kind)) + " " + std::to_string(one.number), at->second);
  }
  return {};
}

Result<RuntimeFile> Reader::read(const LocatedJson& root) {
  if (Result<void> good = expect(root, Kind::kObject, "the file"); !good) return fail(good.error());
  Result<void> good = expect_members(root, {"target", "p4info", "bmv2_json", "table_entries", "multicast_group_entries",
                                            "clone_session_entries", "comment", "_comment"});
  if (good) good = add_list(root, "table_entries", [&](const LocatedJson& one) { return add_entry(one); });
  if (good) {
    good = add_list(root, "multicast_group_entries",
                    [&](const LocatedJson& one) { return add_copies(one, ReplicationKind::kMulticastGroup); });
  }
  if (good) {
    good = add_list(root, "clone_session_entries",
                    [&](const LocatedJson& one) { return add_copies(one, ReplicationKind::kCloneSession); });
  }
  if (good) good = check_repetitions(out_, manifest_, file_);
  if (!good) return fail(good.error());
  return std::move(out_);
}

}  // namespace

Result<RuntimeFile> read_runtime_file(const Manifest& manifest, std::string_view text, const std::string& file,
                                      const PortOfInterface& ports) {
  const Result<LocatedJson> root = read_json(text, file);
  if (!root) return fail(root.error());
  return Reader(manifest, file, ports).read(*root);
}

Result<void> apply_runtime_file(runtime::Instance& instance, const RuntimeFile& changes, const std::string& file,
                                std::vector<std::string>& warnings) {
  const auto stopped = [&](std::size_t line, const Error& error) {
    Error located = error_at(file, line, error.message, error.hint);
    located.code = error.code;
    return fail(std::move(located));
  };
  for (const RuntimeFile::Copies& one : changes.copies) {
    if (!instance.replication().has(one.kind)) {
      warnings.push_back(fmt::format("{}:{}: the program makes no copies for a {}; nothing is kept", file, one.line,
                                     runtime::kind_name(one.kind)));
    }
    if (one.list.replicas.size() > manifest::kMaxReplicas)
      return fail(
          error_at(file, one.line, "there are more than " + std::to_string(manifest::kMaxReplicas) + " replicas"));
  }
  std::set<std::size_t> tables;
  for (const RuntimeFile::TableChange& change : changes.changes) {
    if (!change.is_default) tables.insert(change.table);
  }
  if (!tables.empty()) {
    const Result<void> done =
        change_as_one(instance, std::vector(tables.begin(), tables.end()),
                      [&](runtime::TableAccess& access, runtime::Kernel&) -> Result<void> {
                        for (const RuntimeFile::TableChange& change : changes.changes) {
                          if (change.is_default) continue;
                          if (Result<void> added = access.insert(change.table, change.entry); !added)
                            return stopped(change.line, added.error());
                        }
                        return {};
                      });
    if (!done) return done;
  }
  // What follows has been checked: only the world can make it fail.
  for (const RuntimeFile::TableChange& change : changes.changes) {
    if (!change.is_default) continue;
    const Result<void> done = instance.tables().set_default(change.table, change.entry);
    if (!done) return stopped(change.line, done.error());
  }
  // The tables' change may have been a new generation of the program, whose kernel is another.
  for (const RuntimeFile::Copies& one : changes.copies) {
    if (!instance.replication().has(one.kind)) continue;
    if (Result<void> done = instance.replication().set(one.kind, one.number, one.list); !done)
      return stopped(one.line, done.error());
  }
  return {};
}

}  // namespace p4bpf::control
