// p4bpf explain: what a kind of diagnostic means, with an example and the fix; without a kind, all of them.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/explanations.h"
#include "control/columns.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

const char* severity_name(DiagnosticKind kind) { return severity_of(kind) == Severity::kError ? "error" : "warning"; }

nlohmann::ordered_json as_json(DiagnosticKind kind) {
  nlohmann::ordered_json out = {{"kind", kind_name(kind)}, {"severity", severity_name(kind)}};
  if (const auto explanation = explanation_of(kind)) {
    out["summary"] = explanation->summary;
    out["explanation"] = explanation->paragraph;
    out["wrong"] = explanation->wrong.text;
    out["right"] = explanation->right.text;
  }
  return out;
}

int list_kinds(bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const DiagnosticKind kind : all_diagnostic_kinds()) {
    const auto explanation = explanation_of(kind);
    rows.push_back({std::string(kind_name(kind)), severity_name(kind), explanation ? explanation->summary : ""});
    all.push_back(as_json(kind));
  }
  std::fputs((json ? all.dump(2) + "\n" : control::align_columns(rows)).c_str(), stdout);
  return kFine;
}

std::string indented(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += (line.empty() ? "" : "    ") + line + "\n";
  return out;
}

int explain(const std::string& name, bool json) {
  if (name.empty()) return list_kinds(json);
  std::vector<std::string> names;
  for (const DiagnosticKind kind : all_diagnostic_kinds()) {
    names.emplace_back(kind_name(kind));
    if (names.back() != name) continue;
    const auto explanation = explanation_of(kind);
    if (json) {
      std::printf("%s\n", as_json(kind).dump(2).c_str());
    } else if (explanation) {
      const bool colours = wants_colours(STDOUT_FILENO);
      const std::string bold = colours ? "\033[1m" : "", plain = colours ? "\033[0m" : "";
      std::printf("%s (%s): %s\n\n%s\n\n%s:\n\n%s\n%s:\n\n%s", (bold + name + plain).c_str(), severity_name(kind),
                  explanation->summary.c_str(), explanation->paragraph.c_str(), (bold + "wrong" + plain).c_str(),
                  indented(explanation->wrong.text).c_str(), (bold + "right" + plain).c_str(),
                  indented(explanation->right.text).c_str());
    }
    return kFine;
  }
  const std::string near = nearest_name(name, names);
  report(Error{"there is no kind of diagnostic '" + name + "'",
               near.empty() ? "p4bpf explain lists them" : "did you mean '" + near + "'?", 0});
  return kBadUsage;
}

}  // namespace

void add_explain_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "explain", "say what a kind of error or warning means, and how it is put right",
                                  "explain\nexplain type-mismatch\nexplain --json unknown-name");
  const auto kind = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  verb->add_option("KIND", *kind, "what stands in brackets behind a message; without it, all are listed");
  verb->add_flag("--json", *json, "as JSON");
  on_chosen(*verb, chosen, [=] { return explain(*kind, *json); });
}

}  // namespace p4bpf::driver
