// Collecting, silencing and ordering warnings: see findings.h.
#include "frontend/warnings/findings.h"

#include <algorithm>
#include <iterator>

namespace p4bpf::warnings {
namespace {

/// Names that programs written for the reference compiler give to @noWarn, and what they are called here.
std::string kind_for(const std::string& written) {
  if (written.rfind("uninitialized", 0) == 0) return "uninitialized";
  if (written == "invalid_header") return "invalid-header";
  if (written == "shadow") return "shadowing";
  return written;
}

}  // namespace

Findings::Findings(const TypedProgram& program_in, Diagnostics& diagnostics)
    : program(program_in), ast(*program_in.ast), diagnostics_(diagnostics) {
  for (const ast::Decl& decl : ast.decls) add_silences(decl.annotations, decl.span);
  for (const ast::Stmt& stmt : ast.stmts) {
    if (const auto* block = std::get_if<ast::Block>(&stmt.node)) add_silences(block->annotations, stmt.span);
  }
}

void Findings::add_silences(const ast::Annotations& annotations, Span span) {
  for (const ast::Annotation& annotation : annotations) {
    if (annotation.name.text != "noWarn") continue;
    for (const ast::Annotation::Piece& piece : annotation.body) {
      if (piece.is_string) silences_.push_back({span, kind_for(piece.text)});
    }
  }
}

Diagnostic& Findings::add(Kind kind, Span span, std::string message) {
  found_.push_back({kind, Severity::kWarning, span, std::move(message), {}});
  return found_.back();
}

bool Findings::is_silenced(const Diagnostic& finding) const {
  return std::any_of(silences_.begin(), silences_.end(), [&](const Silence& silence) {
    return silence.span.begin <= finding.span.begin && finding.span.begin < silence.span.end &&
           kind_name(finding.kind) == silence.kind;
  });
}

void Findings::report() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  for (Diagnostic& finding : found_) {
    if (is_silenced(finding)) continue;
    Diagnostic& reported = diagnostics_.report(finding.kind, finding.span, std::move(finding.message));
    std::move(finding.notes.begin(), finding.notes.end(), std::back_inserter(reported.notes));
  }
}

}  // namespace p4bpf::warnings
