// The rules that an architecture adds to the language: which table may own which extern, where an extern may be called,
// what its annotations may say. They need no more than the typed program, so `check` knows them for every architecture
// that has a file in p4include/, whether p4bpf can run it or not.
//
// Each architecture is a row of rules in rules.cpp; a rule is a function from the program to diagnostics.
#pragma once

#include "arch/rules/program_view.h"
#include "base/diagnostics.h"
#include "frontend/typed_program.h"

namespace p4bpf::arch {

/// Reports what breaks the rules of the architecture whose package `main` instantiates. Nothing to say of programs
/// without `main` and of packages that no architecture file declares. `typed` must be free of errors.
void check_rules(const TypedProgram& typed, Diagnostics& diagnostics);

namespace rules {

/// A table property that makes an extern object the table's own, such as `psa_direct_meter = m`.
struct DirectProperty {
  std::string_view property;
  std::string_view extern_type;
  bool must_be_called;  // an object that no action of its table calls is a mistake
};

// headers.cpp
/// A header that blocks of the package receive is a whole number of bytes.
void check_whole_bytes(const ProgramView& view, Diagnostics& diagnostics);

// tables.cpp
/// At most one key element of a table is matched by longest prefix.
void check_one_lpm(const ProgramView& view, Diagnostics& diagnostics);
/// Direct externs belong to one table, are made for their property, and are called by actions of their table only.
void check_direct_externs(const ProgramView& view, const std::vector<DirectProperty>& properties,
                          Diagnostics& diagnostics);
/// `property` names one object.
void check_single_implementation(const ProgramView& view, std::string_view property, Diagnostics& diagnostics);
/// A v1model register holds a number, not a struct.
void check_register_elements(const ProgramView& view, Diagnostics& diagnostics);

// add_entry.cpp
/// PNA: add_entry() is called by the miss action of a table with `add_on_miss`, and names one of its hit actions.
void check_add_entry(const ProgramView& view, Diagnostics& diagnostics);

// p4tc.cpp
void check_tc_annotations(const ProgramView& view, Diagnostics& diagnostics);
void check_tc_checksum_place(const ProgramView& view, Diagnostics& diagnostics);

}  // namespace rules
}  // namespace p4bpf::arch
