// What the rules of an architecture look at: the blocks that `main` reaches, their tables, and every call with the
// action and block around it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/typed_program.h"

namespace p4bpf::arch::rules {

/// A parser or control that the package reaches, and the package parameter through which it does.
struct Block {
  ast::DeclId decl;
  std::string role;  // "main_control"
};

/// A table or an extern object of a reached block.
struct Local {
  ast::DeclId decl;
  const Block* block;
};

struct CallSite {
  ast::ExprId call;
  const CallInfo* info;
  ast::DeclId action;  // names nothing outside actions
};

struct ProgramView {
  const TypedProgram& typed;
  const ast::Ast& ast;
  ast::DeclId package;  // the PackageDecl that `main` instantiates
  std::vector<Block> blocks;
  std::vector<Local> tables;
  std::vector<Local> instances;
  std::vector<CallSite> calls;  // those inside reached blocks and inside actions
};

/// Nothing where there is no `main` that instantiates a package.
std::optional<ProgramView> view_program(const TypedProgram& typed);

/// The name of the extern that an object is of: "direct_meter"; "" where it is no extern.
std::string_view extern_name(const ProgramView& view, TypeId type);
/// The extern object that a method is called on or that a table property names; nothing where it is not known by name.
ast::DeclId object_of(const ProgramView& view, ast::ExprId expr);
ast::DeclId receiver_of(const ProgramView& view, const CallSite& site);

inline const ast::TableDecl& table_of(const ProgramView& view, ast::DeclId table) {
  return std::get<ast::TableDecl>(view.ast[table].node);
}
const ast::TableProperty* property_of(const ast::TableDecl& table, std::string_view name);
bool lists_action(const ProgramView& view, ast::DeclId table, ast::DeclId action);

}  // namespace p4bpf::arch::rules
