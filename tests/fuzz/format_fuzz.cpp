// Any bytes: the formatter refuses them, or keeps its promises.
#include "base/result.h"
#include "editor/format_test_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string broken = p4bpf::editor::broken_promise(text, {60, 4});
  P4BPF_CHECK(broken.empty(), broken);
  return 0;
}
