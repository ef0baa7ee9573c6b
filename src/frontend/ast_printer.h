// Ast to P4 text that parses to the same Ast again. What `--dump ast` prints, and how messages and control-plane names
// show expressions and types.
#pragma once

#include <string>

#include "frontend/ast.h"

namespace p4bpf {

/// The whole program, its includes and macros resolved.
std::string print_ast(const ast::Ast& ast);
/// `hdr.ipv4.ttl - 1`, on one line.
std::string print_expr(const ast::Ast& ast, ast::ExprId expr);
/// `(1 &&& 3, _)`, a set that a select or an entry has.
std::string print_keyset(const ast::Ast& ast, ast::ExprId keyset);
/// `x += 1;`, a block and what holds blocks on several lines.
std::string print_stmt(const ast::Ast& ast, ast::StmtId stmt);
/// `bit<8>`, as it was written.
std::string print_type(const ast::Ast& ast, ast::TypeRefId type);

}  // namespace p4bpf
