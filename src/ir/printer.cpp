// The IR as text close to P4. Names that occur more than once among variables or labels get `#2`, `#3`, ... so that the
// text is unambiguous; only the variables and headers that the text mentions are declared.
#include "ir/printer.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace p4bpf::ir {
namespace {

constexpr std::string_view kOperators[] = {"*", "/", "%",  "+",  "-", "|+|", "|-|", "<<", ">>", "<=", ">=",
                                           "<", ">", "!=", "==", "&", "^",   "|",   "++", "&&", "||"};
constexpr std::string_view kMatchKinds[] = {"exact", "lpm", "ternary", "range", "optional", "selector"};
constexpr std::string_view kVerdicts[] = {"drop", "pass", "tx", "redirect", "aborted"};

std::string number(const BigInt& value) {
  if (value < 0) return "-" + number(-value);
  return value < 10 ? value.str() : to_hex(value);
}

class Printer {
 public:
  explicit Printer(const Program& program) : program_(program) {
    number_names(program.vars, var_names_);
    number_names(program.labels, label_names_);
  }

  std::string type(const Type& type) const;
  std::string expr(ExprId id);
  void block(BlockId id, int indent);
  void parser(const Parser& parser);
  void table(const Table& table);
  /// Declarations of what has been mentioned so far.
  std::string declarations() const;
  std::string take() { return std::move(out_); }

 private:
  template <class Node>
  static void number_names(const Arena<Node>& nodes, std::vector<std::string>& names) {
    std::map<std::string_view, int> seen;
    for (const Node& node : nodes) {
      const int count = ++seen[node.name];
      names.push_back(count == 1 ? node.name : fmt::format("{}#{}", node.name, count));
    }
  }
  const std::string& name(VarId id) {
    used_vars_.insert(id);
    return var_names_.at(id.index());
  }
  const std::string& name(LabelId id) const { return label_names_.at(id.index()); }
  std::string ref(const HeaderRef& ref);
  std::string constant(const Type& type, const BigInt& value) const;
  std::string operand(ExprId id);
  std::string list(const std::vector<ExprId>& exprs);
  std::string argument(const ExternArgument& argument, bool with_direction);
  std::string match(const KeyMatch& match) const;
  std::string matches(const std::vector<KeyMatch>& matches) const;
  void line(int indent, std::string_view text) {
    out_ += std::string(static_cast<std::size_t>(indent) * 2, ' ') + std::string(text) + "\n";
  }
  void statement(const Stmt& stmt, int indent);
  void nested(int indent, std::string_view head, BlockId body);
  void print_if(const If& s, int indent);
  void print_switch(const Switch& s, int indent);
  void print_apply(const ApplyTable& s, int indent);
  void print_transition(const Parser& parser, const Transition& transition);
  std::string call(const CallExtern& s);
  std::string new_pass(const NewPass& s);

  const Program& program_;
  std::string out_;
  std::vector<std::string> var_names_, label_names_;
  std::set<VarId> used_vars_;
  std::set<HeaderId> used_headers_;
  std::set<StackId> used_stacks_;
};

std::string Printer::type(const Type& type) const {
  switch (type.kind) {
    case Type::Kind::kBits:
      return fmt::format("{}<{}>", type.is_signed ? "int" : "bit", type.width);
    case Type::Kind::kBool:
      return "bool";
    case Type::Kind::kError:
      return "error";
    case Type::Kind::kEnum:
      return program_[type.enum_type].name;
    case Type::Kind::kVarbit:
      return fmt::format("varbit<{}>", type.width);
    case Type::Kind::kString:
      break;
  }
  return "string";
}

std::string Printer::constant(const Type& type, const BigInt& value) const {
  switch (type.kind) {
    case Type::Kind::kBool:
      return value == 0 ? "false" : "true";
    case Type::Kind::kError:
      return value < program_.errors.size() ? "error." + program_.errors[static_cast<std::size_t>(value)]
                                            : number(value);
    case Type::Kind::kEnum: {
      const EnumType& enumeration = program_[type.enum_type];
      if (value >= enumeration.members.size()) return number(value);
      return enumeration.name + "." + enumeration.members[static_cast<std::size_t>(value)];
    }
    default:
      return fmt::format("{}{}{}{}", value < 0 ? "-" : "", type.width, type.is_signed ? "s" : "w", number(abs(value)));
  }
}

std::string Printer::ref(const HeaderRef& ref) {
  if (ref.header) {
    used_headers_.insert(ref.header);
    return program_[ref.header].name;
  }
  used_stacks_.insert(ref.stack);
  return fmt::format("{}[{}]", program_[ref.stack].name, expr(ref.index));
}

/// In parentheses where it is more than a name or a call.
std::string Printer::operand(ExprId id) {
  const bool is_compound = std::holds_alternative<Binary>(program_[id].node);
  return is_compound ? "(" + expr(id) + ")" : expr(id);
}

std::string Printer::expr(ExprId id) {
  const Expr& e = program_[id];
  return std::visit(Match{
                        [&](const Const& n) { return constant(e.type, n.value); },
                        [&](const StringConst& n) { return "\"" + n.value + "\""; },
                        [&](const VarRef& n) { return name(n.var); },
                        [&](const FieldRef& n) {
                          const HeaderTypeId header =
                              n.header.header ? program_[n.header.header].type : program_[n.header.stack].type;
                          return ref(n.header) + "." + program_[header].fields.at(n.field).name;
                        },
                        [&](const IsValid& n) { return ref(n.header) + ".isValid()"; },
                        [&](const Unary& n) {
                          constexpr std::string_view kSigns[] = {"!", "~", "-"};
                          return std::string(kSigns[static_cast<std::size_t>(n.op)]) + operand(n.operand);
                        },
                        [&](const Binary& n) {
                          return fmt::format("{} {} {}", operand(n.left), kOperators[static_cast<std::size_t>(n.op)],
                                             operand(n.right));
                        },
                        [&](const Cast& n) { return fmt::format("({}){}", type(e.type), operand(n.operand)); },
                        [&](const Slice& n) { return fmt::format("{}[{}:{}]", operand(n.operand), n.hi, n.lo); },
                        [&](const Mux& n) {
                          return fmt::format("({} ? {} : {})", operand(n.condition), operand(n.yes), operand(n.no));
                        },
                        [&](const Peek& n) { return fmt::format("peek<{}>({})", type(e.type), n.bit_offset); },
                        [&](const IntrinsicRef& n) {
                          return std::string(n.intrinsic == Intrinsic::kIngressPort ? "ingress_port" : "packet_length");
                        },
                        [&](const VarbitLength& n) { return ref(n.header) + ".varbitLength()"; },
                        [&](const Carried& n) { return fmt::format("carried[{}]", n.index); },
                    },
                    e.node);
}

std::string Printer::list(const std::vector<ExprId>& exprs) {
  std::string out;
  for (const ExprId one : exprs) out += (out.empty() ? "" : ", ") + expr(one);
  return out;
}

std::string Printer::argument(const ExternArgument& argument, bool with_direction) {
  std::string out;
  if (with_direction && argument.direction == ExternArgument::Direction::kOut) out = "out ";
  if (with_direction && argument.direction == ExternArgument::Direction::kInout) out = "inout ";
  std::visit(Match{
                 [&](const ExprId& id) { out += expr(id); },
                 [&](const HeaderRef& header) { out += ref(header); },
                 [&](const ExternStruct& fields) {
                   std::string inside;
                   for (const ExternArgument& one : fields.fields) {
                     inside += (inside.empty() ? "" : ", ") + this->argument(one, false);
                   }
                   out += "{" + inside + "}";
                 },
             },
             argument.value);
  return out;
}

std::string Printer::call(const CallExtern& s) {
  std::string called = program_[s.function].name;
  if (s.instance) {
    const std::size_t dot = called.rfind('.');
    called = program_[s.instance].name + "." + (dot == std::string::npos ? called : called.substr(dot + 1));
  }
  std::string arguments;
  for (const ExternArgument& one : s.arguments) arguments += (arguments.empty() ? "" : ", ") + argument(one, true);
  return fmt::format("{}{}({});", s.result ? expr(s.result) + " = " : "", called, arguments);
}

void Printer::nested(int indent, std::string_view head, BlockId body) {
  line(indent, std::string(head) + (head.empty() ? "{" : " {"));
  block(body, indent + 1);
}

void Printer::print_if(const If& s, int indent) {
  nested(indent, fmt::format("if ({})", expr(s.condition)), s.then_block);
  if (s.else_block) nested(indent, "} else", s.else_block);
  line(indent, "}");
}

void Printer::print_switch(const Switch& s, int indent) {
  line(indent, fmt::format("switch ({}) {{", expr(s.subject)));
  for (const SwitchCase& one : s.cases) {
    std::string values;
    for (const BigInt& value : one.values) values += (values.empty() ? "" : ", ") + number(value);
    nested(indent + 1, values + ":", one.body);
    line(indent + 1, "}");
  }
  if (s.default_body) {
    nested(indent + 1, "default:", s.default_body);
    line(indent + 1, "}");
  }
  line(indent, "}");
}

void Printer::print_apply(const ApplyTable& s, int indent) {
  const Table& table = program_[s.table];
  std::string results;
  if (s.hit) results += "hit " + name(s.hit) + " ";
  if (s.action_run) results += "action_run " + name(s.action_run) + " ";
  const std::string head =
      fmt::format("{}.apply({}){}", table.name, list(s.keys), results.empty() ? "" : " -> " + results);
  if (s.bodies.empty()) return line(indent, (results.empty() ? head : head.substr(0, head.size() - 1)) + ";");
  line(indent, head + (results.empty() ? " {" : "{"));
  for (std::size_t i = 0; i < s.bodies.size(); ++i) {
    std::string params;
    for (const VarId param : s.bodies[i].params) params += (params.empty() ? "" : ", ") + name(param);
    nested(indent + 1, fmt::format("{}({}):", i < table.actions.size() ? table.actions[i].name : "?", params),
           s.bodies[i].body);
    line(indent + 1, "}");
  }
  line(indent, "}");
}

/// "new_pass original to clone session(5: port 1, instance 2) {0: 1, 3: meta.x};"
std::string Printer::new_pass(const NewPass& s) {
  std::string values;
  for (const NewPass::Value& one : s.values) {
    values += fmt::format("{}{}: {}", values.empty() ? "" : ", ", one.carried, expr(one.value));
  }
  std::string to;
  if (s.replication) {
    to = fmt::format(" to {}({}: port {}, instance {})",
                     s.replication->kind == Replication::Kind::kClone ? "clone session" : "multicast group",
                     expr(s.replication->id), s.replication->port, s.replication->instance);
  }
  return fmt::format("new_pass{}{} {{{}}};", s.is_original ? " original" : "", to, values);
}

void Printer::statement(const Stmt& stmt, int indent) {
  const auto say = [&](const std::string& text) { line(indent, text); };
  std::visit(Match{
                 [&](const Assign& s) { say(expr(s.target) + " = " + expr(s.value) + ";"); },
                 [&](const SetValid& s) { say(ref(s.header) + ".setValid();"); },
                 [&](const SetInvalid& s) { say(ref(s.header) + ".setInvalid();"); },
                 [&](const CopyHeader& s) { say(ref(s.target) + " = " + ref(s.source) + ";"); },
                 [&](const ShiftStack& s) {
                   used_stacks_.insert(s.stack);
                   say(fmt::format("{}.{}({});", program_[s.stack].name, s.count >= 0 ? "push_front" : "pop_front",
                                   std::abs(s.count)));
                 },
                 [&](const If& s) { print_if(s, indent); },
                 [&](const Switch& s) { print_switch(s, indent); },
                 [&](const Region& s) { nested(indent, name(s.label) + ":", s.body), say("}"); },
                 [&](const Leave& s) { say("leave " + name(s.label) + ";"); },
                 [&](const Loop& s) { nested(indent, name(s.label) + ": loop", s.body), say("}"); },
                 [&](const ApplyTable& s) { print_apply(s, indent); },
                 [&](const AddEntry& s) {
                   const Table& table = program_[s.table];
                   say(fmt::format("{}{}.add({}({}));", s.result ? expr(s.result) + " = " : "", table.name,
                                   table.actions[s.action].name, list(s.arguments)));
                 },
                 [&](const CallExtern& s) { say(call(s)); },
                 [&](const Extract& s) {
                   say(fmt::format("extract({}{});", ref(s.header), s.varbit_bits ? ", " + expr(s.varbit_bits) : ""));
                 },
                 [&](const Advance& s) { say(fmt::format("advance({});", expr(s.bits))); },
                 [&](const Require& s) { say(fmt::format("require({});", s.bits)); },
                 [&](const Reject& s) { say(fmt::format("reject({});", expr(s.error))); },
                 [&](const RunParser& s) { say(fmt::format("run_parser({});", program_[s.parser].name)); },
                 [&](const Emit& s) { say(fmt::format("emit({});", ref(s.header))); },
                 [&](const Deparse& s) { nested(indent, "deparse", s.body), say("}"); },
                 [&](const Truncate& s) { say(fmt::format("truncate({});", expr(s.bytes))); },
                 [&](const NewPass& s) { say(new_pass(s)); },
                 [&](const Verdict& s) {
                   say(fmt::format("{}({}{});", kVerdicts[static_cast<std::size_t>(s.kind)], s.port ? expr(s.port) : "",
                                   s.priority ? ", priority = " + expr(s.priority) : ""));
                 },
             },
             stmt.node);
}

void Printer::block(BlockId id, int indent) {
  for (const Stmt& stmt : program_[id].statements) statement(stmt, indent);
}

std::string Printer::match(const KeyMatch& match) const {
  switch (match.kind) {
    case KeyMatch::Kind::kAny:
      break;
    case KeyMatch::Kind::kExact:
      return number(match.value);
    case KeyMatch::Kind::kMask:
      return number(match.value) + " &&& " + number(match.mask);
    case KeyMatch::Kind::kRange:
      return number(match.value) + " .. " + number(match.high);
    case KeyMatch::Kind::kPrefix:
      return fmt::format("{}/{}", number(match.value), match.prefix_length);
  }
  return "_";
}

std::string Printer::matches(const std::vector<KeyMatch>& matches) const {
  std::string out;
  for (const KeyMatch& one : matches) out += (out.empty() ? "" : ", ") + match(one);
  return matches.size() == 1 ? out : "(" + out + ")";
}

void Printer::print_transition(const Parser& parser, const Transition& transition) {
  const auto target = [&](const StateTarget& to) -> std::string {
    if (to.kind == StateTarget::Kind::kAccept) return "accept";
    if (to.kind == StateTarget::Kind::kReject) return "reject";
    return to.state < parser.states.size() ? parser.states[to.state].name : "?";
  };
  if (transition.keys.empty()) {
    return line(2, fmt::format("transition {};", transition.cases.empty() ? "?" : target(transition.cases[0].target)));
  }
  line(2, fmt::format("transition select({}) {{", list(transition.keys)));
  for (const SelectCase& one : transition.cases) line(3, matches(one.matches) + ": " + target(one.target) + ";");
  line(2, "}");
}

void Printer::parser(const Parser& parser) {
  line(0, fmt::format("parser {} -> {}, {} {{", parser.name, name(parser.accepted), name(parser.error)));
  for (std::size_t i = 0; i < parser.states.size(); ++i) {
    const State& state = parser.states[i];
    line(1, fmt::format("state {}{} {{", state.name, i == parser.start && state.name != "start" ? " /* start */" : ""));
    block(state.body, 2);
    print_transition(parser, state.transition);
    line(1, "}");
  }
  line(0, "}");
}

void Printer::table(const Table& table) {
  line(0, fmt::format("{} {} {{", table.is_value_set ? "value_set" : "table", table.name));
  for (const TableKey& key : table.keys) {
    line(1, fmt::format("key {}: {} {};", key.name, type(key.type), kMatchKinds[static_cast<std::size_t>(key.match)]));
  }
  const auto action_call = [&](std::size_t index, const std::vector<BigInt>& arguments) {
    std::string inside;
    for (const BigInt& one : arguments) inside += (inside.empty() ? "" : ", ") + number(one);
    return fmt::format("{}({})", index < table.actions.size() ? table.actions[index].name : "?", inside);
  };
  for (const Action& action : table.actions) {
    std::string params;
    for (const ActionParam& param : action.params) {
      params += fmt::format("{}{} {}", params.empty() ? "" : ", ", type(param.type), param.name);
    }
    line(1, fmt::format("{}{}action {}({});", action.default_only ? "@defaultonly " : "",
                        action.table_only ? "@tableonly " : "", action.name, params));
  }
  if (!table.actions.empty()) {
    line(1, fmt::format("{}default {};", table.default_is_const ? "const " : "",
                        action_call(table.default_action, table.default_arguments)));
  }
  for (const TableEntry& entry : table.entries) {
    line(1, fmt::format("{}entry {}{}: {};", entry.is_const ? "const " : "",
                        entry.priority != 0 ? fmt::format("priority={} ", entry.priority) : "", matches(entry.keys),
                        action_call(entry.action, entry.arguments)));
  }
  if (table.size) line(1, fmt::format("size {};", *table.size));
  if (table.implementation) line(1, fmt::format("implementation {};", program_[table.implementation].name));
  line(0, "}");
}

std::string Printer::declarations() const {
  std::string out;
  std::set<HeaderTypeId> types;
  std::set<HeaderId> headers = used_headers_;
  for (const StackId id : used_stacks_) headers.insert(program_[id].elements.begin(), program_[id].elements.end());
  for (const HeaderId id : headers) types.insert(program_[id].type);
  for (const HeaderTypeId id : types) {
    out += "header " + program_[id].name + " {";
    for (const HeaderField& field : program_[id].fields) out += fmt::format(" {} {};", type(field.type), field.name);
    out += " }\n";
  }
  for (const HeaderId id : headers) out += fmt::format("{} {};\n", program_[program_[id].type].name, program_[id].name);
  for (const VarId id : used_vars_) out += fmt::format("{} {};\n", type(program_[id].type), var_names_.at(id.index()));
  return out;
}

}  // namespace

std::string print(const Program& program, ExprId expr) { return Printer(program).expr(expr); }

std::string print(const Program& program, BlockId block, int indent) {
  Printer printer(program);
  printer.block(block, indent);
  return printer.take();
}

std::string print(const Program& program) {
  Printer printer(program);
  for (const Table& table : program.tables) printer.table(table);
  for (const Parser& parser : program.parsers) printer.parser(parser);
  std::string entry = "entry {\n";
  const std::string bodies = printer.take();
  if (program.entry) printer.block(program.entry, 1);
  entry += printer.take() + "}\n";
  std::string externs;
  for (const ExternInstance& instance : program.extern_instances) {
    externs += fmt::format("extern {} {};\n", instance.type_name, instance.name);
  }
  return printer.declarations() + externs + bodies + entry;
}

}  // namespace p4bpf::ir
