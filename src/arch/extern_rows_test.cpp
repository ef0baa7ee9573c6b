// What the architectures' files in p4include/ declare has a row each, and the other way round.
#include <gtest/gtest.h>

#include <set>

#include "arch/architecture.h"
#include "frontend/parse.h"

namespace p4bpf::arch {
namespace {

struct Declared {
  std::set<std::pair<std::string, std::size_t>> functions;  // name, parameters
  std::set<std::pair<std::string, std::size_t>> types;      // name, constructor parameters
};

/// The externs that the text declares behind those of core.p4, which elaboration knows itself.
Declared externs_of(const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast = parse_text("test.p4", text, {}, sources, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render_all(diagnostics, false);
  Declared out;
  for (const ast::DeclId id : ast.program) {
    const ast::Decl& decl = ast[id];
    if (const auto* function = std::get_if<ast::FunctionDecl>(&decl.node)) {
      if (function->is_extern) out.functions.emplace(decl.name.text, function->params.size());
    }
    if (const auto* object = std::get_if<ast::ExternDecl>(&decl.node)) {
      for (const ast::DeclId method_id : object->methods) {
        const ast::Decl& method = ast[method_id];
        const auto& signature = std::get<ast::FunctionDecl>(method.node);
        if (signature.is_constructor) {
          out.types.emplace(decl.name.text, signature.params.size());
        } else {
          out.functions.emplace(decl.name.text + "." + method.name.text, signature.params.size());
        }
      }
    }
  }
  return out;
}

TEST(ExternRows, AreWhatTheArchitecturesDeclare) {
  // Those that elaboration knows itself: the ones of core.p4, and add_entry.
  Declared core = externs_of("#include <core.p4>\n");
  core.functions.emplace("add_entry", 2);
  std::set<std::string_view> seen;
  for (const Architecture& architecture : all_architectures()) {
    // A filter may include xdp_model.p4 as well.
    const std::string file = architecture.name == "ebpf_model" ? "xdp_model" : std::string(architecture.name);
    Declared declared = externs_of("#include <" + file + ".p4>\n");
    for (const auto& one : core.functions) declared.functions.erase(one);
    for (const auto& one : core.types) declared.types.erase(one);
    Declared rows;
    for (const ExternRow& row : architecture.externs) {
      if (!row.name.starts_with('$')) rows.functions.emplace(row.name, row.param_count);
    }
    for (const ExternTypeRow& row : architecture.extern_types) {
      if (!row.name.starts_with('$')) rows.types.emplace(row.name, row.argument_count);
    }
    EXPECT_EQ(rows.functions, declared.functions) << architecture.name;
    EXPECT_EQ(rows.types, declared.types) << architecture.name;
    EXPECT_FALSE(rows.functions.empty());
  }
}

}  // namespace
}  // namespace p4bpf::arch
