// Any bytes as an STF file: they are read, and what was read is resolved against a program's tables.
#include <cstddef>
#include <cstdint>
#include <string>

#include "testing/stf.h"
#include "testing/stf_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  namespace stf = testing::stf;
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const Loc begin = sources.add_file("fuzz.stf", std::string(reinterpret_cast<const char*>(data), size));
  manifest::Manifest manifest;
  manifest::Table table;
  table.name = "p.t";
  for (const auto match : {manifest::MatchKind::kExact, manifest::MatchKind::kLpm, manifest::MatchKind::kTernary,
                           manifest::MatchKind::kRange, manifest::MatchKind::kOptional}) {
    table.keys.push_back({std::string(1, "eltro"[table.keys.size()]), match, {}, 32, {}, {}});
  }
  table.actions.push_back({"p.a", {{"x", {}, 16, {}, {}}}, false, false});
  manifest.tables.push_back(table);
  for (const stf::Command& command : stf::parse(begin, diagnostics)) {
    if (const auto* add = std::get_if<stf::Add>(&command.node)) {
      const auto index = stf::resolve_table(add->table, manifest, diagnostics);
      if (index) stf::resolve_entry(*add, command.span, manifest.tables[*index], diagnostics);
    }
  }
  render_all(diagnostics, false);
  return 0;
}
