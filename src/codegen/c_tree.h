// The C syntax tree that lowering builds and the printer prints: the part of C that generated programs need, and no
// more. Every decision has been taken when it stands; the printer decides nothing but parentheses and `#line`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/source_map.h"

namespace p4bpf::codegen::c {

struct Expr;
struct Block;
using ExprId = Id<Expr>;
using BlockId = Id<Block>;

struct Name {
  std::string text;
};
/// An unsigned constant; `is_64` prints the ull suffix.
struct Number {
  std::uint64_t value;
  bool is_64;
};
struct Unary {
  std::string op;
  ExprId operand;
};
struct Binary {
  std::string op;
  ExprId left;
  ExprId right;
};
struct Conditional {
  ExprId condition;
  ExprId yes;
  ExprId no;
};
struct Cast {
  std::string type;
  ExprId operand;
};
struct Call {
  std::string callee;
  std::vector<ExprId> arguments;
};
/// `base.name` or `base->name`.
struct Member {
  ExprId base;
  std::string name;
  bool through_pointer;
};
struct Index {
  ExprId base;
  ExprId index;
};
struct Expr {
  std::variant<Name, Number, Unary, Binary, Conditional, Cast, Call, Member, Index> node;
};

/// `type name[elements] = init;`
struct Declare {
  std::string type;
  std::string name;
  std::optional<std::uint64_t> elements;
  ExprId init;  // may name nothing
};
struct Assign {
  ExprId target;
  ExprId value;
};
struct Eval {
  ExprId expr;
};
struct If {
  ExprId condition;
  BlockId then_block;
  BlockId else_block;  // may name nothing
};
/// Each case ends in a break of the printer's making.
struct SwitchCase {
  std::vector<ExprId> values;  // empty: default
  BlockId body;
};
struct Switch {
  ExprId subject;
  std::vector<SwitchCase> cases;
};
struct Goto {
  std::string label;
};
struct Label {
  std::string name;
};
struct Return {
  ExprId value;
};
/// Prints nothing: what is between two of them in a block may become a function (outline.h).
struct Border {};
/// `{ ... }`
struct Scope {
  BlockId body;
};
/// `for (;;) { ... }`
struct Forever {
  BlockId body;
};

/// `span` is the P4 text that the statement comes from; nowhere: that of the statement before.
struct Stmt {
  Span span;
  std::variant<Declare, Assign, Eval, If, Switch, Goto, Label, Return, Border, Scope, Forever> node;
};
struct Block {
  std::vector<Stmt> statements;
};

struct Field {
  std::string type;
  std::string name;
  std::optional<std::uint64_t> elements;
};
struct StructGroup {
  std::string name;
  std::vector<Field> fields;
};
/// `struct name { fields; union { groups }; }`. With `alignment` it is packed (the gaps are members) and aligned to
/// that.
struct Struct {
  std::string name;
  std::vector<Field> fields;
  std::vector<StructGroup> groups;
  std::uint32_t alignment = 0;
};
/// P4BPF_MAP and its like: a macro of p4bpf.h with arguments.
struct MapDefinition {
  std::string macro;
  std::vector<std::string> arguments;
};
/// `type name = { bytes }` written as text by the one who knows the layout.
struct Global {
  std::string type;
  std::string name;
  std::string init;  // may be empty
};
struct Include {
  std::string file;
  bool is_system = false;
};
/// A function; `signature` is all before the brace.
struct Function {
  std::string signature;
  Span span;
  BlockId body;
};
struct Prototype {
  std::string signature;
  Span span;  // where P4 declares it
};
using TopLevel = std::variant<Include, Struct, MapDefinition, Global, Prototype, Function>;

struct Tree {
  std::string comment;  // one line at the top
  Arena<Expr> exprs;
  Arena<Block> blocks;
  std::vector<TopLevel> items;

  ExprId name(std::string text) { return exprs.add({Name{std::move(text)}}); }
  ExprId number(std::uint64_t value, bool is_64 = false) { return exprs.add({Number{value, is_64}}); }
  ExprId unary(std::string op, ExprId operand) { return exprs.add({Unary{std::move(op), operand}}); }
  ExprId binary(std::string op, ExprId left, ExprId right) { return exprs.add({Binary{std::move(op), left, right}}); }
  ExprId conditional(ExprId condition, ExprId yes, ExprId no) { return exprs.add({Conditional{condition, yes, no}}); }
  ExprId cast(std::string type, ExprId operand) { return exprs.add({Cast{std::move(type), operand}}); }
  ExprId call(std::string callee, std::vector<ExprId> arguments) {
    return exprs.add({Call{std::move(callee), std::move(arguments)}});
  }
  ExprId member(ExprId base, std::string name_of, bool through_pointer) {
    return exprs.add({Member{base, std::move(name_of), through_pointer}});
  }
  ExprId index(ExprId base, ExprId at) { return exprs.add({Index{base, at}}); }
  ExprId address(ExprId operand) { return unary("&", operand); }
  /// The constant that an expression is, if it is one.
  std::optional<std::uint64_t> constant(ExprId id) const {
    const auto* number = std::get_if<Number>(&exprs[id].node);
    return number ? std::optional(number->value) : std::nullopt;
  }
};

}  // namespace p4bpf::codegen::c
