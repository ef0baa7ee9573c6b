// What `p4bpf explain` tells of each kind of diagnostic. The texts are docs/diagnostics/KIND.md, built into the binary:
// the same files are the pages for the web and the help of SARIF rules.
//
// A page: `# KIND`, one line that sums it up, a paragraph or more, then under `## Wrong` and `## Right` an example each
// in a fence that names its language (p4, stf, c, text).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"

namespace p4bpf {

struct Example {
  std::string language;  // of the fence: p4, stf, ...
  std::string text;
};

struct Explanation {
  std::string_view markdown;  // the whole page
  std::string summary;
  std::string paragraph;
  Example wrong;
  Example right;
};

/// Nothing if the page is missing or not made as it should be.
std::optional<Explanation> explanation_of(DiagnosticKind kind);
std::optional<Explanation> parse_explanation(std::string_view markdown);

}  // namespace p4bpf
