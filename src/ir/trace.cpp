// Putting the calls in (trace.h).
#include "ir/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>

#include "ir/builder.h"
#include "ir/printer.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

using Kind = TracePoint::Kind;
using Packet = TracePoint::Packet;

constexpr const char* kFunction = "$trace";

class Inserter {
 public:
  Inserter(Program& program, TraceDetail detail)
      : program_(program),
        all_(detail == TraceDetail::kAll),
        only_tables_(detail == TraceDetail::kTables),
        build_(program, program.entry) {
    using Direction = ExternArgument::Direction;
    function_ = program.extern_functions.add(
        {kFunction, {{"point", Direction::kIn}, {"values", Direction::kIn}}, {}, false, {}});
  }

  std::vector<TracePoint> run() {
    for (std::size_t i = 0; i < program_.parsers.size(); ++i) {
      for (const State& state : program_[ParserId(i)].states) walk(state);
    }
    in_parser_ = false;
    walk(program_.entry);
    TracePoint begin = point(Kind::kPass, {}, "");
    begin.packet = Packet::kBytes;
    put_first(program_.entry, record(std::move(begin), {}));
    return std::move(points_);
  }

 private:
  using Named = std::vector<std::pair<std::string, ExprId>>;

  static TracePoint point(Kind kind, Span span, std::string subject) {
    TracePoint made;
    made.kind = kind;
    made.span = span;
    made.subject = std::move(subject);
    return made;
  }
  Stmt record(TracePoint made, const Named& values) {
    const Span span = made.span;
    ExternStruct data;
    for (const auto& [name, value] : values) {
      made.values.push_back({name, program_[value].type});
      data.names.push_back(name);
      data.fields.push_back({ExternArgument::Direction::kIn, value});
    }
    const ExprId number = build_.constant(Type::bits(32), points_.size());
    if (in_parser_) last_ = points_.size();
    points_.push_back(std::move(made));
    return {span,
            CallExtern{function_,
                       {},
                       {{ExternArgument::Direction::kIn, number}, {ExternArgument::Direction::kIn, std::move(data)}},
                       {}}};
  }
  void put(TracePoint made, const Named& values = {}) {
    if (is_wanted(made.kind)) made_->push_back(record(std::move(made), values));
  }
  bool is_wanted(Kind kind) const {
    constexpr Kind kTables[] = {Kind::kError,   Kind::kParsed,      Kind::kKeys,   Kind::kAction,
                                Kind::kNewPass, Kind::kReplication, Kind::kVerdict};
    return !only_tables_ || std::find(std::begin(kTables), std::end(kTables), kind) != std::end(kTables);
  }
  void put_first(BlockId block, Stmt stmt) {
    std::vector<Stmt>& statements = program_.blocks.edit(block).statements;
    statements.insert(statements.begin(), std::move(stmt));
  }

  /// The header's name; the run-time index of a stack's element becomes the next of `values`.
  std::string name_of(const HeaderRef& ref, Named& values) const {
    if (ref.header) return program_[ref.header].name;
    values.emplace_back("index", ref.index);
    return program_[ref.stack].name + std::string(kIndex);
  }

  void walk(const State& state) {
    in_parser_ = true;
    last_.reset();
    first_read_ = {};
    const std::size_t first = points_.size();
    walk(state.body);
    if (is_wanted(Kind::kState)) {
      put_first(state.body, record(point(Kind::kState, state.span, state.name), {}));
      // This record is made last, but comes first.
      points_.back().next_read = first_read_;
    }
    for (std::size_t i = first; i < points_.size(); ++i) points_[i].next_select = state.transition.span;
  }

  /// Something that fails where the packet is too short.
  void note_read(Span span) {
    Span& at = last_ ? points_[*last_].next_read : first_read_;
    if (!at) at = span;
  }

  void walk(BlockId block) {
    const std::vector<Stmt> statements = program_[block].statements;
    std::vector<Stmt>* const outer = made_;
    std::vector<Stmt> made;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      made_ = &made;
      at_ = &statements[i];
      std::visit([&](const auto& s) { before(s, statements, i); }, statements[i].node);
      made.push_back(statements[i]);
      for_each_block(statements[i], [&](BlockId inner) { walk(inner); });
      made_ = &made;
      at_ = &statements[i];
      if (auto* const apply = std::get_if<ApplyTable>(&made.back().node)) {
        note_actions(*apply);
      } else {
        std::visit([&](const auto& s) { after(s); }, statements[i].node);
      }
    }
    made_ = outer;
    program_.blocks.edit(block).statements = std::move(made);
  }

  // ---- in front of a statement, since it changes what is told or ends the way
  template <class S>
  void before(const S&, const std::vector<Stmt>&, std::size_t) {}

  void before(const Assign& s, const std::vector<Stmt>&, std::size_t) {
    const Type& type = program_[s.target].type;
    const bool is_field = std::holds_alternative<FieldRef>(program_[s.target].node);
    if (type.width == 0 || !(is_field || all_)) return;
    TracePoint made = point(Kind::kAssign, at_->span, print(program_, s.target));
    made.is_change = is_field;
    if (type.kind == Type::Kind::kVarbit) return put(std::move(made));
    put(std::move(made), {{"old", s.target}, {"new", s.value}});
  }
  void before(const ApplyTable& s, const std::vector<Stmt>&, std::size_t) {
    const Table& table = program_[s.table];
    if (table.keys.empty()) return;
    TracePoint made = point(Kind::kKeys, at_->span, table.name);
    made.table = s.table;
    Named keys;
    for (std::size_t i = 0; i < table.keys.size(); ++i) keys.emplace_back(table.keys[i].name, s.keys[i]);
    put(std::move(made), keys);
  }
  void before(const CallExtern& s, const std::vector<Stmt>&, std::size_t) {
    written_.clear();
    if (only_tables_) return;
    for (const ExternArgument& argument : s.arguments) {
      const auto* const target = std::get_if<ExprId>(&argument.value);
      if (target == nullptr || argument.direction == ExternArgument::Direction::kIn) continue;
      const Type& type = program_[*target].type;
      if (!std::holds_alternative<FieldRef>(program_[*target].node) || type.width == 0 ||
          type.kind == Type::Kind::kVarbit)
        continue;
      const VarId old = build_.var("old " + print(program_, *target), type);
      written_.emplace_back(*target, old);
      made_->push_back({at_->span, Assign{build_.ref(old), *target}});
    }
  }
  void before(const Extract&, const std::vector<Stmt>&, std::size_t) { note_read(at_->span); }
  void before(const Require&, const std::vector<Stmt>&, std::size_t) { note_read(at_->span); }
  void before(const Advance& s, const std::vector<Stmt>&, std::size_t) {
    if (all_) put(point(Kind::kOther, at_->span, "advance by bits"), {{"bits", s.bits}});
    note_read(at_->span);
  }
  void before(const Reject& s, const std::vector<Stmt>&, std::size_t) {
    put(point(Kind::kError, at_->span, ""), {{"error", s.error}});
  }
  void before(const Emit& s, const std::vector<Stmt>&, std::size_t) {
    if (!all_) return;
    Named values;
    const std::string name = name_of(s.header, values);
    values.emplace_back("valid", build_.is_valid(s.header));
    put(point(Kind::kOther, at_->span, "emit " + name), values);
  }
  void before(const Truncate& s, const std::vector<Stmt>&, std::size_t) {
    if (all_) put(point(Kind::kOther, at_->span, "truncate to bytes"), {{"bytes", s.bytes}});
  }
  /// What makes copies and the verdict behind it stay together: code generation looks at them as one.
  void before(const NewPass&, const std::vector<Stmt>& statements, std::size_t at) {
    if (at != 0 && std::holds_alternative<NewPass>(statements[at - 1].node)) return;
    for (; at < statements.size(); ++at) {
      at_ = &statements[at];
      if (const auto* const verdict = std::get_if<Verdict>(&at_->node)) return put(*verdict);
      const auto* const pass = std::get_if<NewPass>(&at_->node);
      if (pass == nullptr) return;
      put(*pass);
    }
  }
  void before(const Verdict& s, const std::vector<Stmt>& statements, std::size_t at) {
    if (at == 0 || !std::holds_alternative<NewPass>(statements[at - 1].node)) put(s);
  }
  void put(const NewPass& s) {
    if (s.replication) {
      TracePoint made = point(Kind::kReplication, at_->span, "");
      made.replication = s.replication->kind;
      return put(std::move(made), {{"id", s.replication->id}});
    }
    TracePoint made = point(Kind::kNewPass, at_->span, "");
    if (s.is_original)
      return put(std::move(made), {{"length", build_.expr(Type::bits(32), IntrinsicRef{Intrinsic::kPacketLength})}});
    made.packet = Packet::kLength;
    put(std::move(made));
  }
  void put(const Verdict& s) {
    TracePoint made = point(Kind::kVerdict, at_->span, "");
    made.verdict = s.kind;
    // Of a packet that is dropped nobody says what it would look like.
    if (s.kind != VerdictKind::kDrop && s.kind != VerdictKind::kAborted) made.packet = Packet::kBytes;
    Named values;
    if (s.kind == VerdictKind::kRedirect) values.emplace_back("port", s.port);
    put(std::move(made), values);
  }

  // ---- behind it, since it must have been done
  template <class S>
  void after(const S&) {}

  void after(const SetValid& s) { put(Kind::kValid, s.header); }
  void after(const SetInvalid& s) { put(Kind::kInvalid, s.header); }
  void put(Kind kind, const HeaderRef& header) {
    Named values;
    const std::string name = name_of(header, values);
    put(point(kind, at_->span, name), values);
  }
  void after(const CopyHeader& s) {
    Named values;
    TracePoint made = point(Kind::kCopyHeader, at_->span, name_of(s.target, values));
    made.source = name_of(s.source, values);
    put(std::move(made), values);
  }
  void after(const ShiftStack& s) {
    TracePoint made = point(Kind::kOther, at_->span,
                            fmt::format("{} of {} by {}", s.count > 0 ? "push_front" : "pop_front",
                                        program_[s.stack].name, std::abs(s.count)));
    made.is_change = true;
    put(std::move(made));
  }
  void after(const Extract& s) {
    Named values;
    TracePoint made = point(Kind::kExtract, at_->span, name_of(s.header, values));
    const HeaderType& type = build_.header_type(s.header);
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      if (type.varbit_field == i) values.emplace_back("length", build_.expr(Type::bits(32), VarbitLength{s.header}));
      values.emplace_back(type.fields[i].name, build_.field(s.header, i));
    }
    put(std::move(made), values);
  }
  void after(const Require&) { put(point(Kind::kRead, at_->span, "")); }
  void after(const Advance&) { put(point(Kind::kRead, at_->span, "")); }
  void after(const RunParser& s) {
    const Parser& parser = program_[s.parser];
    put(point(Kind::kParsed, at_->span, parser.name),
        {{"accepted", build_.ref(parser.accepted)}, {"error", build_.ref(parser.error)}});
  }
  void after(const CallExtern& s) {
    // What it has written stands in the statements' order behind it.
    for (const auto& [target, old] : std::exchange(written_, {})) {
      TracePoint made = point(Kind::kAssign, at_->span, print(program_, target));
      made.is_change = true;
      put(std::move(made), {{"old", build_.ref(old)}, {"new", target}});
    }
    if (!all_) return;
    const std::string object = s.instance ? program_[s.instance].name + " " : "";
    TracePoint made = point(Kind::kOther, at_->span, fmt::format("call {}{}", object, program_[s.function].name));
    const bool has_value =
        s.result && program_[s.result].type.width != 0 && program_[s.result].type.kind != Type::Kind::kVarbit;
    put(std::move(made), has_value ? Named{{"result", s.result}} : Named{});
  }
  void after(const AddEntry& s) {
    if (!all_) return;
    TracePoint made = point(Kind::kAddEntry, at_->span, program_[s.table].name);
    made.table = s.table;
    made.action = s.action;
    put(std::move(made), s.result ? Named{{"result", s.result}} : Named{});
  }

  /// Which action runs is told where it begins. Of a value set: behind it.
  void note_actions(ApplyTable& s) {
    const Table& table = program_[s.table];
    if (!s.hit) s.hit = build_.var("hit of " + table.name, Type::boolean());
    const ExprId hit = build_.ref(s.hit);
    const auto made_for = [&](std::size_t action) {
      TracePoint made = point(Kind::kAction, at_->span, table.name);
      made.table = s.table;
      made.action = action;
      return made;
    };
    for (std::size_t i = 0; i < s.bodies.size(); ++i) {
      Named values = {{"hit", hit}};
      for (std::size_t p = 0; p < s.bodies[i].params.size(); ++p)
        values.emplace_back(table.actions[i].params[p].name, build_.ref(s.bodies[i].params[p]));
      put_first(s.bodies[i].body, record(made_for(i), values));
    }
    if (s.bodies.empty()) put(made_for(table.actions.size()), {{"hit", hit}});
  }

  Program& program_;
  bool all_, only_tables_;
  Builder build_;
  ExternFunctionId function_;
  std::vector<TracePoint> points_;
  std::vector<Stmt>* made_ = nullptr;              // the block that is being written
  const Stmt* at_ = nullptr;                       // the statement of the program at hand
  std::vector<std::pair<ExprId, VarId>> written_;  // by the call at hand: fields, and what they held before
  bool in_parser_ = false;
  std::optional<std::size_t> last_;  // point of the state at hand
  Span first_read_;
};

}  // namespace

bool is_trace(const Program& program, const CallExtern& call) { return program[call.function].name == kFunction; }

std::size_t point_of(const Program& program, const CallExtern& call) {
  return static_cast<std::size_t>(std::get<Const>(program[std::get<ExprId>(call.arguments[0].value)].node).value);
}

std::vector<ExprId> traced_values(const CallExtern& call) {
  std::vector<ExprId> values;
  for (const ExternArgument& one : std::get<ExternStruct>(call.arguments[1].value).fields)
    values.push_back(std::get<ExprId>(one.value));
  return values;
}

std::vector<TracePoint> insert_trace(Program& program, TraceDetail detail) { return Inserter(program, detail).run(); }

}  // namespace p4bpf::ir
