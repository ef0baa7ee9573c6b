// Tables that user space builds (src/tables): their maps and how the program asks them, through p4bpf_tables.h.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

/// Tables whose memory user space writes lie in global data, whose place the program knows: no lookup finds it. The
/// kernel takes offsets into a map up to half a gigabyte.
bool Lowering::fits_variables(std::uint64_t bytes) {
  constexpr std::uint64_t kMost = std::uint64_t{400} << 20;
  if (variable_bytes_ + bytes > kMost) return false;
  variable_bytes_ += bytes;
  return true;
}

void Lowering::declare_prefix_table(TablePlan& plan) {
  const tables::PrefixShape& shape = plan.prefix;
  const auto map = [&](const std::string& name_of_map, c::Struct value) {
    const std::string type = "struct " + value.name;
    declarations_.push_back(std::move(value));
    declarations_.push_back(
        c::MapDefinition{"P4BPF_MAP", {name_of_map, "P4BPF_MAP_ARRAY", "u32", type, "1", "P4BPF_MMAPABLE"}});
  };
  c::Struct prefixes{
      plan.prefix_struct,
      {{"u32", "cells", shape.cells_size() / 4}, {"struct " + plan.value_struct, "values", shape.values()}},
      {},
      0};
  plan.is_variable = fits_variables(shape.cells_size() + shape.values_size());
  if (plan.is_variable) {
    declarations_.push_back(std::move(prefixes));
    declarations_.push_back(c::Global{"struct " + plan.prefix_struct, plan.map, ""});
  } else {
    map(plan.map, std::move(prefixes));
  }
  map(plan.entry_map, {plan.prefix_struct + "_entries", {{"u64", "words", (shape.entries_size() + 7) / 8}}, {}, 0});
}

void Lowering::declare_matrix(const TablePlan& plan) {
  const std::uint64_t key_words = (plan.key_size + 7) / 8;
  declarations_.push_back(c::Struct{plan.rules_struct,
                                    {{"struct p4bpf_matrix", "matrix", {}},
                                     {"u64", "cells", plan.matrix.cells()},
                                     {"struct " + plan.value_struct, "values", plan.capacity},
                                     {"u64", "keys", 2 * key_words * plan.capacity},
                                     {"s32", "priorities", (plan.capacity + 1) / 2 * 2}},
                                    {},
                                    0});
  declarations_.push_back(c::MapDefinition{"P4BPF_MAP_OF_LISTS", {plan.map, "struct " + plan.rules_struct}});
  if (plan.matrix.direct_words() != 0) return;
  declarations_.push_back(
      c::MapDefinition{"P4BPF_MATRIX_IN_GROUPS",
                       {plan.step_function, std::to_string(plan.matrix.cells()), std::to_string(plan.matrix.key_size),
                        std::to_string(plan.matrix.group_words())}});
}

/// `wanted` is a pointer to element 0 of the map in what `then` emits, which runs if there is one.
void Lowering::with_first(c::ExprId map, const std::string& zero, const std::string& type, const std::string& wanted,
                          const std::function<void(const std::string&)>& then) {
  const std::string pointer = names_.make(wanted);
  emit(c::Declare{type, pointer, {}, tree_.call("p4bpf_map_lookup", {map, tree_.address(name(zero))})});
  emit(c::If{name(pointer), in_block([&] { then(pointer); }), {}});
}

/// The value of the inner map, to which a list or a matrix of rules comes down.
void Lowering::with_rules(const TablePlan& plan, const std::function<void(const std::string&)>& then) {
  const std::string zero = zero_index();
  with_first(tree_.address(name(plan.map)), zero, "void *", "list", [&](const std::string& list) {
    with_first(name(list), zero, "const struct " + plan.rules_struct + " *", "rules", then);
  });
}

std::string Lowering::zero_index() {
  std::string zero = names_.make("zero");
  emit(c::Declare{"u32", zero, {}, num(0)});
  return zero;
}

/// `value` points to the element of `base->values` whose number `found` computes, if it is one of `count`.
void Lowering::take_value(const std::string& value, const std::string& base, c::ExprId found, std::uint64_t count) {
  const std::string number = names_.make("found");
  emit(c::Declare{"u64", number, {}, found});
  call("P4BPF_OPAQUE", {name(number)});
  emit(c::If{tree_.binary("<", name(number), num(count)),
             in_block([&] {
               assign(name(value), tree_.address(tree_.index(tree_.member(name(base), "values", true), name(number))));
             }),
             {}});
}

void Lowering::look_up_prefix(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value) {
  const tables::PrefixShape& shape = plan.prefix;
  const std::string key = names_.make("key");
  emit(c::Declare{"struct " + plan.key_struct + " __attribute__((aligned(8)))", key, {}, {}});
  fill_key(plan, s, key);
  const auto word = [&](std::uint32_t at, int bits) {
    if (at >= plan.key_struct_size) return num(0);
    return tree_.call(fmt::format("P4BPF_SWAP{}", bits),
                      {tree_.call(fmt::format("P4BPF_LOAD{}", bits), {address({"(const u8 *)&" + key, at})})});
  };
  const auto find = [&](const std::string& prefixes) {
    const c::ExprId cells = tree_.member(name(prefixes), "cells", true);
    const c::ExprId found = shape.has_edges()
                                ? tree_.call("p4bpf_prefix_find_long",
                                             {cells, word(0, 64), word(8, 64), num(shape.end()), num(shape.root_bits),
                                              num(shape.steps()), num(shape.key_bytes > 8 ? 1 : 0)})
                                : tree_.call("p4bpf_prefix_find", {cells, word(0, 32), num(shape.end()),
                                                                   num(shape.root_bits), num(shape.key_bytes * 8)});
    take_value(value, prefixes, found, shape.values());
  };
  const std::string type = "const struct " + plan.prefix_struct + " *";
  if (!plan.is_variable) {
    with_first(tree_.address(name(plan.map)), zero_index(), type, "prefixes", find);
    return;
  }
  const std::string prefixes = names_.make("prefixes");
  emit(c::Declare{type, prefixes, {}, tree_.address(name(plan.map))});
  find(prefixes);
}

/// The key of a flat matrix, in the packet where it can be, else copied; in the order of its bytes.
std::vector<KeyRun> Lowering::key_runs(const TablePlan& plan, const ir::ApplyTable& s) {
  std::string key;
  std::vector<KeyRun> fields;
  for (std::size_t k = 0; k < plan.keys.size(); ++k) {
    const Member& member = plan.keys[k];
    if (member.slot.size == 0) continue;
    std::optional<Address> at = bytes_in_packet(member, s.keys[k]);
    if (at) {
      (void)header_address(std::get<ir::FieldRef>(program_[s.keys[k]].node).header.header);
    } else {
      if (key.empty()) {
        key = names_.make("key");
        emit(c::Declare{"struct " + plan.key_struct + " __attribute__((aligned(8)))", key, {}, {}});
      }
      store_member(member, s.keys[k], key + "." + member.name, 8);
      at = Address{"(const u8 *)&" + key, member.slot.offset};
    }
    fields.push_back({*at, member.slot.offset, member.slot.size});
  }
  std::sort(fields.begin(), fields.end(), [](const KeyRun& a, const KeyRun& b) { return a.offset < b.offset; });
  std::vector<KeyRun> runs;
  for (const KeyRun& field : fields) {
    const bool goes_on = !runs.empty() && runs.back().at.base == field.at.base &&
                         runs.back().at.byte + runs.back().size == field.at.byte &&
                         runs.back().offset + runs.back().size == field.offset;
    if (goes_on) {
      runs.back().size += field.size;
    } else {
      runs.push_back(field);
    }
  }
  return runs;
}

/// The rules of a flat matrix that match, as bits.
c::ExprId Lowering::rows_of_runs(const std::string& rules, const std::vector<KeyRun>& runs) {
  c::ExprId all = num(~std::uint64_t{0}, true);
  for (const KeyRun& run : runs) {
    const c::ExprId rows =
        tree_.address(tree_.index(tree_.member(name(rules), "cells", true), num(256 * std::uint64_t{run.offset})));
    all = tree_.call("p4bpf_matrix_rows", {all, rows, address(run.at), num(run.size)});
  }
  return all;
}

void Lowering::look_up_rule(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value) {
  const bool is_flat = plan.matrix.is_flat();
  std::vector<KeyRun> runs;
  std::string key;
  if (is_flat) {
    runs = key_runs(plan, s);
  } else {
    key = names_.make("key");
    emit(c::Declare{"struct " + plan.key_struct + " __attribute__((aligned(8)))", key, {}, {}});
    fill_key(plan, s, key);
  }
  with_rules(plan, [&](const std::string& rules) {
    const c::ExprId matrix = tree_.address(tree_.member(name(rules), "matrix", true));
    if (is_flat) {
      const std::string all = names_.make("all");
      emit(c::Declare{"u64", all, {}, rows_of_runs(rules, runs)});
      emit(c::If{name(all),
                 in_block([&] {
                   take_value(value, rules, tree_.call("p4bpf_lowest_bit", {matrix, name(all)}), plan.capacity);
                 }),
                 {}});
      return;
    }
    const c::ExprId bytes = tree_.cast("const u8 *", tree_.address(name(key)));
    const std::uint32_t words = plan.matrix.direct_words();
    take_value(value, rules,
               words == 0 ? tree_.call(plan.step_function, {matrix, bytes})
                          : tree_.call("p4bpf_matrix_find", {matrix, bytes, num(plan.matrix.cells()),
                                                             num(plan.matrix.key_size), num(words)}),
               plan.capacity);
  });
}

}  // namespace p4bpf::codegen
