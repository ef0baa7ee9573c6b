// Keys, values and lines of entries: no text crashes or hangs the parser, and what is read is shown so that it reads
// again.
#include <cstdlib>

#include "control/entries.h"

using namespace p4bpf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  manifest::KeyField field;
  field.name = "dst";
  field.match = static_cast<manifest::MatchKind>(data[0] % 5);
  field.kind = static_cast<manifest::ValueKind>(data[1] % 5);
  field.bits = field.kind == manifest::ValueKind::kBool ? 1 : 1 + data[2] % 255;
  field.enum_members = {"E.a", "E.b"};
  const std::string text(reinterpret_cast<const char*>(data + 3), size - 3);
  if (const auto match = control::parse_key(text, field)) {
    if (!control::parse_key(control::format_key(*match, field), field)) std::abort();
  }
  manifest::Table table;
  table.name = "t";
  table.keys = {field, field};
  table.keys[1].name = "src";
  table.actions = {{"act", {{"port", field.kind, field.bits, field.enum_members, {}}}, false, false}};
  if (auto words = control::split_line(text)) (void)control::parse_entry(table, *words, {});
  return 0;
}
