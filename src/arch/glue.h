// What the architectures share when they write their glue.
#pragma once

#include <memory>

#include "ir/elaborate.h"

namespace p4bpf::arch {

/// The block at that place of the package, if it has `params` parameters; null, and a diagnostic, if the package is not
/// what its name promises (a program may declare one of that name itself).
std::shared_ptr<const ir::BlockInstance> block_at(ir::Elaborator& elaborator, const ir::PackageInstance& package,
                                                  std::size_t index, std::size_t params);

/// Whether `storage` is a struct with such a member.
bool has_member(const ir::Storage& storage, std::string_view member);

/// The scalar member of that name and type kind; names nothing, and a diagnostic, if there is none.
ir::VarId scalar_member(ir::Elaborator& elaborator, const ir::PackageInstance& package, const ir::Storage& storage,
                        std::string_view member, ir::Type::Kind kind);

/// The scalar that `storage` is; names nothing, and a diagnostic, if it is none of that kind.
ir::VarId scalar(ir::Elaborator& elaborator, const ir::PackageInstance& package, const ir::Storage& storage,
                 ir::Type::Kind kind);

}  // namespace p4bpf::arch
