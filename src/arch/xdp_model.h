// xdp_model: a switch of one parser, one control and one deparser, which says what becomes of the packet.
#pragma once

#include "arch/architecture.h"

namespace p4bpf::arch {

Architecture xdp_model();

}  // namespace p4bpf::arch
