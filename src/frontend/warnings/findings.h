// What the analyses of this folder share: the program, where a declaration comes from, and the warnings found so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontend/typed_program.h"

namespace p4bpf::warnings {

using ast::DeclId;
using ast::ExprId;
using ast::StmtId;
using Kind = DiagnosticKind;

/// Collects warnings, so that they are reported in the order of the text and without those that @noWarn silences.
class Findings {
 public:
  Findings(const TypedProgram& program_in, Diagnostics& diagnostics);

  const TypedProgram& program;
  const ast::Ast& ast;

  /// The reference is good until the next call.
  Diagnostic& add(Kind kind, Span span, std::string message);
  /// Reports everything that was added.
  void report();

  /// Whether the text stands in the program's own file: what an included file declares is meant for others too.
  bool is_own(Span span) const { return span && !diagnostics_.sources().included_at(span.begin); }
  std::string_view text(Span span) const { return diagnostics_.sources().text(span); }
  const std::string& name(DeclId id) const { return ast[id].name.text; }
  template <class Node>
  const Node* expr(ExprId id) const {
    return id ? std::get_if<Node>(&ast[id].node) : nullptr;
  }
  template <class Node>
  const Node* decl(DeclId id) const {
    return id ? std::get_if<Node>(&ast[id].node) : nullptr;
  }

 private:
  /// Text for which @noWarn silences a kind.
  struct Silence {
    Span span;
    std::string kind;
  };
  void add_silences(const ast::Annotations& annotations, Span span);
  bool is_silenced(const Diagnostic& finding) const;

  Diagnostics& diagnostics_;
  std::vector<Silence> silences_;
  std::vector<Diagnostic> found_;
};

void find_unused(Findings& findings);       // kind unused
void find_unreachable(Findings& findings);  // kind unreachable
void find_shadowing(Findings& findings);    // kind shadowing
void find_no_effect(Findings& findings);    // kinds no-effect, constant-comparison
void find_bad_values(Findings& findings);   // kinds uninitialized, invalid-header

}  // namespace p4bpf::warnings
