// How a packet filter's blocks become one program (ebpf_model.h).
#include "arch/ebpf_model.h"

#include "arch/glue.h"

namespace p4bpf::arch {
namespace {

/// The parser rejects: drop. The filter accepts: pass the packet as it came. Else drop.
void assemble(ir::Elaborator& elaborator, const ir::PackageInstance& package, ir::Program& program) {
  const auto parser = block_at(elaborator, package, 0, 2);
  const auto filter = block_at(elaborator, package, 1, 2);
  if (parser == nullptr || filter == nullptr) return;

  const ir::Storage headers = elaborator.storage(elaborator.param_type(*parser, 1), "hdr");
  const ir::Storage accept = elaborator.storage(elaborator.param_type(*filter, 1), "accept");
  const ir::VarId accept_var = scalar(elaborator, package, accept, ir::Type::Kind::kBool);
  if (!accept_var) return;

  const ir::ParserId parsed = elaborator.parser(*parser, {{ir::PacketStorage{}}, headers});
  ir::Builder entry(program);
  entry.add(ir::RunParser{parsed}, package.span);
  ir::Builder rejected = entry.nested();
  rejected.add(ir::Verdict{ir::VerdictKind::kDrop, {}}, package.span);
  entry.add(ir::If{entry.negation(entry.ref(program[parsed].accepted)), rejected.block(), {}}, package.span);
  elaborator.control(*filter, {headers, accept}, entry);
  ir::Builder pass = entry.nested();
  pass.add(ir::Verdict{ir::VerdictKind::kPass, {}}, package.span);
  entry.add(ir::If{entry.ref(accept_var), pass.block(), {}}, package.span);
  entry.add(ir::Verdict{ir::VerdictKind::kDrop, {}}, package.span);
  program.entry = entry.block();
}

}  // namespace

Architecture ebpf_model() {
  return {.name = "ebpf_model",
          .packages = {"ebpfFilter"},
          .blocks = {"parser", "filter"},
          .hooks = {Hook::kTcIngress, Hook::kTcEgress, Hook::kXdp},
          .assemble = assemble,
          .externs = ebpf_externs(),
          .extern_types = ebpf_extern_types()};
}

}  // namespace p4bpf::arch
