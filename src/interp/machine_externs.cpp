// Calls of externs: their arguments are gathered, the row of the architecture does the work, what it wrote goes back.
#include <fmt/format.h>

#include "arch/architecture.h"
#include "arch/meter.h"
#include "interp/machine.h"

namespace p4bpf::interp {

arch::ExternValue Machine::read_argument(const ir::ExternArgument& argument) const {
  arch::ExternValue out;
  std::visit(
      Match{
          [&](ir::ExprId id) {
            const ir::Expr& expr = program_[id];
            const Value read = value(id);
            out.value = read.number;
            out.width = expr.type.kind == ir::Type::Kind::kVarbit ? read.length : expr.type.width;
            if (const auto* text = std::get_if<ir::StringConst>(&expr.node)) out.text = text->value;
            if (expr.type.kind == ir::Type::Kind::kEnum) {
              const std::vector<std::string>& members = program_[expr.type.enum_type].members;
              if (read.number < members.size()) out.text = members[static_cast<std::size_t>(read.number)];
            }
          },
          [&](const ir::HeaderRef& ref) {
            const ir::HeaderType& type = header_type(ref);
            const HeaderState* header = find(ref);
            out.is_composite = true;
            out.is_valid = header != nullptr && header->is_valid;
            for (std::size_t i = 0; i < type.fields.size(); ++i) {
              arch::ExternValue field;
              const bool is_varbit = type.varbit_field == i;
              if (header != nullptr) field.value = header->fields[i].number;
              field.width = !is_varbit ? type.fields[i].type.width : header == nullptr ? 0 : header->fields[i].length;
              out.fields.push_back(std::move(field));
            }
          },
          [&](const ir::ExternStruct& fields) {
            out.is_composite = true;
            for (const ir::ExternArgument& field : fields.fields) out.fields.push_back(read_argument(field));
          },
      },
      argument.value);
  return out;
}

void Machine::write_back(const ir::ExternArgument& argument, const arch::ExternValue& written) {
  std::visit(Match{
                 [&](ir::ExprId id) {
                   if (argument.direction == ir::ExternArgument::Direction::kIn) return;
                   const ir::Type& type = program_[id].type;
                   const bool is_varbit = type.kind == ir::Type::Kind::kVarbit;
                   const std::uint32_t width = is_varbit ? written.width : type.width;
                   store(id, {wrap(written.value, width, type.is_signed), is_varbit ? width : 0});
                 },
                 [&](const ir::HeaderRef& ref) {
                   HeaderState* header = find(ref);
                   if (argument.direction == ir::ExternArgument::Direction::kIn || header == nullptr) return;
                   const ir::HeaderType& type = header_type(ref);
                   header->is_valid = written.is_valid;
                   for (std::size_t i = 0; i < type.fields.size() && i < written.fields.size(); ++i) {
                     const bool is_varbit = type.varbit_field == i;
                     const std::uint32_t width = is_varbit ? written.fields[i].width : type.fields[i].type.width;
                     header->fields[i] = {wrap(written.fields[i].value, width, type.fields[i].type.is_signed),
                                          is_varbit ? width : 0};
                   }
                 },
                 [&](const ir::ExternStruct& fields) {
                   for (std::size_t i = 0; i < fields.fields.size() && i < written.fields.size(); ++i) {
                     write_back(fields.fields[i], written.fields[i]);
                   }
                 },
             },
             argument.value);
}

/// What belongs to the entry that was hit; 0: to the default action, which has no meter.
void Machine::count_direct(const ir::Table& table, std::uint32_t handle) {
  const auto shape_of = [&](ir::ExternInstanceId id) {
    return std::get<arch::DirectShape>(arch::find_extern_type(program_, program_[id])->shape(program_[id]));
  };
  const std::size_t bytes = input_.pass.packet.size();
  if (table.direct_counter) {
    const arch::DirectShape shape = shape_of(table.direct_counter);
    std::vector<BigInt>& counts = input_.externs[table.direct_counter.index()].cells[handle];
    counts.resize(shape.counts_packets && shape.counts_bytes ? 2 : 1);
    if (shape.counts_packets) counts.front() = wrap(counts.front() + 1, 64, false);
    if (shape.counts_bytes) counts.back() = wrap(counts.back() + bytes, 64, false);
  }
  if (!table.direct_meter) return;
  std::vector<BigInt>& meter = input_.externs[table.direct_meter.index()].cells[handle];
  meter.resize(arch::kMeterValues);
  colors_[table.direct_meter] =
      handle == 0 ? 0
                  : arch::meter_color(meter, input_.options.clock(), shape_of(table.direct_meter).counts_bytes ? bytes : 1);
}

Machine::Flow Machine::run(const ir::CallExtern& s) {
  if (ir::is_trace(program_, s)) {
    std::vector<BigInt> values;
    for (const ir::ExprId one : ir::traced_values(s)) values.push_back(number(one));
    leave_record(ir::point_of(program_, s), std::move(values));
    return Flow::kNext;
  }
  const ir::ExternFunction& function = program_[s.function];
  const arch::ExternRow* row = arch::find_extern(program_, function);
  if (row == nullptr && !input_.options.user_extern) {
    return stop(fmt::format("the extern `{}` has a body in C only, which the interpreter cannot run", function.name));
  }
  arch::ExternContext context;
  if (s.instance) {
    context.instance = &program_[s.instance];
    context.state = &input_.externs[s.instance.index()];
  }
  for (const ir::ExternArgument& argument : s.arguments) context.arguments.push_back(read_argument(argument));
  if (const auto color = colors_.find(s.instance); color != colors_.end()) context.color = color->second;
  context.ingress_port = input_.port;
  context.now_ns = input_.options.clock();
  context.packet = &input_.pass.packet;
  context.effects = &effects_;
  context.payload = std::span(packet_).subspan(std::min<std::size_t>(cursor_ / 8, packet_.size()));
  context.random_bits = input_.options.random();
  const std::size_t effects_before = effects_.size();
  if (row != nullptr) {
    row->evaluate(context);
  } else if (const Result<void> done = input_.options.user_extern(s, context); !done) {
    return stop(done.error());
  }
  if (effects_.size() != effects_before) effects_.back().call = &s;
  for (std::size_t i = 0; i < s.arguments.size(); ++i) write_back(s.arguments[i], context.arguments[i]);
  if (s.result) {
    const ir::Type& type = program_[s.result].type;
    store(s.result, {wrap(context.result, type.width, type.is_signed), 0});
  }
  return Flow::kNext;
}

}  // namespace p4bpf::interp
