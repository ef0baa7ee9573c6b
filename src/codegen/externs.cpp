// Calls of externs: those of the architecture by the C half of their row, the user's own by a prototype that their file
// implements. Scalars of up to 64 bits are u8, u16, u32 or u64 in host order, wider ones arrays of bytes in network
// order, headers structs of their fields with a last member `valid`; `in` goes by value (what is an array or a struct
// by pointer to const), out and inout by pointer.
#include <fmt/format.h>

#include "arch/architecture.h"
#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

using Direction = ir::ExternArgument::Direction;

/// What a map holds for each index of an instance.
std::string element_type(const arch::CounterShape& shape) {
  return shape.counts_packets && shape.counts_bytes ? "struct p4bpf_counts" : "u64";
}

/// The kernel follows offsets into a value up to half a gigabyte.
constexpr std::uint64_t kMostRegisterBytes = std::uint64_t{400} << 20;

std::uint64_t map_entries(std::uint64_t size) { return std::clamp<std::uint64_t>(size, 1, 0x7fffffff); }

}  // namespace

void Lowering::plan_instances() {
  std::size_t counters = 0;
  std::size_t meters = 0;
  std::size_t registers = 0;
  std::size_t calculations = 0;
  for (std::size_t i = 0; i < program_.extern_instances.size(); ++i) {
    const ir::ExternInstanceId id(i);
    const arch::ExternTypeRow* row = arch::find_extern_type(program_, program_[id]);
    if (row == nullptr) continue;
    Instance& instance = instances_[id];
    instance.shape = row->shape(program_[id]);
    if (const auto* counter = std::get_if<arch::CounterShape>(&instance.shape)) {
      instance.map = manifest_.counters.at(counters++).map = counts_map(id, *counter);
    } else if (const auto* cells = std::get_if<arch::RegisterShape>(&instance.shape)) {
      plan_register(id, *cells, manifest_.registers.at(registers++));
    } else if (const auto* meter = std::get_if<arch::MeterShape>(&instance.shape)) {
      instance.map = manifest_.meters.at(meters++).map =
          cells_map(program_[id].name, "struct p4bpf_meter", std::max<std::uint64_t>(meter->size, 1));
    } else if (const auto* direct = std::get_if<arch::DirectShape>(&instance.shape)) {
      plan_direct(id, *direct, counters, meters);
    } else if (const auto* calculation = std::get_if<arch::CalculationShape>(&instance.shape)) {
      instance.map = manifest_.calculations.at(calculations++).symbol = names_.make(program_[id].name);
      declarations_.push_back(
          c::Global{"struct p4bpf_calculation", instance.map, fmt::format("P4BPF_CALCULATION{}", calculation->width)});
    }
  }
  plan_digests();
}

/// Per CPU.
std::string Lowering::counts_map(ir::ExternInstanceId id, const arch::CounterShape& shape) {
  const std::string map = names_.make(program_[id].name);
  declarations_.push_back(c::MapDefinition{"P4BPF_MAP",
                                           {map, shape.sparse ? "P4BPF_MAP_PERCPU_HASH" : "P4BPF_MAP_PERCPU_ARRAY",
                                            "u32", element_type(shape), std::to_string(map_entries(shape.size)), "0"}});
  return map;
}

/// A map of one value with that many elements: the program finds each by itself, and user space has them in its memory.
std::string Lowering::cells_map(const std::string& wanted, const std::string& element, std::uint64_t count) {
  const std::string map = names_.make(wanted);
  const std::string type = names_.make(map + "_cells");
  declarations_.push_back(c::Struct{type, {{element + " __attribute__((aligned(8)))", "cells", count}}, {}, 0});
  declarations_.push_back(
      c::MapDefinition{"P4BPF_MAP", {map, "P4BPF_MAP_ARRAY", "u32", "struct " + type, "1", "P4BPF_MMAPABLE"}});
  return map;
}

void Lowering::plan_register(ir::ExternInstanceId id, const arch::RegisterShape& shape, manifest::Register& out) {
  if (shape.bits == 0)
    return unsupported(program_[id].span, "a register of values that are no numbers is not supported");
  const bool is_bytes = shape.bits > 64;
  out.value_size = is_bytes ? (shape.bits + 7) / 8 : c_size(shape.bits);
  out.slot = {0, out.value_size, is_bytes ? manifest::ByteOrder::kNetwork : manifest::ByteOrder::kHost};
  if (shape.size > kMostRegisterBytes / out.value_size)
    return unsupported(program_[id].span,
                       fmt::format("the register takes {} bytes, and a map of the kernel {} at most",
                                   BigInt(BigInt(shape.size) * out.value_size).str(), kMostRegisterBytes));
  const std::uint64_t count = std::max<std::uint64_t>(shape.size, 1);
  instances_[id].map = out.map = is_bytes ? cells_map(program_[id].name, "u8", count * out.value_size)
                                          : cells_map(program_[id].name, c_type(shape.bits), count);
}

/// Assigns a value in host order to a VarRef or FieldRef.
void Lowering::assign_host(ir::ExprId target, c::ExprId value) {
  const ir::Expr& expr = program_[target];
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) {
    assign(name(var_name(var->var)), orders_->is_net(var->var) ? swap(value, expr.type.width) : value);
    return;
  }
  const auto& ref = std::get<ir::FieldRef>(expr.node);
  for_element(ref.header, [&](ir::HeaderId header) {
    const ir::HeaderField& what = type_of(header).fields[ref.field];
    if (is_local(header)) {
      assign(name(field_name(header, ref.field)),
             orders_->is_net(header, ref.field) ? swap(value, expr.type.width) : value);
    } else {
      store_bits(header_address(header), what.bit_offset, expr.type.width, value);
    }
  });
}

/// The same for a value of 16, 24, ... 64 bits in network order.
void Lowering::assign_net(ir::ExprId target, c::ExprId value) {
  const std::uint32_t width = program_[target].type.width;
  const auto* ref = std::get_if<ir::FieldRef>(&program_[target].node);
  if (!is_net_already(target)) return assign_host(target, swap(value, width));
  if (ref && !is_local(ref->header.header)) {
    const Address at = header_address(ref->header.header);
    store_raw({at.base, at.byte + type_of(ref->header.header).fields[ref->field].bit_offset / 8}, width / 8, value);
    return;
  }
  assign(ref ? name(field_name(ref->header.header, ref->field)) : net(target), value);
}

/// Whether the statements before this one are an update of the same field's checksum and the assignment of its result
/// to that field: then checksum_sum_ is what the field's value was folded from.
bool Lowering::continues_checksum(const ir::CallExtern& s) const {
  if (checksum_sum_.empty() || rest_ == nullptr || rest_at_ < 2) return false;
  const auto* stored = std::get_if<ir::Assign>(&(*rest_)[rest_at_ - 1].node);
  const auto* before = std::get_if<ir::CallExtern>(&(*rest_)[rest_at_ - 2].node);
  if (!stored || !before || !before->result || program_[before->function].is_user) return false;
  const arch::ExternRow* row = arch::find_extern(program_, program_[before->function]);
  const auto* result = std::get_if<ir::VarRef>(&program_[before->result].node);
  const auto* value = std::get_if<ir::VarRef>(&program_[stored->value].node);
  const auto* from = std::get_if<ir::ExprId>(&s.arguments[0].value);
  const auto* target = std::get_if<ir::FieldRef>(&program_[stored->target].node);
  const auto* source = from ? std::get_if<ir::FieldRef>(&program_[*from].node) : nullptr;
  return row && row->lowering.kind == arch::CLowering::Kind::kChecksum && result && value && target && source &&
         result->var == value->var && target->header.header && target->header.header == source->header.header &&
         target->field == source->field && status_of(worlds_, target->header.header) == HeaderState::kValid;
}

void Lowering::update_checksum(const ir::CallExtern& s, std::string_view change) {
  const auto argument = [&](std::size_t i) { return net(std::get<ir::ExprId>(s.arguments[i].value)); };
  const c::ExprId start = continues_checksum(s) ? name(checksum_sum_) : tree_.call("p4bpf_csum_start", {argument(0)});
  const c::ExprId changed = tree_.call(std::string(change), {argument(1), argument(2)});
  // Of the function, for the update that may follow.
  const std::string sum = function_variable("u32", "sum");
  assign(name(sum), tree_.binary("+", start, changed));
  checksum_sum_ = sum;
  if (s.result) assign_net(s.result, tree_.cast("u32", tree_.call("p4bpf_csum_end", {name(sum)})));
}

void Lowering::assign_wide(ir::ExprId target, const std::string& from) {
  const ir::Expr& expr = program_[target];
  const std::uint32_t width = expr.type.width;
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) {
    call("p4bpf_wide_copy", {name(var_name(var->var)), name(from), num(limbs(width))});
    return;
  }
  const auto& ref = std::get<ir::FieldRef>(expr.node);
  for_element(ref.header, [&](ir::HeaderId header) {
    if (is_local(header)) {
      call("p4bpf_wide_copy", {name(field_name(header, ref.field)), name(from), num(limbs(width))});
    } else {
      call("p4bpf_wide_store", {address(header_address(header)), num(type_of(header).fields[ref.field].bit_offset),
                                num(width), name(from), num(limbs(width))});
    }
  });
}

std::string Lowering::extern_header_struct(ir::HeaderTypeId id) {
  std::string& made = extern_structs_[id];
  if (!made.empty()) return made;
  made = names_.make(program_[id].name);
  c::Struct out{made, {}, {}, 0};
  Names members;
  for (const ir::HeaderField& field : program_[id].fields) {
    const std::uint32_t bits = field.type.width;
    out.fields.push_back({bits > 64 ? "u8" : c_type(bits), members.make(field.name),
                          bits > 64 ? std::optional<std::uint64_t>((bits + 7) / 8) : std::nullopt});
  }
  out.fields.push_back({"u8", members.make("valid"), {}});
  declarations_.push_back(std::move(out));
  return made;
}

/// Adds one argument's C arguments and parameter types; what must happen after the call goes to `after`.
void Lowering::extern_argument(const ir::ExternArgument& argument, ExternCall& made) {
  const bool goes_in = argument.direction != Direction::kOut;
  const bool comes_out = argument.direction != Direction::kIn;
  if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
    for (const ir::ExternArgument& field : all->fields) extern_argument(field, made);
    return;
  }
  if (const auto* ref = std::get_if<ir::HeaderRef>(&argument.value)) {
    if (!ref->header) {
      unsupported(span_, "a stack element with a run-time index cannot be an argument of an extern yet");
      return;
    }
    extern_header(ref->header, goes_in, comes_out, made);
    return;
  }
  const ir::ExprId expr = std::get<ir::ExprId>(argument.value);
  const ir::Type& type = program_[expr].type;
  const std::uint32_t width = type.width;
  if (type.kind == ir::Type::Kind::kString || type.kind == ir::Type::Kind::kVarbit) {
    unsupported(program_[expr].span, "a string or varbit value cannot be passed to an extern function");
    return;
  }
  if (width > 64) {
    const std::string bytes = names_.make("bytes");
    const std::uint32_t size = (width + 7) / 8;
    emit(c::Declare{"u8", bytes, size, {}});
    if (goes_in) call("p4bpf_wide_store_bytes", {name(bytes), num(size), name(wide(expr)), num(limbs(width)), num(1)});
    made.arguments.push_back(name(bytes));
    made.types.push_back(comes_out ? "u8 *" : "const u8 *");
    if (comes_out) {
      made.after.push_back([this, bytes, size, width, expr] {
        const std::string value = wide_temp(width);
        call("p4bpf_wide_load_bytes", {name(value), num(limbs(width)), name(bytes), num(size)});
        call("p4bpf_wide_mask", {name(value), num(limbs(width)), num(width)});
        assign_wide(expr, value);
      });
    }
    return;
  }
  const std::string c = type.is_signed ? fmt::format("s{}", c_size(width) * 8) : c_type(width);
  const auto in_value = [&] {
    if (made.in_network_order && has_order(type)) return net(expr);
    return type.is_signed ? sign_extended(host(expr), width) : host(expr);
  };
  if (!comes_out) {
    made.arguments.push_back(in_value());
    made.types.push_back(c);
    return;
  }
  const std::string out = names_.make("out");
  emit(c::Declare{c, out, {}, goes_in ? in_value() : num(0)});
  made.arguments.push_back(tree_.address(name(out)));
  made.types.push_back(c + " *");
  made.after.push_back([this, out, width, expr] {
    c::ExprId value = name(out);
    if (width < 64) value = mask(tree_.cast(width <= 32 ? "u32" : "u64", value), width);
    assign_host(expr, value);
  });
}

void Lowering::extern_header(ir::HeaderId header, bool goes_in, bool comes_out, ExternCall& made) {
  const ir::HeaderType& type = type_of(header);
  if (type.varbit_field) {
    unsupported(span_, "a header with a varbit field cannot be passed to an extern function");
    return;
  }
  const std::string struct_name = extern_header_struct(program_[header].type);
  const std::string var = names_.make("header");
  emit(c::Declare{"struct " + struct_name, var, {}, name("{0}")});
  Names members;
  const ir::HeaderRef ref{header, {}, {}};
  std::vector<std::string> field_names;
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const std::uint32_t width = type.fields[i].type.width;
    field_names.push_back(var + "." + members.make(type.fields[i].name));
    if (!goes_in || width == 0) continue;
    if (width > 64) {
      const std::string value = wide_temp(width);
      if (is_local(header)) {
        call("p4bpf_wide_copy", {name(value), name(field_name(header, i)), num(limbs(width))});
      } else {
        const auto load = [&] {
          call("p4bpf_wide_load", {name(value), num(limbs(width)), address(header_address(header)),
                                   num(type.fields[i].bit_offset), num(width)});
        };
        emit(c::If{is_valid(ref), in_block(load), {}});
      }
      call("p4bpf_wide_store_bytes",
           {name(field_names.back()), num((width + 7) / 8), name(value), num(limbs(width)), num(1)});
      continue;
    }
    c::ExprId value =
        is_local(header) ? name(field_name(header, i)) : field_bits(header, type.fields[i].bit_offset, width, false);
    if (is_local(header) && orders_->is_net(header, i)) value = swap(value, width);
    assign(name(field_names.back()), value);
  }
  const std::string valid = var + "." + members.make("valid");
  if (goes_in) assign(name(valid), is_valid(ref));
  made.arguments.push_back(tree_.address(name(var)));
  made.types.push_back((comes_out ? "struct " : "const struct ") + struct_name + " *");
  if (!comes_out) return;
  made.after.push_back([this, header, field_names, valid] {
    const ir::HeaderType& what = type_of(header);
    for (std::size_t i = 0; i < what.fields.size(); ++i) {
      const std::uint32_t width = what.fields[i].type.width;
      if (width == 0) continue;
      const std::string target = field_name(header, i);
      if (width > 64) {
        call("p4bpf_wide_load_bytes", {name(target), num(limbs(width)), name(field_names[i]), num((width + 7) / 8)});
        call("p4bpf_wide_mask", {name(target), num(limbs(width)), num(width)});
        continue;
      }
      const c::ExprId value = mask(tree_.cast(width <= 32 ? "u32" : "u64", name(field_names[i])), width);
      assign(name(target), orders_->is_net(header, i) ? swap(value, width) : value);
    }
    assign(name(valid_name(header)), tree_.binary("!=", name(valid), num(0)));
  });
}

void Lowering::lower(const ir::CallExtern& s) {
  if (ir::is_trace(program_, s)) return leave_record(s);
  emit(c::Scope{in_block([&] { call_extern(s); })});
}

/// The C function for a method on a map whose elements look like that: its name, and what it counts or how wide it is.
std::string Lowering::method_of(const arch::InstanceShape& shape, const std::string& method) {
  if (const auto* cells = std::get_if<arch::RegisterShape>(&shape)) {
    return method + "_" + (cells->bits > 64 ? "bytes" : c_type(cells->bits));
  }
  const auto* counter = std::get_if<arch::CounterShape>(&shape);
  if (counter != nullptr && counter->sparse) return "p4bpf_sparse_" + method.substr(6);
  if (counter == nullptr || !(counter->counts_packets || counter->counts_bytes)) return method;
  return method + (!counter->counts_bytes ? "_packets" : !counter->counts_packets ? "_bytes" : "_both");
}

/// What a packet counts for a meter.
c::ExprId Lowering::units(bool are_bytes) { return are_bytes ? packet_length() : num(1); }

/// Nanoseconds; where a lock is held those before it was taken, since time is told by a helper.
c::ExprId Lowering::now() { return held_ ? name(held_->now) : tree_.call("p4bpf_time_ns", {}); }

/// What such a function takes behind the method's own arguments.
void Lowering::add_sizes(const arch::InstanceShape& shape, ExternCall& made) {
  const auto* counter = std::get_if<arch::CounterShape>(&shape);
  if (counter != nullptr && counter->counts_bytes) made.arguments.push_back(units(true));
  if (const auto* meter = std::get_if<arch::MeterShape>(&shape)) {
    made.arguments.push_back(units(meter->counts_bytes));
    made.arguments.push_back(now());
  }
  const auto* cells = std::get_if<arch::RegisterShape>(&shape);
  if (cells != nullptr && cells->bits > 64) made.arguments.push_back(num((cells->bits + 7) / 8));
}

/// The C function of a row, with the variable that it asks for.
std::string Lowering::function_of(const arch::CLowering& lowering) {
  if (lowering.function == "p4bpf_timestamp" && !uses_start_) {
    uses_start_ = true;
    declarations_.push_back(c::Global{"u64", "p4bpf_start_ns", "0"});
  }
  return std::string(lowering.function);
}

/// The C function of a row, and what it takes in front of the method's own arguments; false if there is none yet.
bool Lowering::begin_call(const ir::CallExtern& s, const arch::CLowering& lowering, std::string& callee,
                          ExternCall& made) {
  using Kind = arch::CLowering::Kind;
  callee = function_of(lowering);
  made.in_network_order = lowering.kind == Kind::kNetworkOrder;
  if (lowering.kind == Kind::kWithContext || lowering.kind == Kind::kPerfEvent)
    made.arguments.push_back(name("context"));
  if (lowering.kind == Kind::kOnInstanceMap) {
    const Instance& instance = instances_.at(s.instance);
    if (instance.map.empty()) return false;
    callee = method_of(instance.shape, callee);
    if (const auto* cells = std::get_if<arch::RegisterShape>(&instance.shape)) {
      made.arguments = {cells_of(s.instance), num(cells->size)};
    } else if (const auto* meter = std::get_if<arch::MeterShape>(&instance.shape)) {
      made.arguments = {cells_of(s.instance), num(meter->size)};
    } else {
      made.arguments.push_back(tree_.address(name(instance.map)));
    }
  }
  if (lowering.kind == Kind::kPerfEvent) {
    uses_perf_events_ = true;
    made.arguments.push_back(tree_.address(name("p4bpf_events")));
    made.arguments.push_back(tree_.call("p4bpf_" + std::string(hook_->kind) + "_length", {name("context")}));
  }
  return true;
}

void Lowering::call_extern(const ir::CallExtern& s) {
  const ir::ExternFunction& function = program_[s.function];
  ExternCall made;
  std::string callee;
  const arch::ExternRow* row = function.is_user ? nullptr : arch::find_extern(program_, function);
  if (!function.is_user && !row) {
    unsupported(span_, fmt::format("extern `{}` is not part of this architecture", function.name));
    return;
  }
  if (row) {
    using Kind = arch::CLowering::Kind;
    if (row->lowering.kind == Kind::kChecksum) return update_checksum(s, row->lowering.function);
    if (row->lowering.kind == Kind::kHash || row->lowering.kind == Kind::kHashWithPayload)
      return call_hash(s, row->lowering.kind == Kind::kHashWithPayload);
    if (row->lowering.kind == Kind::kDigest) return send_digest(s);
    if (s.instance && std::holds_alternative<arch::DirectShape>(instances_.at(s.instance).shape))
      return read_direct_meter(s);
    if (!begin_call(s, row->lowering, callee, made)) {
      if (s.instance && std::holds_alternative<arch::RegisterShape>(instances_.at(s.instance).shape))
        return;  // refused where it is made
      return unsupported(span_, fmt::format("`{}` is not supported in generated code yet", function.name));
    }
  } else {
    callee = function.name;
    if (s.instance) {
      unsupported(
          span_, fmt::format("`{}` is a method of an extern object, which cannot be supplied in C yet", function.name));
      return;
    }
    if (options_.missing_externs == MissingExterns::kTrap) {
      uses_missing_extern_ = true;
      assign(name("p4bpf_missing_extern"), num(s.function.index() + 1));
      emit(c::Return{name(std::string(hook_->aborted))});
      return;
    }
  }
  for (const ir::ExternArgument& argument : s.arguments) extern_argument(argument, made);
  if (s.instance) add_sizes(instances_.at(s.instance).shape, made);
  const ir::Type result_type = function.result.value_or(ir::Type{});
  const bool has_result = function.result.has_value() && result_type.width != 0;
  std::string wide_result;
  if (has_result && result_type.width > 64) {
    // A wide result comes back through a last pointer.
    wide_result = names_.make("result");
    emit(c::Declare{"u8", wide_result, (result_type.width + 7) / 8, {}});
    made.arguments.push_back(name(wide_result));
    made.types.push_back("u8 *");
  }
  if (function.is_user) declare_user_extern(s.function, made, has_result && wide_result.empty());
  const Moved* const elsewhere = moved(s);
  if (elsewhere != nullptr && elsewhere->value.empty()) return call_later(*elsewhere, callee, made.arguments);
  const c::ExprId called = elsewhere != nullptr ? name(elsewhere->value) : tree_.call(callee, made.arguments);
  if (s.result && has_result && wide_result.empty()) {
    const std::string result = names_.make("result");
    const std::uint32_t width = result_type.width;
    emit(c::Declare{c_type(width), result, {}, called});
    const c::ExprId value = mask(tree_.cast(width <= 32 ? "u32" : "u64", name(result)), width);
    if (made.in_network_order && has_order(result_type)) {
      assign_net(s.result, value);
    } else {
      assign_host(s.result, value);
    }
  } else {
    emit(c::Eval{called});
  }
  if (s.result && !wide_result.empty()) {
    const std::uint32_t width = result_type.width;
    const std::string value = wide_temp(width);
    call("p4bpf_wide_load_bytes", {name(value), num(limbs(width)), name(wide_result), num((width + 7) / 8)});
    call("p4bpf_wide_mask", {name(value), num(limbs(width)), num(width)});
    assign_wide(s.result, value);
  }
  for (const auto& step : made.after) step();
}

void Lowering::declare_user_extern(ir::ExternFunctionId id, const ExternCall& call_shape, bool has_result) {
  const ir::ExternFunction& function = program_[id];
  if (!declared_externs_.insert(function.name).second) return;
  std::string result = "void";
  if (has_result)
    result = function.result->is_signed ? fmt::format("s{}", c_size(function.result->width) * 8)
                                        : c_type(function.result->width);
  std::string text = result + " " + function.name + "(";
  for (std::size_t i = 0; i < call_shape.types.size(); ++i) text += (i ? ", " : "") + call_shape.types[i];
  // `static`, so that the C compiler says which bodies are missing (object/c_compiler.cpp); the files that hold them
  // are part of the same translation unit.
  declarations_.push_back(c::Prototype{"static " + text + (call_shape.types.empty() ? "void)" : ")"), function.span});
}

}  // namespace p4bpf::codegen
