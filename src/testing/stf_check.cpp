// Whether the commands of a test mean something for the program at hand, all of them before the first is run.
#include <fmt/format.h>

#include <set>

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
    if (add.label) labels_.insert(add.label->text);
    const auto table = resolve_table(add.table, manifest_, diagnostics_);
    if (table) resolve_entry(add, span_, manifest_.tables[*table], diagnostics_);
  }

  void check(const SetDefault& command) {
    const auto table = resolve_table(command.table, manifest_, diagnostics_);
    if (table) resolve_target(command.action, manifest_.tables[*table], diagnostics_);
  }

  void check(const SetMember& command) { resolve_member(command, manifest_, diagnostics_); }
  void check(const SetGroup& command) { resolve_group(command, manifest_, diagnostics_); }

  void check(const CheckCounter& command) {
    if (const auto* label = std::get_if<Name>(&command.index)) {
      if (labels_.count(label->text) == 0) {
        diagnostics_.report(DiagnosticKind::kStfName, label->span,
                            fmt::format("no entry above is labelled '{}'", label->text));
        return;
      }
      diagnostics_.report(DiagnosticKind::kStfUnsupported, span_,
                          fmt::format("the architecture {} has no counters of table entries", manifest_.architecture));
      return;
    }
    check_cell(command.counter, std::get<Number>(command.index));
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

  void check_cell(const Name& counter, const Number& index) {
    resolve_counter(counter, manifest_, diagnostics_);
    if (!fits(index.value(), 32, false)) {
      diagnostics_.report(DiagnosticKind::kStfValue, index.span, "an index has 32 bits at most");
    }
  }

  const manifest::Manifest& manifest_;
  Diagnostics& diagnostics_;
  Span span_;
  std::set<std::string> labels_;
};

}  // namespace

bool check_names(const std::vector<Command>& commands, const manifest::Manifest& manifest, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  Checker checker(manifest, diagnostics);
  for (const Command& command : commands) checker.check(command);
  return diagnostics.error_count() == errors_before;
}

}  // namespace p4bpf::testing::stf
