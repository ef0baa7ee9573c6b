// The table of architectures and their rules (rules.h).
#include "arch/rules/rules.h"

namespace p4bpf::arch {
namespace {

using rules::ProgramView;

// v1model's documentation (behavioral-model, "The BMv2 Simple Switch target", tables and direct externs).
void check_v1model(const ProgramView& view, Diagnostics& diagnostics) {
  rules::check_one_lpm(view, diagnostics);
  rules::check_direct_externs(view, {{"meters", "direct_meter", true}, {"counters", "direct_counter", false}},
                              diagnostics);
  rules::check_register_elements(view, diagnostics);
}

// PSA 1.2, sections on counters, meters and action profiles.
void check_psa(const ProgramView& view, Diagnostics& diagnostics) {
  rules::check_direct_externs(
      view, {{"psa_direct_meter", "DirectMeter", true}, {"psa_direct_counter", "DirectCounter", false}}, diagnostics);
  rules::check_single_implementation(view, "psa_implementation", diagnostics);
}

// PNA 0.7: as PSA, and the section on tables with add-on-miss.
void check_pna(const ProgramView& view, Diagnostics& diagnostics) {
  rules::check_direct_externs(
      view, {{"pna_direct_meter", "DirectMeter", true}, {"pna_direct_counter", "DirectCounter", false}}, diagnostics);
  rules::check_single_implementation(view, "pna_implementation", diagnostics);
  rules::check_add_entry(view, diagnostics);
}

// PNA as P4TC has it: the documentation of p4c's TC back end on annotations and externs.
void check_p4tc(const ProgramView& view, Diagnostics& diagnostics) {
  rules::check_tc_annotations(view, diagnostics);
  rules::check_tc_checksum_place(view, diagnostics);
  check_pna(view, diagnostics);
}

// ebpf_model and xdp_model; the latter's file has add_entry.
void check_ebpf(const ProgramView& view, Diagnostics& diagnostics) {
  rules::check_whole_bytes(view, diagnostics);
  rules::check_add_entry(view, diagnostics);
}

struct Row {
  std::string_view package;
  std::size_t param_count;  // tells PNA_NIC of pna.p4 (4) from that of tc/pna.p4 (3)
  void (*check)(const ProgramView&, Diagnostics&);
};

constexpr Row kRows[] = {
    {"V1Switch", 6, check_v1model},
    {"PSA_Switch", 6, check_psa},
    {"PNA_NIC", 4, check_pna},
    {"PNA_NIC", 3, check_p4tc},
    {"ebpfFilter", 2, check_ebpf},
    {"xdp", 3, check_ebpf},
};

}  // namespace

void check_rules(const TypedProgram& typed, Diagnostics& diagnostics) {
  const std::optional<ProgramView> view = rules::view_program(typed);
  if (!view) return;
  const ast::Decl& package = view->ast[view->package];
  const std::size_t param_count = std::get<ast::PackageDecl>(package.node).params.size();
  for (const Row& row : kRows) {
    if (row.package == package.name.text && row.param_count == param_count) row.check(*view, diagnostics);
  }
}

}  // namespace p4bpf::arch
