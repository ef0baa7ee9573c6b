// Reads the logical manifest off the IR (describe.h).
#include "codegen/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "arch/architecture.h"
#include "ir/walk.h"

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
  out.place = static_cast<std::uint32_t>(key.place);
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

/// The named type of the index, the argument of that number of the extern's type; "" where it has none.
std::string index_type(const ir::ExternInstance& instance, std::size_t argument) {
  return argument < instance.type_names.size() ? instance.type_names[argument] : "";
}

manifest::Counter describe_counter(const ir::ExternInstance& instance, const arch::CounterShape& shape) {
  manifest::Counter counter;
  counter.name = instance.name;
  counter.size = shape.size;
  counter.sparse = shape.sparse;
  counter.counts_packets = shape.counts_packets;
  counter.counts_bytes = shape.counts_bytes;
  counter.bits = shape.bits;
  counter.annotations = instance.annotations;
  return counter;
}

manifest::Meter describe_meter(const ir::ExternInstance& instance, const arch::MeterShape& shape) {
  manifest::Meter meter;
  meter.name = instance.name;
  meter.size = shape.size;
  meter.counts_bytes = shape.counts_bytes;
  meter.annotations = instance.annotations;
  return meter;
}

manifest::Register describe_register(const ir::Program& program, const ir::ExternInstance& instance,
                                     const arch::RegisterShape& shape) {
  manifest::Register cells;
  cells.name = instance.name;
  cells.size = shape.size;
  cells.bits = shape.bits;
  if (!instance.type_names.empty()) cells.type_name = instance.type_names.front();
  if (!instance.type_arguments.empty()) {
    const manifest::ValueKind kind = shown_type(program, instance.type_arguments.front()).kind;
    // Of an enum the numbers of its members are shown.
    if (kind == manifest::ValueKind::kSigned || kind == manifest::ValueKind::kBool) cells.kind = kind;
  }
  cells.index_type_name = index_type(instance, 1);
  cells.annotations = instance.annotations;
  return cells;
}

/// Indices of a direct instance: a handle for each entry, and 0 for the default action.
std::optional<std::size_t> table_with(const ir::Program& program, const ir::ExternInstance& instance,
                                      ir::ExternInstanceId ir::Table::*member) {
  for (std::size_t i = 0; i < program.tables.size(); ++i) {
    const ir::ExternInstanceId owned = program[ir::TableId(i)].*member;
    if (owned && &program[owned] == &instance) return i;
  }
  return std::nullopt;
}

void describe_direct(const ir::Program& program, const ir::ExternInstance& instance, const arch::DirectShape& shape,
                     manifest::Manifest& out) {
  const bool is_counter = shape.kind == arch::DirectShape::Kind::kCounter;
  const auto table =
      table_with(program, instance, is_counter ? &ir::Table::direct_counter : &ir::Table::direct_meter);
  const std::uint64_t size = table ? out.tables[*table].size + 1 : 0;
  if (is_counter) {
    manifest::Counter counter =
        describe_counter(instance, {size, false, shape.counts_packets, shape.counts_bytes, 64});
    counter.table = table;
    out.counters.push_back(std::move(counter));
    return;
  }
  manifest::Meter meter = describe_meter(instance, {size, shape.counts_bytes});
  meter.table = table;
  out.meters.push_back(std::move(meter));
}

/// A message's name and fields.
manifest::Digest digest_like(const ir::Program& program, const ir::CallExtern& call) {
  manifest::Digest out;
  const std::function<void(const std::string&, const std::string&, const ir::ExternArgument&)> add =
      [&](const std::string& name, const std::string& type_name, const ir::ExternArgument& argument) {
        if (const auto* scalar = std::get_if<ir::ExprId>(&argument.value)) {
          const ir::Type& type = program[*scalar].type;
          if (type.width == 0) return;
          Shown shown = shown_type(program, type);
          manifest::ActionParam field;
          field.name = name.empty() ? "value" : name;
          field.kind = shown.kind;
          field.bits = type.width;
          field.enum_members = std::move(shown.members);
          field.type_name = type_name;
          out.fields.push_back(std::move(field));
        } else if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
          for (std::size_t i = 0; i < all->fields.size(); ++i) {
            const std::string part = i < all->names.size() && !all->names[i].empty() ? all->names[i] : fmt::format("field{}", i);
            add(name.empty() ? part : name + "." + part, i < all->type_names.size() ? all->type_names[i] : "",
                all->fields[i]);
          }
        }
      };
  add("", "", call.arguments.at(1));
  if (const auto* all = std::get_if<ir::ExternStruct>(&call.arguments.at(1).value)) out.name = all->type_name;
  return out;
}

bool is_digest(const ir::Program& program, const ir::CallExtern& call) {
  const arch::ExternRow* row =
      program[call.function].is_user ? nullptr : arch::find_extern(program, program[call.function]);
  return row != nullptr && row->lowering.kind == arch::CLowering::Kind::kDigest;
}

bool is_same(const manifest::Digest& a, const manifest::Digest& b) {
  return a.name == b.name && std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                                        [](const manifest::ActionParam& x, const manifest::ActionParam& y) {
                                          return x.name == y.name && x.bits == y.bits && x.kind == y.kind;
                                        });
}

/// Each kind of message once, with the calls that send it, in the order of the program.
struct DigestCalls {
  std::vector<manifest::Digest> digests;
  std::map<const ir::CallExtern*, std::size_t> numbers;
};
DigestCalls find_digests(const ir::Program& program) {
  DigestCalls found;
  const std::function<void(ir::BlockId)> walk = [&](ir::BlockId block) {
    for (const ir::Stmt& stmt : program[block].statements) {
      if (const auto* call = std::get_if<ir::CallExtern>(&stmt.node); call != nullptr && is_digest(program, *call)) {
        manifest::Digest one = digest_like(program, *call);
        std::size_t number = 0;
        while (number < found.digests.size() && !is_same(found.digests[number], one)) ++number;
        if (number == found.digests.size()) found.digests.push_back(std::move(one));
        found.numbers[call] = number;
      }
      ir::for_each_block(stmt, walk);
    }
  };
  walk(program.entry);
  for (const ir::Parser& parser : program.parsers) {
    for (const ir::State& state : parser.states) walk(state.body);
  }
  return found;
}

/// Names that tell them apart: one that has none, or one that another has, gets a number.
void name_digests(std::vector<manifest::Digest>& digests) {
  std::set<std::string> used;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    std::string& name = digests[i].name;
    if (name.empty()) name = "digest";
    if (!used.insert(name).second) used.insert(name = fmt::format("{}_{}", name, i));
  }
}

/// Leaves the types out that nothing of the manifest names.
void keep_named_types(manifest::Manifest& manifest) {
  std::set<std::string> named;
  const auto add = [&](const auto& parts) {
    for (const auto& part : parts) named.insert(part.type_name);
  };
  const auto add_index = [&](const auto& arrays) {
    for (const auto& array : arrays) named.insert(array.index_type_name);
  };
  for (const manifest::Table& table : manifest.tables) {
    add(table.keys);
    for (const manifest::Action& action : table.actions) add(action.params);
  }
  add(manifest.registers);
  add_index(manifest.registers), add_index(manifest.counters), add_index(manifest.meters);
  for (const manifest::Digest& digest : manifest.digests) add(digest.fields);
  for (const manifest::ControllerHeader& header : manifest.controller_headers) add(header.fields);
  std::erase_if(manifest.named_types, [&](const manifest::NamedType& type) { return !named.contains(type.name); });
}

}  // namespace

bool has_handles(const ir::Table& table) {
  return table.direct_counter || table.direct_meter || table.support_timeout;
}

std::size_t digest_of(const ir::Program& program, const ir::CallExtern& call) {
  return find_digests(program).numbers.at(&call);
}

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
    std::visit(Match{
                   [&](const arch::CounterShape& shape) {
                     out.counters.push_back(describe_counter(instance, shape));
                     out.counters.back().index_type_name = index_type(instance, 0);
                   },
                   [&](const arch::RegisterShape& shape) {
                     out.registers.push_back(describe_register(program, instance, shape));
                   },
                   [&](const arch::MeterShape& shape) {
                     out.meters.push_back(describe_meter(instance, shape));
                     out.meters.back().index_type_name = index_type(instance, 0);
                   },
                   [&](const arch::DirectShape& shape) { describe_direct(program, instance, shape, out); },
                   [&](const arch::CalculationShape& shape) {
                     out.calculations.push_back({instance.name, shape.width});
                   },
                   [](const auto&) {},
               },
               row->shape(instance));
  }
  describe_profiles(program, out);
  out.digests = find_digests(program).digests;
  name_digests(out.digests);
  keep_named_types(out);
  return out;
}

}  // namespace p4bpf::codegen
