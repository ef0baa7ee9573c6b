// Weak stand-ins that let the architectures' rows link until elaboration lands. Delete this file with the real
// Elaborator.
#include "base/result.h"
#include "ir/elaborate.h"

namespace p4bpf::ir {
namespace {
[[noreturn]] void pending() { abort_broken_invariant(__FILE__, __LINE__, "elaboration", "not built yet"); }
}  // namespace
#define P4BPF_PENDING __attribute__((weak))
P4BPF_PENDING TypeId Elaborator::param_type(const BlockInstance&, std::size_t) const { pending(); }
P4BPF_PENDING std::size_t Elaborator::param_count(const BlockInstance&) const { pending(); }
P4BPF_PENDING Storage Elaborator::storage(TypeId, const std::string&) { pending(); }
P4BPF_PENDING ParserId Elaborator::parser(const BlockInstance&, const std::vector<Storage>&) { pending(); }
P4BPF_PENDING void Elaborator::control(const BlockInstance&, const std::vector<Storage>&, Builder&) { pending(); }
P4BPF_PENDING Diagnostics& Elaborator::diagnostics() { pending(); }
P4BPF_PENDING Program& Elaborator::program() { pending(); }
}  // namespace p4bpf::ir
