// Simplifying expressions: operators on constants, identities, casts and slices that do nothing. Used by the passes;
// knows nothing of the statements around.
//
//   (8w2 + 8w3) * x         becomes   8w5 * x
//   (x ++ y)[7:0]           becomes   y              (both bit<8>)
//   !(a == b)               becomes   a != b
#pragma once

#include <map>
#include <tuple>

#include "ir/builder.h"
#include "ir/ir.h"

namespace p4bpf::ir {

class Folder {
 public:
  explicit Folder(Program& program) : program_(program), build_(program, program.entry) {}

  /// The simplest expression that is known to be equal to `node`, whose operands are simple already. `original` is
  /// given back where nothing changes, so `node` must be it or a copy of it with other operands.
  ExprId simplify(ExprId original, Expr node);
  /// The one expression of that type and value: constants may be compared by id.
  ExprId constant(const Type& type, const BigInt& value, Span span = {});
  const BigInt* value(ExprId id) const;

 private:
  ExprId simplify_unary(const Expr& expr, const Unary& node);
  ExprId simplify_binary(const Expr& expr, const Binary& node);
  ExprId simplify_with_constant(const Expr& expr, const Binary& node);
  ExprId simplify_cast(const Expr& expr, const Cast& node);
  ExprId simplify_slice(const Expr& expr, const Slice& node);
  ExprId simplify_mux(const Expr& expr, const Mux& node);
  ExprId slice(const Expr& like, ExprId operand, std::uint32_t hi, std::uint32_t lo);
  bool is(ExprId id, const BigInt& wanted) const;
  bool is_all_ones(ExprId id) const;
  bool same(ExprId a, ExprId b) const;

  Program& program_;
  Builder build_;
  std::map<std::tuple<Type::Kind, std::uint32_t, bool, EnumTypeId, BigInt>, ExprId> constants_;
};

}  // namespace p4bpf::ir
