// Whole batches (table_batch.h).
#include "control/table_batch.h"

namespace p4bpf::control {

using runtime::TableAccess;

Result<void> change_as_one(runtime::Instance& instance, const std::vector<std::size_t>& tables,
                           const std::function<Result<void>(TableAccess&, runtime::Kernel&)>& change) {
  const Result<runtime::Generation> next = instance.prepare(tables);
  if (!next) return fail(next.error());
  TableAccess access(next->object.kernel(), next->object.manifest());
  Result<void> done = change(access, next->object.kernel());
  return done ? instance.commit(*next) : done;
}

}  // namespace p4bpf::control
