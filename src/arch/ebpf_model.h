// ebpf_model: a packet filter. A parser and a control decide whether a packet passes, unchanged, or is dropped.
#pragma once

#include "arch/architecture.h"

namespace p4bpf::arch {

Architecture ebpf_model();

/// The externs that ebpf_model.p4 and xdp_model.p4 declare. A filter may include the latter and call its functions too.
std::vector<ExternRow> ebpf_externs();
std::vector<ExternTypeRow> ebpf_extern_types();

}  // namespace p4bpf::arch
