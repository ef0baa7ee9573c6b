// Tables: how each is stored, its structs and map, and the physical side of its manifest.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/describe.h"
#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// Entries of a table that become code; more are looked up.
constexpr std::size_t kMaxCodeEntries = 32;
/// An exact key of so few bits is the index of an array: always, or where the table is to hold an entry for each value.
constexpr std::uint32_t kMaxIndexBits = 8;
constexpr std::uint32_t kMaxFullIndexBits = 16;
/// A rule list is walked from the front for every packet; its map is one value.
constexpr std::uint64_t kMaxRules = 1u << 16;
/// Up to here a walk over all rules is as fast as a matrix.
constexpr std::uint64_t kMaxWalkedRules = 4;
/// A matrix is replaced as a whole by a change; a larger one is not worth it.
constexpr std::uint64_t kMaxMatrixCells = (std::uint64_t{64} << 20) / 8;

/// By offset, as the matrix wants them.
tables::MatrixShape matrix_shape(const ir::Table& table, const std::vector<Member>& keys, std::uint64_t capacity) {
  tables::MatrixShape shape;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const manifest::Slot& slot = keys[k].slot;
    shape.key_size = std::max(shape.key_size, slot.offset + slot.size);
    shape.fields.push_back(
        {slot.offset, slot.size, table.keys[k].match == ir::MatchKind::kRange, table.keys[k].type.is_signed});
  }
  std::sort(shape.fields.begin(), shape.fields.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  shape.capacity = static_cast<std::uint32_t>(capacity);
  return shape;
}

/// The ApplyTable of each table that comes first.
std::map<ir::TableId, const ir::ApplyTable*> first_uses(const ir::Program& program) {
  std::map<ir::TableId, const ir::ApplyTable*> uses;
  for (const ir::Block& block : program.blocks) {
    for (const ir::Stmt& stmt : block.statements) {
      if (const auto* apply = std::get_if<ir::ApplyTable>(&stmt.node)) uses.try_emplace(apply->table, apply);
    }
  }
  return uses;
}

}  // namespace

void Lowering::plan_tables() {
  const auto uses = first_uses(program_);
  plan_profiles(uses);
  tables_.resize(program_.tables.size());
  for (std::size_t i = 0; i < program_.tables.size(); ++i) {
    const ir::TableId id(i);
    const auto use = uses.find(id);
    plan_table(id, use == uses.end() ? nullptr : use->second);
    declare_table(id);
    fill_manifest(id);
  }
}

manifest::Structure Lowering::choose_structure(const ir::Table& table, const manifest::Table& shape) const {
  using Structure = manifest::Structure;
  const std::uint64_t size = shape.size;
  if (table.keys.empty()) return Structure::kNone;
  // Only a hash adds an entry in one step, whoever else is adding it; and only a hash makes room for one.
  if (table.add_on_miss || shape.evicts) return Structure::kHash;
  if (table.entries_are_const && !table.is_value_set && table.entries.size() <= kMaxCodeEntries &&
      std::all_of(table.entries.begin(), table.entries.end(), [](const ir::TableEntry& one) { return one.is_const; })) {
    return Structure::kCode;
  }
  std::size_t lpm = 0;
  for (const ir::TableKey& key : table.keys) {
    if (key.match == ir::MatchKind::kLpm) {
      ++lpm;
    } else if (key.match != ir::MatchKind::kExact) {
      return Structure::kRuleList;
    }
  }
  if (lpm > 1) return Structure::kRuleList;
  if (lpm == 1) return Structure::kLpmTrie;
  const ir::Type& first = table.keys[0].type;
  // An entry that need not match exactly (a value set with masks) has no place in a hash.
  const bool exact_entries = std::all_of(table.entries.begin(), table.entries.end(), [](const ir::TableEntry& entry) {
    return std::all_of(entry.keys.begin(), entry.keys.end(),
                       [](const KeyMatch& one) { return one.kind == KeyMatch::Kind::kExact; });
  });
  if (!exact_entries) return Structure::kRuleList;
  const bool is_index = first.width <= kMaxIndexBits || (first.width <= kMaxFullIndexBits && size >> first.width != 0);
  if (table.keys.size() == 1 && is_index && first.width > 0 && !first.is_signed) return Structure::kArray;
  return Structure::kHash;
}

void Lowering::plan_table(ir::TableId id, const ir::ApplyTable* use) {
  using Structure = manifest::Structure;
  const ir::Table& table = program_[id];
  TablePlan& plan = tables_[id.index()];
  const manifest::Table& shape = manifest_.tables[id.index()];
  const std::uint64_t size = shape.size;
  plan.profile = shape.profile;
  plan.structure = choose_structure(table, shape);
  plan.evicts = shape.evicts;
  const bool is_exact = std::all_of(table.keys.begin(), table.keys.end(),
                                    [](const ir::TableKey& key) { return key.match == ir::MatchKind::kExact; });
  if (plan.evicts && (!is_exact || !table.entries.empty()))
    unsupported(table.span, "a table of kind 'lru_table' needs exact keys, and holds no entries of the program");
  const std::string base = names_.make(table.name);
  plan.map = base;
  plan.key_struct = names_.make(base + "_key");
  plan.value_struct = names_.make(base + "_value");
  if (!table.is_value_set && !table.default_is_const) plan.default_symbol = names_.make(base + "_default");
  if (plan.structure == Structure::kRuleList && size > kMaxWalkedRules && size <= tables::kMaxMatrixRules) {
    plan.structure = Structure::kRuleMatrix;
  }
  plan_keys(plan, table, use);
  if (plan.structure == Structure::kRuleMatrix) {
    plan.matrix = matrix_shape(table, plan.keys, size);
    if (plan.matrix.key_size > tables::kMaxMatrixBytes || plan.matrix.cells() > kMaxMatrixCells) {
      plan.structure = Structure::kRuleList;
      plan_keys(plan, table, use);
    }
  }
  if (plan.structure == Structure::kRuleList || plan.structure == Structure::kRuleMatrix) {
    plan.rule_struct = names_.make(base + "_rule");
    plan.rules_struct = names_.make(base + "_rules");
    plan.step_function = names_.make(base + "_step");
  }
  plan.capacity = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(size, plan.structure == Structure::kRuleList ? kMaxRules : 0x7fffffff));
  if (plan.profile) {
    share_values(plan, table);
  } else {
    plan_values(plan, table, use);
  }
  finish_values(plan);
  plan_key_struct(plan, size);
  if (plan.structure == Structure::kPrefixTable) {
    plan.prefix_struct = names_.make(base + "_cells");
    plan.entry_map = names_.make(base + "_entries");
  }
}

/// The members of the key and where they lie.
void Lowering::plan_keys(TablePlan& plan, const ir::Table& table, const ir::ApplyTable* use) {
  using Structure = manifest::Structure;
  const bool trie = plan.structure == Structure::kLpmTrie;
  const bool matrix = plan.structure == Structure::kRuleMatrix;
  plan.keys.clear();
  for (std::size_t k = 0; k < table.keys.size(); ++k) {
    const ir::TableKey& key = table.keys[k];
    Member member{last_part(key.name), key.type.width, false, {}, {}, false};
    const bool is_range = key.match == ir::MatchKind::kRange;
    plan.has_range = plan.has_range || is_range;
    member.is_net = !is_range && use && has_order(key.type) && is_net_already(use->keys[k]);
    // Prefixes and matrices read bits in network order.
    if ((trie || matrix) && key.type.width != 0) member.is_net = true;
    plan.keys.push_back(std::move(member));
  }
  if (trie) {
    // The exact fields in front, the lpm field last.
    const auto lpm = std::find_if(table.keys.begin(), table.keys.end(),
                                  [](const ir::TableKey& key) { return key.match == ir::MatchKind::kLpm; });
    const auto at = static_cast<std::size_t>(lpm - table.keys.begin());
    std::vector<Member> exact = plan.keys;
    exact.erase(exact.begin() + static_cast<std::ptrdiff_t>(at));
    const std::uint32_t end = lay_out(exact, 0, false);
    std::vector<Member> last{plan.keys[at]};
    plan.key_size = lay_out(last, end, true);
    for (std::size_t k = 0, e = 0; k < plan.keys.size(); ++k) plan.keys[k] = k == at ? last[0] : exact[e++];
  } else {
    plan.key_size = lay_out(plan.keys, 0, false);
  }
}

/// The key's struct is aligned and rounded up as its lookup wants it.
void Lowering::plan_key_struct(TablePlan& plan, std::uint64_t size) {
  using Structure = manifest::Structure;
  std::uint32_t align = 1;
  for (const Member& member : plan.keys) {
    if (!member.is_bytes) align = std::max(align, member.slot.size);
    plan.aligned_key = plan.aligned_key || member.is_bytes;
  }
  if (plan.structure == Structure::kRuleList || plan.structure == Structure::kRuleMatrix) align = 8;
  if (plan.structure == Structure::kLpmTrie && plan.key_size <= tables::kMaxPrefixBytes && plan.key_size > 0 &&
      size <= tables::kMaxPrefixes) {
    plan.structure = Structure::kPrefixTable;
    plan.prefix = tables::shape_for(plan.key_size, plan.value_size, static_cast<std::uint32_t>(size));
    plan.aligned_key = true;
    align = 8;
  }
  // A trie's key stands behind a u32, so in the whole struct its offsets are 4 more.
  if (plan.structure == Structure::kLpmTrie) align = 4;
  plan.key_struct_size = std::max(round_up(plan.key_size, align), 1u);
  // Only a prefix table wants to know how many bytes there are.
  if (plan.structure != Structure::kPrefixTable) plan.key_size = plan.key_struct_size;
}

/// Where arguments begin in a value: behind the action, and the handle if the table has them or shares values with one that does.
std::uint32_t Lowering::values_start(const ir::Table& table) const {
  const bool has_any = std::any_of(program_.tables.begin(), program_.tables.end(), [&](const ir::Table& one) {
    const bool is_kin = &one == &table || (table.implementation && one.implementation == table.implementation);
    return is_kin && has_handles(one);
  });
  return has_any ? 2 * kActionSize : kActionSize;
}

/// The values: {u32 action; union of the actions' parameters}.
void Lowering::plan_values(TablePlan& plan, const ir::Table& table, const ir::ApplyTable* use) {
  // Behind the action and the handle.
  plan.start = values_start(table);
  plan.has_handles = has_handles(table);
  plan.value_size = plan.start + (plan.profile ? 4 : 0);
  plan.value_align = 4;
  Names groups;
  if (plan.profile) groups.make(kNamed);
  for (std::size_t a = 0; a < table.actions.size(); ++a) {
    std::vector<Member> params;
    for (std::size_t p = 0; p < table.actions[a].params.size(); ++p) {
      const ir::ActionParam& param = table.actions[a].params[p];
      const bool is_net = use && a < use->bodies.size() && p < use->bodies[a].params.size() && has_order(param.type) &&
                          orders_->is_net(use->bodies[a].params[p]);
      params.push_back({last_part(param.name), param.type.width, is_net, {}, {}, false});
    }
    const std::uint32_t end = lay_out(params, plan.start, true);
    std::uint32_t group_align = 1;
    for (const Member& member : params) {
      if (!member.is_bytes) group_align = std::max(group_align, member.slot.size);
    }
    plan.value_align = std::max(plan.value_align, group_align);
    plan.value_size = std::max(plan.value_size, end);
    plan.groups.push_back(groups.make(last_part(table.actions[a].name)));
    plan.params.push_back(std::move(params));
  }
}

void Lowering::finish_values(TablePlan& plan) {
  if (plan.structure != manifest::Structure::kHash && plan.structure != manifest::Structure::kArray) plan.value_align = 8;
  plan.value_size = round_up(plan.value_size, plan.value_align);
}

c::Struct Lowering::value_struct(const TablePlan& plan) const {
  c::Struct value{plan.value_struct, {{"u32", "action", {}}}, {}, plan.value_align};
  if (plan.start != kActionSize) value.fields.push_back({"u32", "handle", {}});
  if (plan.profile) value.groups.push_back({kNamed, fields_of({}, plan.start, plan.value_size, nullptr)});
  for (std::size_t a = 0; a < plan.params.size(); ++a) {
    if (plan.params[a].empty()) continue;
    std::uint32_t end = plan.start;
    for (const Member& member : plan.params[a]) end = std::max(end, member.slot.offset + member.slot.size);
    value.groups.push_back({plan.groups[a], fields_of(plan.params[a], plan.start, end, nullptr)});
  }
  return value;
}

/// `{ .action = 1, .set_nhop = { .port = 5 } }`
std::string Lowering::value_initializer(const TablePlan& plan, std::size_t action,
                                        const std::vector<BigInt>& arguments) const {
  std::string text = fmt::format("{{.action = {}", action);
  const std::vector<Member>& params = plan.params.at(action);
  std::string inner;
  for (std::size_t p = 0; p < params.size() && p < arguments.size(); ++p) {
    const Member& member = params[p];
    std::vector<std::uint8_t> bytes = to_bytes(arguments[p], member.slot.size * 8);
    if (!inner.empty()) inner += ", ";
    inner += "." + member.name + " = ";
    if (member.is_bytes) {
      inner += "{";
      for (std::size_t i = 0; i < bytes.size(); ++i) inner += fmt::format("{}{}", i ? ", " : "", bytes[i]);
      inner += "}";
      continue;
    }
    std::uint64_t value = 0;
    if (member.is_net) std::reverse(bytes.begin(), bytes.end());
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    inner += fmt::format("{:#x}{}", value, member.slot.size == 8 ? "ull" : "u");
  }
  if (!inner.empty()) text += ", ." + plan.groups[action] + " = {" + inner + "}";
  return text + "}";
}

void Lowering::declare_table(ir::TableId id) {
  using Structure = manifest::Structure;
  const ir::Table& table = program_[id];
  TablePlan& plan = tables_[id.index()];
  const bool has_map = plan.structure != Structure::kNone && plan.structure != Structure::kCode;
  if (has_map && plan.structure != Structure::kArray) {
    c::Struct key{plan.key_struct, {}, {}, 0};
    if (plan.structure == Structure::kLpmTrie) {
      key.fields.push_back({"u32", "prefix_length_", {}});
      key.alignment = 4;
    }
    for (c::Field& field : fields_of(plan.keys, 0, plan.key_struct_size, &plan.key_pads))
      key.fields.push_back(std::move(field));
    declarations_.push_back(std::move(key));
  }
  if (has_map || !plan.default_symbol.empty()) declarations_.push_back(value_struct(plan));
  if (!plan.default_symbol.empty()) {
    declarations_.push_back(c::Global{"struct " + plan.value_struct, plan.default_symbol,
                                      value_initializer(plan, table.default_action, table.default_arguments)});
  }
  const std::string key_type = plan.structure == Structure::kArray ? "u32" : "struct " + plan.key_struct;
  const std::string value_type = "struct " + plan.value_struct;
  const auto map = [&](const char* type, const std::string& flags, std::uint64_t entries) {
    declarations_.push_back(
        c::MapDefinition{"P4BPF_MAP", {plan.map, type, key_type, value_type, std::to_string(entries), flags}});
  };
  switch (plan.structure) {
    case Structure::kNone:
    case Structure::kCode:
      break;
    case Structure::kHash:
      map(plan.evicts ? "P4BPF_MAP_LRU_HASH" : "P4BPF_MAP_HASH", "0", plan.capacity);
      break;
    case Structure::kArray:
      plan.is_variable = fits_variables(std::uint64_t{plan.value_size} << table.keys[0].type.width);
      if (!plan.is_variable) {
        map("P4BPF_MAP_ARRAY", "0", 1ull << table.keys[0].type.width);
        break;
      }
      declarations_.push_back(
          c::Global{value_type, fmt::format("{}[{}]", plan.map, 1ull << table.keys[0].type.width), ""});
      break;
    case Structure::kLpmTrie:
      map("P4BPF_MAP_LPM_TRIE", "P4BPF_NO_PREALLOC", plan.capacity);
      break;
    case Structure::kPrefixTable:
      declare_prefix_table(plan);
      break;
    case Structure::kRuleMatrix:
      declare_matrix(plan);
      break;
    case Structure::kRuleList:
      declarations_.push_back(c::Struct{plan.rule_struct,
                                        {{"struct " + plan.key_struct, "key", {}},
                                         {"struct " + plan.key_struct, "mask", {}},
                                         {value_type, "value", {}}},
                                        {},
                                        0});
      declarations_.push_back(c::Struct{plan.rules_struct,
                                        {{"u32", "count", {}},
                                         {"u32", "pad", {}},
                                         {"struct " + plan.rule_struct, "rules", plan.capacity},
                                         {"s32", "priorities", plan.capacity}},
                                        {},
                                        0});
      declarations_.push_back(c::MapDefinition{"P4BPF_MAP_OF_LISTS", {plan.map, "struct " + plan.rules_struct}});
      declare_step(plan, table);
      break;
  }
}

void Lowering::fill_manifest(ir::TableId id) {
  using Structure = manifest::Structure;
  const TablePlan& plan = tables_[id.index()];
  manifest::Table& out = manifest_.tables[id.index()];
  out.structure = plan.structure;
  for (std::size_t k = 0; k < plan.keys.size() && plan.structure != Structure::kCode; ++k)
    out.keys[k].slot = plan.keys[k].slot;
  for (std::size_t a = 0; a < plan.params.size(); ++a) {
    for (std::size_t p = 0; p < plan.params[a].size(); ++p) out.actions[a].params[p].slot = plan.params[a][p].slot;
  }
  plan_handles(tables_[id.index()], program_[id], out);
  out.default_symbol = plan.default_symbol;
  out.value_size = plan.value_size;
  if (plan.structure == Structure::kNone || plan.structure == Structure::kCode) return;
  out.map = plan.map;
  if (plan.is_variable) out.map_symbol = plan.map;
  out.entry_map = plan.entry_map;
  out.root_bits = plan.prefix.root_bits;
  out.lines = plan.prefix.lines;
  if (plan.structure == Structure::kRuleMatrix) out.matrix_cells = plan.matrix.cells();
  out.key_size = plan.key_size;
  out.size = plan.capacity;
  if (plan.structure == Structure::kArray) {
    out.key_size = 4;
    out.keys[0].slot = {0, 4, manifest::ByteOrder::kHost};
    out.size = std::min<std::uint64_t>(out.size, 1ull << out.keys[0].bits);
  }
}

/// One rule against the key: the body of bpf_loop. A loop in the program itself would be verified rule by rule.
void Lowering::declare_step(const TablePlan& plan, const ir::Table& table) {
  const std::string scan = plan.map + "_scan";
  declarations_.push_back(c::Struct{scan,
                                    {{"struct " + plan.key_struct, "key", {}},
                                     {"const struct " + plan.rules_struct + " *", "rules", {}},
                                     {"u32", "found", {}}},
                                    {},
                                    0});
  const c::BlockId body = in_block([&] {
    emit(c::Declare{"struct " + scan + " *", "scan", {}, name("argument")});
    emit(
        c::Declare{"const struct " + plan.rules_struct + " *", "rules", {}, tree_.member(name("scan"), "rules", true)});
    const c::BlockId stop = in_block([&] { emit(c::Return{num(1)}); });
    emit(c::If{tree_.binary("||", tree_.binary(">=", name("index"), num(plan.capacity)),
                            tree_.binary(">=", name("index"), tree_.member(name("rules"), "count", true))),
               stop,
               {}});
    emit(c::Declare{"const struct " + plan.rule_struct + " *",
                    "rule",
                    {},
                    tree_.address(tree_.index(tree_.member(name("rules"), "rules", true), name("index")))});
    emit(c::Declare{
        "const u8 *", "key", {}, tree_.cast("const u8 *", tree_.address(tree_.member(name("scan"), "key", true)))});
    emit(c::Declare{
        "const u8 *", "value", {}, tree_.cast("const u8 *", tree_.address(tree_.member(name("rule"), "key", true)))});
    emit(c::Declare{
        "const u8 *", "mask", {}, tree_.cast("const u8 *", tree_.address(tree_.member(name("rule"), "mask", true)))});
    const c::BlockId miss = in_block([&] { emit(c::Return{num(0)}); });
    const auto differs = [&](std::uint32_t at, std::uint32_t bytes) {
      const std::string load = fmt::format("P4BPF_LOAD{}", bytes * 8);
      const auto part = [&](const char* base) { return tree_.call(load, {address({base, at})}); };
      emit(c::If{tree_.binary("&", tree_.binary("^", part("key"), part("value")), part("mask")), miss, {}});
    };
    if (!plan.has_range) {
      for (std::uint32_t at = 0; at < plan.key_size; at += 8) differs(at, 8);
    } else {
      for (std::size_t k = 0; k < plan.keys.size(); ++k) {
        const Member& member = plan.keys[k];
        if (table.keys[k].match == ir::MatchKind::kRange) {
          declare_range_check(member, table.keys[k].type, miss);
          continue;
        }
        for (std::uint32_t done = 0; done < member.slot.size;) {
          const std::uint32_t rest = member.slot.size - done;
          const std::uint32_t bytes = rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
          differs(member.slot.offset + done, bytes);
          done += bytes;
        }
      }
    }
    assign(tree_.member(name("scan"), "found", true), name("index"));
    emit(c::Return{num(1)});
  });
  declarations_.push_back(c::Function{
      "static __attribute__((noinline)) long " + plan.step_function + "(u32 index, void *argument)", table.span, body});
}

void Lowering::declare_range_check(const Member& member, const ir::Type& type, c::BlockId miss) {
  const std::uint32_t at = member.slot.offset;
  if (member.is_bytes) {
    const auto at_most = [&](const char* a, const char* b) {
      return tree_.call("p4bpf_bytes_at_most",
                        {address({a, at}), address({b, at}), num(member.slot.size), num(type.is_signed ? 1 : 0)});
    };
    emit(c::If{tree_.unary("!", at_most("value", "key")), miss, {}});
    emit(c::If{tree_.unary("!", at_most("key", "mask")), miss, {}});
    return;
  }
  const auto part = [&](const char* base) {
    const c::ExprId loaded = tree_.call(fmt::format("P4BPF_LOAD{}", member.slot.size * 8), {address({base, at})});
    return type.is_signed ? tree_.cast(fmt::format("s{}", member.slot.size * 8), loaded) : loaded;
  };
  emit(c::If{tree_.binary("<", part("key"), part("value")), miss, {}});
  emit(c::If{tree_.binary(">", part("key"), part("mask")), miss, {}});
}

}  // namespace p4bpf::codegen
