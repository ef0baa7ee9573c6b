// Declarations and statements: what these rooms offer each other.
#pragma once

#include "frontend/types/context.h"

namespace p4bpf::check {

void check_declaration(Context& cx, DeclId id);

/// What the parameters belong to; it decides which types they may have.
enum class ParamsOf { kFunction, kExtern, kMethod, kAction, kBlock, kConstructor, kPackage };
void declare_type_params(Context& cx, const std::vector<DeclId>& params);
/// Resolves the types of the parameters, checks them, and enters them into the innermost scope.
void declare_params(Context& cx, const std::vector<DeclId>& params, ParamsOf owner);

void check_const(Context& cx, DeclId id, const ast::ConstDecl& node);
void check_variable(Context& cx, DeclId id, const ast::VarDecl& node);
void check_value_set(Context& cx, DeclId id, const ast::ValueSetDecl& node);
void check_typedef(Context& cx, DeclId id, const ast::Typedef& node);
void check_struct(Context& cx, DeclId id, const ast::StructDecl& node);
void check_enum(Context& cx, DeclId id, const ast::EnumDecl& node);
void check_error_decl(Context& cx, const ast::ErrorDecl& node);
void check_match_kinds(Context& cx, const ast::MatchKindDecl& node);
/// Signature and body; with `is_member` the name is not entered into the scope.
void check_function(Context& cx, DeclId id, const ast::FunctionDecl& node, bool is_member);
void check_extern(Context& cx, DeclId id, const ast::ExternDecl& node);
void check_block_type(Context& cx, DeclId id, const ast::BlockTypeDecl& node);
void check_package(Context& cx, DeclId id, const ast::PackageDecl& node);
void check_parser(Context& cx, DeclId id, const ast::ParserDecl& node);
void check_control(Context& cx, DeclId id, const ast::ControlDecl& node);
void check_action(Context& cx, DeclId id, const ast::ActionDecl& node);
void check_table(Context& cx, DeclId id, const ast::TableDecl& node);

void check_statement(Context& cx, StmtId id);
void check_switch(Context& cx, StmtId id, const ast::Switch& node);
void check_for(Context& cx, const ast::For& node);
void check_for_in(Context& cx, StmtId id, const ast::ForIn& node);
/// Whether every way through the statement ends in a return or exit.
bool always_returns(const Context& cx, StmtId id);

}  // namespace p4bpf::check
