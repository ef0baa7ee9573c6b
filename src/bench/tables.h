// The benchmark of tables alone (bench/tables): what one lookup costs in each kind of table, over the number of
// entries, beside what one would write without p4bpf; and how fast entries come and go.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bench/table_entries.h"
#include "manifest/manifest.h"

namespace p4bpf::bench {

/// The folder of its programs among the embedded files.
inline constexpr std::string_view kTableFolder = "bench/tables/";

/// Entries a second; 0: not measured.
struct Rates {
  double add = 0, modify = 0, remove = 0;
};

struct TableMeasurement {
  TableCase what;
  std::size_t masks = 0;  // different ones, of ternary tables
  std::string structure;  // what the compiler chose
  double ns = 0;          // a lookup
  double hash_ns = 0;     // a lookup in a hash of 1,000 entries with the same key
  /// What one would write without p4bpf.
  struct ByHand {
    std::string name;
    double ns = 0;
  };
  std::vector<ByHand> by_hand;
  double bytes_per_entry = 0;
  Rates single;             // one after the other through the library
  Rates lines;              // from a text
  double batch = 0;         // additions in the form of the map
  double system_calls = 0;  // the same by BPF_MAP_UPDATE_BATCH alone
};

/// A P4 program of the benchmark as C, and its manifest.
struct TableProgram {
  std::string c_text;
  manifest::Manifest manifest;
};

struct TableOptions {
  std::string clang;
  std::string folder;              // of the programs
  std::size_t largest = 1u << 20;  // cases with more entries are left out
  std::function<Result<TableProgram>(const std::string& file, const std::vector<std::string>& defines)> generate;
  std::function<void(const std::string& step)> progress = [](const std::string&) {};
};

/// All cases of a kind.
std::vector<TableCase> cases_of(TableKind kind);
/// "ternary, 1024 masks": what sets a case apart from others of its kind.
std::string label_of(const TableCase& what);
Result<TableMeasurement> measure_table(const TableCase& what, const TableOptions& options);

}  // namespace p4bpf::bench
