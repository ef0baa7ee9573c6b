// v1model.p4: parser, checksum verification, ingress, traffic manager, egress, checksum update, deparser.
//
// A packet that is cloned, replicated, resubmitted or recirculated takes further passes through the program (ir::NewPass).
// What kind of pass it is stands in the first of Program::carried. The order of decisions behind ingress and egress is
// the one that the software switch of this model publishes:
//
//   behind ingress: clone, digest, resubmit, multicast, drop, unicast       behind egress: clone, drop, recirculate
//
// An ingress clone is the packet as it came in, parsed anew. A replica and an egress clone are the packet as it was
// behind the control: all valid headers are written to it in the order of their declaration, and a parser of ours reads them
// back from what the pass before tells about their validity.
#pragma once

#include "arch/architecture.h"

namespace p4bpf::arch {

/// The values of standard_metadata.instance_type, which are the kinds of passes too.
enum class V1Pass : std::uint32_t {
  kNormal = 0,
  kIngressClone = 1,
  kEgressClone = 2,
  kRecirculated = 4,
  kReplica = 5,
  kResubmitted = 6,
  /// No instance type: the rest of the way of a packet whose egress clone has been made.
  kBehindEgressClone = 100,
};

/// The port that drops.
constexpr std::uint32_t kV1DropPort = 511;

Architecture v1model();

// v1model_externs.cpp
std::vector<ExternRow> v1model_externs();
std::vector<ExternTypeRow> v1model_extern_types();

}  // namespace p4bpf::arch
