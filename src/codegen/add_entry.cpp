// Entries that the program adds to a table: the key of the lookup that missed is still there, the value is made on the
// stack.
#include "codegen/lowering.h"

namespace p4bpf::codegen {

void Lowering::lower(const ir::AddEntry& s) {
  const TablePlan& plan = tables_[s.table.index()];
  emit(c::Scope{in_block([&] {
    const std::string value = names_.make("added");
    emit(c::Declare{"struct " + plan.value_struct + " __attribute__((aligned(8)))", value, {}, {}});
    // Every byte, gaps included: the kernel reads them all.
    const c::ExprId at = tree_.address(name(value));
    call("__builtin_memset", {at, num(0), num(plan.value_size)});
    assign(name(value + ".action"), num(s.action));
    const std::vector<Member>& params = plan.params[s.action];
    for (std::size_t p = 0; p < params.size(); ++p)
      store_member(params[p], s.arguments[p], value + "." + plan.groups[s.action] + "." + params[p].name, 8);
    const c::ExprId added = tree_.call(
        "p4bpf_add_entry", {tree_.address(name(plan.map)), tree_.address(name(applied_keys_.at(s.table))), at});
    if (s.result) {
      assign_host(s.result, added);
    } else {
      emit(c::Eval{added});
    }
  })});
}

}  // namespace p4bpf::codegen
