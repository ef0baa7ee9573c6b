// Text, JSON lines or SARIF on standard error (diagnostic_printer.h).
#include "driver/diagnostic_printer.h"

#include <unistd.h>

#include <cstdio>

#include "driver/command.h"

namespace p4bpf::driver {
namespace {

void put_line(const std::string& text) { std::fputs((text + "\n").c_str(), stderr); }

/// The way to a file that was included: "In file included from a.p4:3," and so on, as other compilers say it.
std::string include_chain(Loc included_at, const SourceMap& sources) {
  std::string out;
  for (Loc at = included_at; at; at = sources.included_at(at)) {
    const Position place = sources.position(at);
    out += (out.empty() ? "In file included from " : ",\n                 from ") + place.file + ":" +
           std::to_string(place.line);
  }
  return out.empty() ? out : out + ":\n";
}

}  // namespace

DiagnosticPrinter::~DiagnosticPrinter() {
  if (options_.format == DiagnosticFormat::kSarif) put_line(sarif_.text());
  if (options_.format != DiagnosticFormat::kText || options_.max_errors == 0 || errors_ <= options_.max_errors) return;
  const std::size_t more = errors_ - options_.max_errors;
  put_line("p4bpf: " + std::to_string(more) + (more == 1 ? " more error is" : " more errors are") +
           " not shown; --max-errors=0 shows all");
}

void DiagnosticPrinter::print(const Diagnostics& diagnostics, std::size_t from) {
  // Errors first: they are what has to be mended, and the first of them is where to begin.
  for (const Severity severity : {Severity::kError, Severity::kWarning}) {
    for (std::size_t i = from; i < diagnostics.all().size(); ++i) {
      if (diagnostics.all()[i].severity == severity) print(diagnostics.all()[i], diagnostics.sources());
    }
  }
}

void DiagnosticPrinter::print(const Diagnostic& diagnostic, const SourceMap& sources) {
  switch (options_.format) {
    case DiagnosticFormat::kText:
      print_text(diagnostic, sources);
      break;
    case DiagnosticFormat::kJson:
      put_line(to_json(diagnostic, sources));
      break;
    case DiagnosticFormat::kSarif:
      sarif_.add(diagnostic, sources);
      break;
  }
}

void DiagnosticPrinter::print_text(const Diagnostic& diagnostic, const SourceMap& sources) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  if (options_.max_errors != 0 && errors_ > options_.max_errors) return;
  const Loc included_at = sources.included_at(diagnostic.span.begin);
  if (included_at != included_at_) std::fputs(include_chain(included_at, sources).c_str(), stderr);
  included_at_ = included_at;
  std::fputs(render(diagnostic, sources, wants_colours(STDERR_FILENO)).c_str(), stderr);
}

int DiagnosticPrinter::print(const Error& error) {
  switch (options_.format) {
    case DiagnosticFormat::kText:
      return report(error);
    case DiagnosticFormat::kJson:
      put_line(to_json(error));
      break;
    case DiagnosticFormat::kSarif:
      sarif_.add(error);
      break;
  }
  return status_of(error);
}

}  // namespace p4bpf::driver
