// The logical side of the manifest: what a program has for a control plane, before it is decided how anything is
// stored. The interpreter's manifest is this; code generation adds the physical side.
#pragma once

#include "ir/ir.h"
#include "manifest/manifest.h"

namespace p4bpf::codegen {

/// The index of Manifest::digests of what this call sends.
std::size_t digest_of(const ir::Program& program, const ir::CallExtern& call);
/// Whether its entries have handles (manifest::Table::handle_offset).
bool has_handles(const ir::Table& table);

/// Manifest::tables are Program::tables in the same order, value sets included; Manifest::counters are the extern
/// instances that count, in their order.
manifest::Manifest describe(const ir::Program& program);
/// What describe() says of action profiles, and of the tables that have them.
void describe_profiles(const ir::Program& program, manifest::Manifest& out);

}  // namespace p4bpf::codegen
