// For the tests of the type checker: checks a piece of text and says what was reported, in one line each.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "frontend/parse.h"
#include "frontend/typed_program.h"

namespace p4bpf::check {

/// A program that was parsed and checked, with everything that it points into.
struct Checked {
  SourceMap sources;
  Diagnostics diagnostics{sources};
  ast::Ast ast;
  TypedProgram program;

  /// "LINE kind-name" of each error, separated by "; ".
  std::string errors() const {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      if (diagnostic.severity != Severity::kError) continue;
      if (!text.empty()) text += "; ";
      text +=
          std::to_string(sources.position(diagnostic.span.begin).line) + " " + std::string(kind_name(diagnostic.kind));
    }
    return text;
  }
  /// The declaration of that name, wherever it stands.
  ast::DeclId find(std::string_view name) const {
    for (std::size_t i = 0; i < ast.decls.size(); ++i) {
      if (ast[ast::DeclId(i)].name.text == name) return ast::DeclId(i);
    }
    return {};
  }
};

/// Line 1 of `text` is line 1 of the program.
inline std::unique_ptr<Checked> check_text(const std::string& text) {
  auto checked = std::make_unique<Checked>();
  checked->ast = parse_text("test.p4", text, {}, checked->sources, checked->diagnostics);
  if (!checked->diagnostics.has_errors()) checked->program = check_program(checked->ast, checked->diagnostics);
  return checked;
}

/// A rule of the language: the program is right if `errors` is empty, otherwise these errors are reported and no
/// others.
struct Rule {
  const char* name;
  const char* program;
  const char* errors;
};

inline void expect_rules(std::initializer_list<Rule> rules) {
  for (const Rule& rule : rules) {
    SCOPED_TRACE(rule.name);
    const auto checked = check_text(rule.program);
    EXPECT_EQ(checked->errors(), rule.errors) << render_all(checked->diagnostics, false);
  }
}

}  // namespace p4bpf::check
