// C tree -> text.
#include "codegen/c_printer.h"

#include <fmt/format.h>

namespace p4bpf::codegen::c {
namespace {

/// C's levels of precedence as far as the tree uses them; a larger number binds tighter.
int precedence(const std::string& op) {
  if (op == "*" || op == "/" || op == "%") return 10;
  if (op == "+" || op == "-") return 9;
  if (op == "<<" || op == ">>") return 8;
  if (op == "<" || op == "<=" || op == ">" || op == ">=") return 7;
  if (op == "==" || op == "!=") return 6;
  if (op == "&") return 5;
  if (op == "^") return 4;
  if (op == "|") return 3;
  if (op == "&&") return 2;
  return 1;  // ||
}
constexpr int kPostfix = 12;
constexpr int kPrefix = 11;

struct Text {
  std::string text;
  int level;
};

class Printer {
 public:
  Printer(const Tree& tree, const SourceMap* sources) : tree_(tree), sources_(sources) {}

  std::string expr(ExprId id) { return lower(id).text; }

  std::string all() {
    if (!tree_.comment.empty()) line(0, "// " + tree_.comment);
    for (const TopLevel& item : tree_.items) std::visit([&](const auto& node) { top(node); }, item);
    return std::move(out_);
  }

 private:
  Text lower(ExprId id) {
    return std::visit(
        Match{
            [&](const Name& n) {
              return Text{n.text, kPostfix};
            },
            [&](const Number& n) {
              const std::string digits = n.value < 10 ? fmt::format("{}", n.value) : fmt::format("{:#x}", n.value);
              return Text{digits + (n.is_64 ? "ull" : "u"), kPostfix};
            },
            [&](const Unary& n) {
              return Text{n.op + at_least(n.operand, kPrefix), kPrefix};
            },
            [&](const Binary& n) { return binary(n); },
            [&](const Conditional& n) {
              return Text{at_least(n.condition, 1) + " ? " + at_least(n.yes, 0) + " : " + at_least(n.no, 0), 0};
            },
            [&](const Cast& n) {
              return Text{"(" + n.type + ")" + at_least(n.operand, kPrefix), kPrefix};
            },
            [&](const Call& n) {
              std::string text = n.callee + "(";
              for (std::size_t i = 0; i < n.arguments.size(); ++i) {
                text += (i ? ", " : "") + at_least(n.arguments[i], 0);
              }
              return Text{text + ")", kPostfix};
            },
            [&](const Member& n) {
              return Text{at_least(n.base, kPostfix) + (n.through_pointer ? "->" : ".") + n.name, kPostfix};
            },
            [&](const Index& n) {
              return Text{at_least(n.base, kPostfix) + "[" + at_least(n.index, 0) + "]", kPostfix};
            },
        },
        tree_.exprs[id].node);
  }

  Text binary(const Binary& n) {
    const int level = precedence(n.op);
    // Mixed operators get their parentheses even where C does not ask for them: gcc and clang warn, and so would a
    // reader.
    const auto side = [&](ExprId operand, bool is_right) {
      const auto* inner = std::get_if<Binary>(&tree_.exprs[operand].node);
      if (inner && inner->op != n.op && !(level <= 2 && precedence(inner->op) >= 6) &&
          !(n.op == "+" && inner->op == "*")) {
        return "(" + lower(operand).text + ")";
      }
      return at_least(operand, is_right ? level + 1 : level);
    };
    std::string left = side(n.left, false);
    return {left + " " + n.op + " " + side(n.right, true), level};
  }

  std::string at_least(ExprId id, int level) {
    Text text = lower(id);
    return text.level < level ? "(" + text.text + ")" : text.text;
  }

  void line(int indent, const std::string& text) {
    out_.append(static_cast<std::size_t>(indent) * 2, ' ');
    out_ += text;
    out_ += '\n';
    ++line_;
  }

  /// Makes the compiler believe that the next line of text stands where the P4 source has `span`.
  void point_at(Span span) {
    if (!sources_) return;
    if (span) here_ = sources_->position(span.begin);
    if (here_.line == 0 || (here_.line == line_ && here_.file == file_)) return;
    std::string quoted;
    for (const char ch : here_.file) {
      if (ch == '"' || ch == '\\') quoted += '\\';
      quoted += ch;
    }
    out_ += fmt::format("#line {} \"{}\"\n", here_.line, quoted);
    line_ = here_.line;
    file_ = here_.file;
  }

  void top(const Include& n) { line(0, n.is_system ? "#include <" + n.file + ">" : "#include \"" + n.file + "\""); }
  void top(const Prototype& n) {
    point_at(n.span);
    line(0, n.signature + ";");
  }
  static std::string field_text(const Field& field) {
    return field.type + (field.type.ends_with('*') ? "" : " ") + field.name +
           (field.elements ? fmt::format("[{}]", *field.elements) : "") + ";";
  }
  void top(const Struct& n) {
    line(0, "struct " + n.name + " {");
    for (const Field& field : n.fields) line(1, field_text(field));
    if (!n.groups.empty()) {
      line(1, "union {");
      for (const StructGroup& group : n.groups) {
        line(2, "struct {");
        for (const Field& field : group.fields) line(3, field_text(field));
        line(2, std::string("} ") + (n.alignment ? "__attribute__((packed)) " : "") + group.name + ";");
      }
      line(1, "};");
    }
    line(0, n.alignment ? fmt::format("}} __attribute__((packed, aligned({})));", n.alignment) : "};");
  }
  void top(const MapDefinition& n) {
    std::string text = n.macro + "(";
    for (std::size_t i = 0; i < n.arguments.size(); ++i) text += (i ? ", " : "") + n.arguments[i];
    line(0, text + ");");
  }
  /// A variable without a value would get its place where the code uses it first; all lie in this order.
  void top(const Global& n) { line(0, n.type + " " + n.name + " = " + (n.init.empty() ? "{0}" : n.init) + ";"); }
  void top(const Function& n) {
    out_ += '\n';
    ++line_;
    point_at(n.span);
    line(0, n.signature + " {");
    block(n.body, 1);
    line(0, "}");
  }

  void block(BlockId id, int indent) {
    for (const Stmt& stmt : tree_.blocks[id].statements) {
      point_at(stmt.span);
      std::visit([&](const auto& node) { statement(node, indent); }, stmt.node);
    }
  }
  void statement(const Declare& n, int indent) {
    line(indent, n.type + (n.type.ends_with('*') ? "" : " ") + n.name +
                     (n.elements ? fmt::format("[{}]", *n.elements) : "") +
                     (n.init       ? " = " + expr(n.init)
                      : n.elements ? " = {0}"
                                   : "") +
                     ";");
  }
  void statement(const Assign& n, int indent) { line(indent, expr(n.target) + " = " + expr(n.value) + ";"); }
  void statement(const Eval& n, int indent) { line(indent, expr(n.expr) + ";"); }
  void statement(const If& n, int indent) {
    line(indent, "if (" + expr(n.condition) + ") {");
    block(n.then_block, indent + 1);
    if (n.else_block && !tree_.blocks[n.else_block].statements.empty()) {
      line(indent, "} else {");
      block(n.else_block, indent + 1);
    }
    line(indent, "}");
  }
  void statement(const Switch& n, int indent) {
    line(indent, "switch (" + expr(n.subject) + ") {");
    for (const SwitchCase& one : n.cases) {
      for (const ExprId value : one.values) line(indent + 1, "case " + expr(value) + ":");
      if (one.values.empty()) line(indent + 1, "default:");
      line(indent + 1, "{");
      block(one.body, indent + 2);
      line(indent + 1, "} break;");
    }
    line(indent, "}");
  }
  void statement(const Goto& n, int indent) { line(indent, "goto " + n.label + ";"); }
  void statement(const Label& n, int indent) { line(indent - 1, n.name + ":;"); }
  void statement(const Return& n, int indent) { line(indent, "return " + expr(n.value) + ";"); }
  void statement(const Border&, int) {}
  void statement(const Scope& n, int indent) {
    line(indent, "{");
    block(n.body, indent + 1);
    line(indent, "}");
  }
  void statement(const Forever& n, int indent) {
    line(indent, "for (;;) {");
    block(n.body, indent + 1);
    line(indent, "}");
  }

  const Tree& tree_;
  const SourceMap* sources_;
  std::string out_;
  // Where the compiler believes the next line to be, and where the P4 source was last.
  std::uint32_t line_ = 1;
  std::string file_;
  Position here_;
};

}  // namespace

std::string print(const Tree& tree, const SourceMap& sources) { return Printer(tree, &sources).all(); }
std::string print(const Tree& tree, ExprId expr) { return Printer(tree, nullptr).expr(expr); }

}  // namespace p4bpf::codegen::c
