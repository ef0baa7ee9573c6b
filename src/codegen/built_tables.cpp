// Tables that user space builds (src/tables): their maps and how the program asks them, through p4bpf_tables.h.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

void Lowering::declare_prefix_table(const TablePlan& plan) {
  const tables::PrefixShape& shape = plan.prefix;
  declarations_.push_back(c::Struct{plan.prefix_struct, {{"u64", "words", shape.cells_size() / 8}}, {}, 0});
  const auto map = [&](const std::string& name_of_map, const std::string& value, std::uint64_t entries) {
    declarations_.push_back(c::MapDefinition{
        "P4BPF_MAP", {name_of_map, "P4BPF_MAP_ARRAY", "u32", value, std::to_string(entries), "P4BPF_MMAPABLE"}});
  };
  map(plan.map, "struct " + plan.prefix_struct, 1);
  map(plan.value_map, "struct " + plan.value_struct, shape.values());
  const std::string entries = plan.prefix_struct + "_entries";
  declarations_.push_back(c::Struct{entries, {{"u64", "words", (shape.entries_size() + 7) / 8}}, {}, 0});
  map(plan.entry_map, "struct " + entries, 1);
}

void Lowering::declare_matrix(const TablePlan& plan) {
  const std::uint64_t key_words = (plan.key_size + 7) / 8;
  declarations_.push_back(c::Struct{plan.rules_struct,
                                    {{"struct p4bpf_matrix", "matrix", {}},
                                     {"struct " + plan.value_struct, "values", plan.capacity},
                                     {"u64", "cells", plan.matrix.cells()},
                                     {"u64", "keys", 2 * key_words * plan.capacity},
                                     {"s32", "priorities", (plan.capacity + 1) / 2 * 2}},
                                    {},
                                    0});
  declarations_.push_back(c::MapDefinition{"P4BPF_MAP_OF_LISTS", {plan.map, "struct " + plan.rules_struct}});
  if (plan.matrix.direct_words() != 0) return;
  declarations_.push_back(c::MapDefinition{
      "P4BPF_MATRIX_STEP",
      {plan.step_function, std::to_string(plan.matrix.cells()), std::to_string(plan.matrix.key_size)}});
}

/// `wanted` is a pointer to element 0 of the map in what `then` emits, which runs if there is one.
void Lowering::with_first(c::ExprId map, const std::string& type, const std::string& wanted,
                          const std::function<void(const std::string&)>& then) {
  const std::string zero = names_.make("zero");
  const std::string pointer = names_.make(wanted);
  emit(c::Declare{"u32", zero, {}, num(0)});
  emit(c::Declare{type, pointer, {}, tree_.call("p4bpf_map_lookup", {map, tree_.address(name(zero))})});
  emit(c::If{name(pointer), in_block([&] { then(pointer); }), {}});
}

void Lowering::look_up_prefix(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value) {
  const tables::PrefixShape& shape = plan.prefix;
  const std::string key = names_.make("key");
  emit(c::Declare{"struct " + plan.key_struct + " __attribute__((aligned(8)))", key, {}, {}});
  fill_key(plan, s, key);
  with_first(tree_.address(name(plan.map)), "const void *", "cells", [&](const std::string& cells) {
    const auto word = [&](std::uint32_t at) {
      if (at >= plan.key_struct_size) return num(0);
      return tree_.call("P4BPF_SWAP64", {tree_.call("P4BPF_LOAD64", {address({"(const u8 *)&" + key, at})})});
    };
    const std::string found = names_.make("number");
    emit(c::Declare{
        "u32",
        found,
        {},
        tree_.call("p4bpf_prefix_find", {name(cells), word(0), word(8), num(shape.root_bits), num(shape.lines),
                                         num(shape.steps()), num(shape.key_bytes > 8 ? 1 : 0)})});
    // Nothing has the number 0.
    emit(c::If{name(found),
               in_block([&] {
                 assign(name(value), tree_.call("p4bpf_map_lookup",
                                                {tree_.address(name(plan.value_map)), tree_.address(name(found))}));
               }),
               {}});
  });
}

void Lowering::look_up_rule(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value) {
  const std::string key = names_.make("key");
  emit(c::Declare{"struct " + plan.key_struct + " __attribute__((aligned(8)))", key, {}, {}});
  fill_key(plan, s, key);
  with_first(tree_.address(name(plan.map)), "void *", "list", [&](const std::string& list) {
    with_first(name(list), "const struct " + plan.rules_struct + " *", "rules", [&](const std::string& rules) {
      const std::uint32_t direct = plan.matrix.direct_words();
      const std::string found = names_.make("found");
      emit(c::Declare{"u64",
                      found,
                      {},
                      tree_.call("p4bpf_matrix_find", {tree_.address(tree_.member(name(rules), "matrix", true)),
                                                       tree_.member(name(rules), "cells", true),
                                                       tree_.cast("const u8 *", tree_.address(name(key))),
                                                       num(plan.matrix.cells()), num(direct), num(plan.matrix.key_size),
                                                       direct != 0 ? num(0) : name(plan.step_function)})});
      call("P4BPF_OPAQUE", {name(found)});
      emit(c::If{tree_.binary("<", name(found), num(plan.capacity)),
                 in_block([&] {
                   assign(name(value),
                          tree_.address(tree_.index(tree_.member(name(rules), "values", true), name(found))));
                 }),
                 {}});
    });
  });
}

}  // namespace p4bpf::codegen
