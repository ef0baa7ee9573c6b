// Records of a traced packet (ir/trace.h): a program that has calls of `$trace` tells user space by a ring buffer what
// becomes of the packets that p4bpf_trace_begin chooses.
//
// Such a program runs over the maps of the one without the calls, so nothing that the calls bring about may change how
// tables lie in memory: byte orders are inferred from the program without them.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

using ir::TracePoint;

constexpr const char* kConfig = "p4bpf_trace_config";
constexpr const char* kRing = "p4bpf_trace_ring";
constexpr const char* kLost = "p4bpf_trace_lost";
/// A ring of some ten thousand records. The kernel wants a power of two and whole pages.
constexpr const char* kRingBytes = "4194304";

manifest::ActionParam shape_of(const Member& member, const ir::Type& type) {
  manifest::ActionParam field;
  field.name = member.name;
  field.kind = type.is_signed ? manifest::ValueKind::kSigned : manifest::ValueKind::kBits;
  field.bits = type.kind == ir::Type::Kind::kVarbit ? 8 * member.slot.size : member.bits;
  field.slot = member.slot;
  return field;
}

}  // namespace

void Lowering::infer_orders() {
  if (options_.trace == nullptr) {
    orders_.emplace(program_, flow_);
    return;
  }
  Lowering untraced(options_.trace->untraced, options_, diagnostics_, manifest_);
  untraced.flow_ = analyse(untraced.program_);
  untraced.plan_deparsers();
  orders_.emplace(untraced.program_, untraced.flow_);
}

/// A struct for the records of each point: the head, the values, and what of the packet is told.
void Lowering::plan_trace() {
  if (options_.trace == nullptr) return;
  traced_ = function_variable("u32", "traced_as");
  for (const TracePoint& point : options_.trace->points) {
    RecordPlan plan;
    std::vector<ir::Type> types;
    const auto add = [&](std::string wanted, const ir::Type& type) {
      // A varbit's bytes come in the packet's order.
      plan.members.push_back({std::move(wanted), type.width, type.kind == ir::Type::Kind::kVarbit, {}, {}, false});
      types.push_back(type);
    };
    for (const TracePoint::Value& value : point.values) add(last_part(value.name), value.type);
    if (point.kind == TracePoint::Kind::kPass) {
      add("ifindex", ir::Type::bits(32));
      add("pass_before", ir::Type::bits(32));
    }
    if (point.packet != TracePoint::Packet::kNothing) add("packet_length", ir::Type::bits(32));
    if (point.packet == TracePoint::Packet::kBytes) add("packet_bytes", ir::Type::bits(8 * kTracedBytes));
    declare_record(plan, "trace_record");
    manifest::Digest shape{fmt::format("point {}", traces_.size()), {}, {}};
    for (std::size_t i = 0; i < types.size(); ++i) shape.fields.push_back(shape_of(plan.members[i], types[i]));
    trace_shape_.digests.push_back(std::move(shape));
    traces_.push_back(std::move(plan));
  }
  trace_shape_.digest_map = kRing;
  trace_shape_.digests_lost_map = kLost;
  declarations_.push_back(c::MapDefinition{"P4BPF_RING", {kRing, kRingBytes}});
  declarations_.push_back(c::MapDefinition{"P4BPF_MAP", {kLost, "P4BPF_MAP_PERCPU_ARRAY", "u32", "u64", "1", "0"}});
  declarations_.push_back(
      c::MapDefinition{"P4BPF_MAP", {kConfig, "P4BPF_MAP_ARRAY", "u32", "struct p4bpf_trace_config", "1", "0"}});
}

/// Of the interface where the packet came in. Its port is not asked for: a program that does not either has no map for
/// that.
c::ExprId Lowering::ifindex() { return tree_.call(fmt::format("p4bpf_{}_ifindex", hook_->kind), {name("context")}); }

/// The number of the pass that left this one; 0 if the packet came from outside.
c::ExprId Lowering::pass_before() {
  if (!makes_copies_) return num(0);
  if (uses_scratch()) return name(kept_from_pass("traced_as", "u32", {}));
  return tree_.conditional(name("pass"), name("pass->traced_as"), num(0));
}

/// $trace(point, values).
void Lowering::leave_record(const ir::CallExtern& s) {
  Told told{ir::point_of(program_, s), ir::traced_values(s), {}, {}};
  if (options_.trace->points.at(told.point).kind == TracePoint::Kind::kPass)
    assign(name(traced_), tree_.call("p4bpf_trace_begin", {tree_.address(name(kConfig)), ifindex(), pass_before()}));
  if (!held_) {
    emit(c::If{name(traced_), in_block([&] { tell(told); }), {}});
    return;
  }
  // No helper may be called while a lock is held: what is to be told is kept until it is given back.
  told.is_due = function_variable("u32", "is_told");
  const c::BlockId keep = in_block([&] {
    for (const ir::ExprId value : told.values) {
      const ir::Type& type = program_[value].type;
      const bool wide_value = is_wide(type);
      told.kept.push_back(wide_value ? function_variable("u64", "told", limbs(type.width))
                                     : function_variable(c_type(type.width), "told"));
      if (wide_value) {
        wide_into(told.kept.back(), value);
      } else {
        assign(name(told.kept.back()), host(value));
      }
    }
    assign(name(told.is_due), num(1));
  });
  emit(c::If{name(traced_), keep, {}});
  held_->told.push_back(std::move(told));
}

/// What was kept while the lock was held.
void Lowering::tell_late(const Told& told) {
  const c::BlockId late = in_block([&] {
    assign(name(told.is_due), num(0));
    tell(told);
  });
  emit(c::If{name(told.is_due), late, {}});
}

void Lowering::tell(const Told& told) {
  const RecordPlan& plan = traces_.at(told.point);
  const std::string record = names_.make("record");
  emit(c::Declare{
      "struct " + plan.record + " *",
      record,
      {},
      tree_.call("p4bpf_trace_reserve", {tree_.address(name(kRing)), tree_.address(name(kLost)), num(plan.size)})});
  const c::BlockId fill = in_block([&] {
    assign(name(record + "->head.number"), num(told.point));
    assign(name(record + "->head.receiver"), name(traced_));
    assign(name(record + "->head.time_ns"), tree_.call("p4bpf_time_ns", {}));
    fill_record(told, record);
    call("p4bpf_ring_submit", {name(record), num(0)});
  });
  emit(c::If{name(record), fill, {}});
}

void Lowering::store_told(const Member& member, const Told& told, std::size_t at, const std::string& target) {
  const ir::Type& type = program_[told.values[at]].type;
  if (type.kind == ir::Type::Kind::kVarbit) {
    const c::ExprId to = member.is_bytes ? name(target) : tree_.address(name(target));
    const auto* const field = std::get_if<ir::FieldRef>(&program_[told.values[at]].node);
    if (member.is_bytes && told.kept.empty() && field != nullptr && field->header.header &&
        !is_local(field->header.header)) {
      // Not by way of the stack.
      call("__builtin_memset", {to, num(0), num(member.slot.size)});
      return fetch_varbit(field->header.header, target);
    }
    const std::string bytes = told.kept.empty() ? varbit(told.values[at]).bytes : told.kept[at];
    call("__builtin_memcpy", {to, name(bytes), num(member.slot.size)});
  } else if (told.kept.empty()) {
    store_member(member, told.values[at], target, 8);
  } else if (member.is_bytes) {
    call("p4bpf_wide_store_bytes", {name(target), num(member.slot.size), name(told.kept[at]), num(limbs(member.bits)),
                                    num(member.slot.size % 4 == 0 ? 4 : 1)});
  } else {
    assign(name(target), type.is_signed ? sign_extended(name(told.kept[at]), type.width) : name(told.kept[at]));
  }
}

void Lowering::fill_record(const Told& told, const std::string& record) {
  const TracePoint& point = options_.trace->points[told.point];
  const std::vector<Member>& members = traces_[told.point].members;
  const auto target = [&](std::size_t i) { return record + "->" + members[i].name; };
  std::size_t at = 0;
  for (; at < told.values.size(); ++at) store_told(members[at], told, at, target(at));
  if (point.kind == TracePoint::Kind::kPass) {
    assign(name(target(at++)), ifindex());
    assign(name(target(at++)), pass_before());
  }
  if (point.packet == TracePoint::Packet::kNothing) return;
  const std::string length = names_.make("length");
  emit(c::Declare{"u32", length, {}, tree_.call(fmt::format("p4bpf_{}_length", hook_->kind), {name("context")})});
  assign(name(target(at++)), name(length));
  if (point.packet != TracePoint::Packet::kBytes) return;
  const c::ExprId most = num(kTracedBytes);
  const c::ExprId count = tree_.conditional(tree_.binary("<", name(length), most), name(length), most);
  call(fmt::format("p4bpf_{}_read", hook_->kind), {name("context"), num(0), name(target(at)), count, most});
}

}  // namespace p4bpf::codegen
