// What a test build of a program writes to its perf event array: copies of packets for further passes.
#pragma once

#include <memory>
#include <vector>

#include "testing/pass_queue.h"

namespace p4bpf::testing {

class KernelCopies {
 public:
  /// `map` is the descriptor of the array.
  static Result<std::unique_ptr<KernelCopies>> open(int map);
  ~KernelCopies();
  KernelCopies(const KernelCopies&) = delete;
  KernelCopies& operator=(const KernelCopies&) = delete;

  /// What has been written since, in order.
  Result<std::vector<PassInput>> take();

 private:
  KernelCopies() = default;
  struct Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace p4bpf::testing
