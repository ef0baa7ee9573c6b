// What belongs to the entries of a table and changes as packets hit them: direct counters and meters, the time of the
// last hit. Each entry's value has a handle, by which their maps are indexed; that of the default action is 0. Only
// tables that have such things pay.
#include "arch/architecture.h"
#include "codegen/describe.h"
#include "codegen/lowering.h"

namespace p4bpf::codegen {

/// A direct instance that no table names has no elements.
void Lowering::plan_direct(ir::ExternInstanceId id, const arch::DirectShape& shape, std::size_t& counters,
                           std::size_t& meters) {
  if (shape.kind == arch::DirectShape::Kind::kCounter) {
    manifest::Counter& counter = manifest_.counters.at(counters++);
    if (counter.table)
      instances_[id].map = counter.map =
          counts_map(id, {counter.size, false, shape.counts_packets, shape.counts_bytes, 64});
    return;
  }
  manifest::Meter& meter = manifest_.meters.at(meters++);
  if (!meter.table) return;
  instances_[id].map = meter.map = cells_map(program_[id].name, "struct p4bpf_meter", meter.size);
  colors_[id] = function_variable("u32", program_[id].name + ".color");
}

void Lowering::plan_handles(TablePlan& plan, const ir::Table& table, manifest::Table& out) {
  using Structure = manifest::Structure;
  if (!plan.has_handles) return;
  if (table.support_timeout && plan.structure != Structure::kNone)
    out.last_hit_map = plan.last_hit_map = cells_map(table.name + "_last_hit", "u64", out.size + 1);
  if (plan.structure == Structure::kNone || plan.structure == Structure::kCode) return;
  out.handle_offset = 4;
  out.handle_map = plan.handle_map = cells_map(table.name + "_handles", "u64", out.size / 64 + 2);
}

/// Of the entry that `value` points to, null if there was none.
c::ExprId Lowering::handle_of_entry(const TablePlan& plan, const std::string& value) {
  if (!plan.has_handles) return num(0);
  const std::string handle = names_.make("handle");
  emit(
      c::Declare{"u32", handle, {}, tree_.conditional(name(value), tree_.member(name(value), "handle", true), num(0))});
  return name(handle);
}

/// The table has been asked, and the entry with that handle was hit, or none where it is 0.
void Lowering::note_hit(const ir::ApplyTable& s, c::ExprId handle) {
  const ir::Table& table = program_[s.table];
  const TablePlan& plan = tables_[s.table.index()];
  const auto shape_of = [&](ir::ExternInstanceId id) { return std::get<arch::DirectShape>(instances_.at(id).shape); };
  const auto memory_of = [&](const std::string& map) {
    return tree_.call("p4bpf_map_lookup", {tree_.address(name(map)), tree_.address(name(zero_index()))});
  };
  if (table.direct_counter) {
    const arch::DirectShape shape = shape_of(table.direct_counter);
    const arch::CounterShape counts{0, false, shape.counts_packets, shape.counts_bytes, 64};
    ExternCall made;
    made.arguments = {tree_.address(name(instances_.at(table.direct_counter).map)), handle};
    add_sizes(counts, made);
    call(method_of(counts, "p4bpf_counter_count"), made.arguments);
  }
  const std::uint64_t elements = manifest_.tables[s.table.index()].size + 1;
  if (table.direct_meter) {
    const std::string& color = colors_.at(table.direct_meter);
    const c::BlockId measured = in_block([&] {
      assign(name(color),
             tree_.call("p4bpf_meter_at", {memory_of(instances_.at(table.direct_meter).map), num(elements), handle,
                                           units(shape_of(table.direct_meter).counts_bytes), now()}));
    });
    assign(name(color), num(0));
    emit(c::If{handle, measured, {}});
  }
  if (!plan.last_hit_map.empty()) {
    emit(c::If{handle,
               in_block([&] {
                 call("p4bpf_note_hit", {memory_of(plan.last_hit_map), num(elements), handle});
               }),
               {}});
  }
}

/// direct_meter.read(color): what the last application of its table found.
void Lowering::read_direct_meter(const ir::CallExtern& s) {
  const auto color = colors_.find(s.instance);
  const ir::ExprId target = std::get<ir::ExprId>(s.arguments.at(0).value);
  const c::ExprId value = color == colors_.end() ? num(0) : name(color->second);
  assign_host(target, mask(value, program_[target].type.width));
}

}  // namespace p4bpf::codegen
