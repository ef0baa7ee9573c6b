// Reads the logical manifest off the IR (describe.h).
#include "codegen/describe.h"

#include <algorithm>
#include <filesystem>

#include "arch/architecture.h"

namespace p4bpf::codegen {
namespace {

/// How many entries a table holds whose program does not say.
constexpr std::uint64_t kDefaultTableSize = 1024;

struct Shown {
  manifest::ValueKind kind = manifest::ValueKind::kBits;
  std::vector<std::string> members;
};

Shown shown_type(const ir::Program& program, const ir::Type& type) {
  switch (type.kind) {
    case ir::Type::Kind::kBool:
      return {manifest::ValueKind::kBool, {}};
    case ir::Type::Kind::kError:
      return {manifest::ValueKind::kError, program.errors};
    case ir::Type::Kind::kEnum:
      return {manifest::ValueKind::kEnum, program[type.enum_type].members};
    default:
      return {type.is_signed ? manifest::ValueKind::kSigned : manifest::ValueKind::kBits, {}};
  }
}

manifest::MatchKind match_kind(ir::MatchKind kind) {
  switch (kind) {
    case ir::MatchKind::kLpm:
      return manifest::MatchKind::kLpm;
    case ir::MatchKind::kTernary:
      return manifest::MatchKind::kTernary;
    case ir::MatchKind::kRange:
      return manifest::MatchKind::kRange;
    case ir::MatchKind::kOptional:
      return manifest::MatchKind::kOptional;
    case ir::MatchKind::kExact:
    case ir::MatchKind::kSelector:  // a selector key is no part of an entry; no architecture of today has it
      break;
  }
  return manifest::MatchKind::kExact;
}

/// Of a key, a parameter or a field: all but what makes it the one or the other.
template <class Out, class In>
Out describe_value(const ir::Program& program, const In& in) {
  Shown shown = shown_type(program, in.type);
  Out out;
  out.name = in.name;
  out.kind = shown.kind;
  out.bits = in.type.width;
  out.enum_members = std::move(shown.members);
  out.annotations = in.annotations;
  out.type_name = in.type_name;
  return out;
}

manifest::KeyField describe_key(const ir::Program& program, const ir::TableKey& key) {
  auto out = describe_value<manifest::KeyField>(program, key);
  out.match = match_kind(key.match);
  return out;
}

manifest::Action describe_action(const ir::Program& program, const ir::Action& action) {
  manifest::Action out;
  out.name = action.name;
  out.default_only = action.default_only;
  out.table_only = action.table_only;
  out.annotations = action.annotations;
  out.ref_annotations = action.ref_annotations;
  for (const ir::ActionParam& param : action.params)
    out.params.push_back(describe_value<manifest::ActionParam>(program, param));
  return out;
}

/// How many entries the table holds, and whether it is one that makes room for more.
void describe_storage(const ir::Program& program, const ir::Table& table, manifest::Table& out) {
  std::uint64_t size = table.size.value_or(kDefaultTableSize);
  if (table.implementation) {
    const ir::ExternInstance& instance = program[table.implementation];
    if (const arch::ExternTypeRow* row = arch::find_extern_type(program, instance)) {
      const arch::InstanceShape shape = row->shape(instance);
      if (const auto* stored = std::get_if<arch::TableShape>(&shape)) {
        size = stored->size;
        out.evicts = stored->kind == arch::TableShape::Kind::kLru;
      }
    }
  }
  // Entries that stand in the program must fit, whatever it says; and there is no map for no entries.
  out.size = table.keys.empty() ? 0 : std::max<std::uint64_t>({size, table.entries.size(), 1});
}

manifest::Table describe_table(const ir::Program& program, const ir::Table& table) {
  manifest::Table out;
  out.name = table.name;
  for (const ir::TableKey& key : table.keys) out.keys.push_back(describe_key(program, key));
  for (const ir::Action& action : table.actions) out.actions.push_back(describe_action(program, action));
  out.default_action = table.default_action;
  out.default_arguments = table.default_arguments;
  out.default_is_const = table.default_is_const;
  out.entries_are_const = table.entries_are_const;
  out.is_value_set = table.is_value_set;
  out.annotations = table.annotations;
  out.support_timeout = table.support_timeout;
  for (const ir::TableEntry& entry : table.entries) {
    out.entries.push_back({entry.keys, entry.action, entry.arguments, entry.priority, entry.is_const});
  }
  describe_storage(program, table, out);
  return out;
}

void describe_types(const ir::Program& program, manifest::Manifest& out) {
  for (const ir::NamedType& type : program.named_types) {
    manifest::NamedType made;
    made.name = type.name;
    made.kind = type.kind == ir::NamedType::Kind::kNew    ? manifest::NamedType::Kind::kNew
                : type.kind == ir::NamedType::Kind::kEnum ? manifest::NamedType::Kind::kEnum
                                                          : manifest::NamedType::Kind::kSerializableEnum;
    made.value_kind = shown_type(program, type.type).kind;
    made.bits = type.type.width;
    made.members = type.members;
    made.values = type.values;
    made.annotations = type.annotations;
    out.named_types.push_back(std::move(made));
  }
  for (const ir::HeaderType& header : program.header_types) {
    if (header.controller_header.empty()) continue;
    manifest::ControllerHeader made;
    made.name = header.controller_header;
    made.type_name = header.name;
    made.annotations = header.annotations;
    for (const ir::HeaderField& field : header.fields)
      made.fields.push_back(describe_value<manifest::ActionParam>(program, field));
    out.controller_headers.push_back(std::move(made));
  }
}

}  // namespace

manifest::Manifest describe(const ir::Program& program) {
  manifest::Manifest out;
  out.source = program.source_name;
  out.program = std::filesystem::path(program.source_name).stem().string();
  out.architecture = program.architecture;
  out.annotations = program.annotations;
  describe_types(program, out);
  for (const ir::Table& table : program.tables) out.tables.push_back(describe_table(program, table));
  for (const ir::ExternInstance& instance : program.extern_instances) {
    const arch::ExternTypeRow* row = arch::find_extern_type(program, instance);
    if (row == nullptr) continue;
    const arch::InstanceShape shape = row->shape(instance);
    const auto* counts = std::get_if<arch::CounterShape>(&shape);
    if (counts == nullptr) continue;
    manifest::Counter counter;
    counter.name = instance.name;
    counter.size = counts->size;
    counter.sparse = counts->sparse;
    counter.counts_packets = counts->counts_packets;
    counter.counts_bytes = counts->counts_bytes;
    counter.bits = counts->bits;
    counter.annotations = instance.annotations;
    out.counters.push_back(std::move(counter));
  }
  describe_profiles(program, out);
  return out;
}

}  // namespace p4bpf::codegen
