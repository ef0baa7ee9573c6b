// Whether the commands of a test mean something for the program at hand, all of them before the first is run.
#include <fmt/format.h>

#include <map>

#include "arch/architecture.h"
#include "testing/stf_names.h"
#include "testing/stf_profiles.h"
#include "testing/stf_replication.h"

namespace p4bpf::testing::stf {
namespace {

class Checker {
 public:
  Checker(const manifest::Manifest& manifest, Diagnostics& diagnostics)
      : manifest_(manifest), diagnostics_(diagnostics) {}

  void check(const Command& command) {
    span_ = command.span;
    std::visit([&](const auto& node) { check(node); }, command.node);
  }

 private:
  void check(const Add& add) {
    const auto table = resolve("table", add.table, manifest_.tables, diagnostics_);
    if (add.label) labels_[add.label->text] = table;
    if (table) resolve_entry(add, span_, manifest_.tables[*table], diagnostics_);
  }

  void check(const SetDefault& command) {
    const auto table = resolve("table", command.table, manifest_.tables, diagnostics_);
    if (table) resolve_target(command.action, manifest_.tables[*table], diagnostics_);
  }

  void check(const SetMember& command) { resolve_member(command, manifest_, diagnostics_); }
  void check(const SetGroup& command) { resolve_group(command, manifest_, diagnostics_); }

  void check(const CheckCounter& command) {
    const auto counter = resolve("counter", command.counter, manifest_.counters, diagnostics_);
    if (counter) check_element("counter", command.index, manifest_.counters[*counter].table);
  }

  void check(const MeterCommand& command) {
    const auto meter = resolve("meter", command.meter, manifest_.meters, diagnostics_);
    if (meter && command.what != MeterCommand::What::kSetAll)
      check_element("meter", command.index, manifest_.meters[*meter].table);
  }

  /// An index, or for what belongs to the entries of a table the label of one.
  void check_element(const char* what, const std::variant<Name, Number>& index, const std::optional<std::size_t>& table) {
    const auto* label = std::get_if<Name>(&index);
    if (label == nullptr) return check_index(std::get<Number>(index));
    const auto found = labels_.find(label->text);
    if (found == labels_.end()) {
      diagnostics_.report(DiagnosticKind::kStfName, label->span,
                          fmt::format("no entry above is labelled '{}'", label->text));
    } else if (!table || found->second != table) {
      diagnostics_.report(DiagnosticKind::kStfUnsupported, span_,
                          fmt::format("this {} does not belong to the entries of the table of '{}'", what, label->text));
    }
  }

  void check(const CounterRead& command) { check_cell(command.counter, command.index); }

  void check(const Other& other) {
    const arch::Architecture* architecture = arch::architecture_named(manifest_.architecture);
    if (is_replication(other) && architecture != nullptr && architecture->replicates) return;
    diagnostics_.report(
        DiagnosticKind::kStfUnsupported, span_,
        fmt::format("the architecture {} has nothing that '{}' could act on", manifest_.architecture, other.command));
  }

  // These concern packets, or everything there is.
  void check(const RemoveAll&) {}
  void check(const Packet&) {}
  void check(const Expect&) {}
  void check(const NoPacket&) {}
  void check(const Wait&) {}

  void check(const RegisterCommand& command) {
    resolve("register", command.cells, manifest_.registers, diagnostics_);
    if (command.what != RegisterCommand::What::kReset) check_index(command.index);
  }

  void check(const CrcCommand& command) {
    const auto calculation = resolve("calculation", command.calculation, manifest_.calculations, diagnostics_);
    if (calculation && manifest_.calculations[*calculation].width != command.width) {
      diagnostics_.report(DiagnosticKind::kStfValue, command.calculation.span,
                          fmt::format("the calculation has {} bits", manifest_.calculations[*calculation].width));
    }
    for (const Number* number : {&command.polynomial, &command.initial, &command.final_xor}) {
      if (!fits(number->value(), command.width, false))
        diagnostics_.report(DiagnosticKind::kStfValue, number->span,
                            fmt::format("does not fit into {} bits", command.width));
    }
  }

  void check_cell(const Name& counter, const Number& index) {
    resolve("counter", counter, manifest_.counters, diagnostics_);
    check_index(index);
  }

  void check_index(const Number& index) {
    if (!fits(index.value(), 32, false)) {
      diagnostics_.report(DiagnosticKind::kStfValue, index.span, "an index has 32 bits at most");
    }
  }

  const manifest::Manifest& manifest_;
  Diagnostics& diagnostics_;
  Span span_;
  std::map<std::string, std::optional<std::size_t>> labels_;  // the table of the entry
};

}  // namespace

bool check_names(const std::vector<Command>& commands, const manifest::Manifest& manifest, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  Checker checker(manifest, diagnostics);
  for (const Command& command : commands) checker.check(command);
  return diagnostics.error_count() == errors_before;
}

}  // namespace p4bpf::testing::stf
