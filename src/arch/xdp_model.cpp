// How a switch's blocks become one program, and what its verdicts do (xdp_model.h).
#include "arch/xdp_model.h"

#include "arch/ebpf_model.h"
#include "arch/glue.h"

namespace p4bpf::arch {
namespace {

/// The members of xdp_action in the order of their declaration, which are the numbers that the kernel uses too.
constexpr std::string_view kActions[] = {"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"};

bool is_xdp_action(const ir::Program& program, ir::VarId var) {
  const std::vector<std::string>& members = program[program[var].type.enum_type].members;
  return std::equal(members.begin(), members.end(), std::begin(kActions), std::end(kActions));
}

/// An Ethernet header in bytes: no Ethernet device sends less, so the kernel refuses to cut a packet down further.
constexpr std::uint32_t kShortestPacket = 14;

/// What becomes of the packet once the switch has run. A packet that goes nowhere is never deparsed.
void add_verdicts(ir::Elaborator& elaborator, const ir::PackageInstance& package, ir::VarId action, ir::VarId port,
                  const ir::BlockInstance& deparser, const ir::Storage& headers, ir::Builder& entry) {
  const auto verdict = [&](ir::VerdictKind kind, ir::ExprId to = {}) {
    ir::Builder made = entry.nested();
    made.add(ir::Verdict{kind, to}, package.span);
    return made.block();
  };
  entry.add(
      ir::Switch{
          entry.ref(action), {{{0}, verdict(ir::VerdictKind::kAborted)}, {{1}, verdict(ir::VerdictKind::kDrop)}}, {}},
      package.span);
  ir::Builder emits = entry.nested();
  elaborator.control(deparser, {headers, {ir::PacketStorage{}}}, emits);
  entry.add(ir::Deparse{emits.block(), kShortestPacket}, package.span);
  entry.add(ir::Switch{entry.ref(action),
                       {{{2}, verdict(ir::VerdictKind::kPass)}, {{3}, verdict(ir::VerdictKind::kTx)}},
                       verdict(ir::VerdictKind::kRedirect, entry.ref(port))},
            package.span);
}

/// The parser rejects: XDP_ABORTED, as the published compilers of this model do. Else output_action says what to do;
/// the switch that sets none leaves the first member of the enumeration, XDP_ABORTED.
void assemble(ir::Elaborator& elaborator, const ir::PackageInstance& package, ir::Program& program) {
  const auto parser = block_at(elaborator, package, 0, 2);
  const auto control = block_at(elaborator, package, 1, 3);
  const auto deparser = block_at(elaborator, package, 2, 2);
  if (parser == nullptr || control == nullptr || deparser == nullptr) return;

  const ir::Storage headers = elaborator.storage(elaborator.param_type(*parser, 1), "hdr");
  const ir::Storage input = elaborator.storage(elaborator.param_type(*control, 1), "xdp_input");
  const ir::Storage output = elaborator.storage(elaborator.param_type(*control, 2), "xdp_output");
  const ir::VarId input_port = scalar_member(elaborator, package, input, "input_port", ir::Type::Kind::kBits);
  const ir::VarId action = scalar_member(elaborator, package, output, "output_action", ir::Type::Kind::kEnum);
  const ir::VarId port = scalar_member(elaborator, package, output, "output_port", ir::Type::Kind::kBits);
  if (!input_port || !action || !port) return;
  if (!is_xdp_action(program, action)) {
    elaborator.diagnostics().report(DiagnosticKind::kUnsupported, package.span,
                                    "`output_action` is not the xdp_action of xdp_model.p4");
    return;
  }

  const ir::ParserId parsed = elaborator.parser(*parser, {{ir::PacketStorage{}}, headers});
  ir::Builder entry(program);
  entry.add(ir::RunParser{parsed}, package.span);
  ir::Builder rejected = entry.nested();
  rejected.add(ir::Verdict{ir::VerdictKind::kAborted, {}}, package.span);
  entry.add(ir::If{entry.negation(entry.ref(program[parsed].accepted)), rejected.block(), {}}, package.span);
  const ir::ExprId ingress =
      entry.expr(ir::Type::bits(32), ir::IntrinsicRef{ir::Intrinsic::kIngressPort}, package.span);
  entry.assign(input_port, ingress, package.span);
  elaborator.control(*control, {headers, input, output}, entry);
  add_verdicts(elaborator, package, action, port, *deparser, headers, entry);
  program.entry = entry.block();
}

}  // namespace

Architecture xdp_model() {
  return {.name = "xdp_model",
          .packages = {"xdp"},
          .blocks = {"parser", "switch", "deparser"},
          .hooks = {Hook::kXdp},
          .assemble = assemble,
          .externs = ebpf_externs(),
          .extern_types = ebpf_extern_types()};
}

}  // namespace p4bpf::arch
