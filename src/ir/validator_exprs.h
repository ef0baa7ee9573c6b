// The part of the validator that looks at expressions: operands exist, their types agree, constants are in range.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/ir.h"

namespace p4bpf::ir {

template <class Node>
bool in_range(const Arena<Node>& arena, Id<Node> id) {
  return id && id.index() < arena.size();
}

/// What may stand on the left of an assignment.
inline bool is_storage(const Expr& expr) {
  return std::holds_alternative<VarRef>(expr.node) || std::holds_alternative<FieldRef>(expr.node);
}

class ExprValidator {
 public:
  explicit ExprValidator(const Program& program) : program_(program), checked_(2 * program.exprs.size(), false) {}
  /// `in_parser`: whether Peek may stand here.
  bool check(ExprId id, bool in_parser);
  bool check(const HeaderRef& ref, bool in_parser);
  /// Of a checked ref.
  HeaderTypeId header_type(const HeaderRef& ref) const {
    return ref.header ? program_[ref.header].type : program_[ref.stack].type;
  }
  const std::string& fault() const { return fault_; }

 private:
  bool fail(std::string_view message, ExprId id);
  bool check_node(ExprId id, const Expr& expr, bool in_parser);
  bool check_binary(ExprId id, const Type& type, const Binary& node);
  bool check_unary(ExprId id, const Type& type, const Unary& node);
  bool check_cast(ExprId id, const Type& to, const Type& from);

  const Program& program_;
  std::vector<bool> checked_;  // sound (by id, inside and outside parsers); shared expressions are looked at once
  std::string fault_;
};

}  // namespace p4bpf::ir
