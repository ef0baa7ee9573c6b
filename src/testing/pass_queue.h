// Further passes of a packet in test builds, which hand each copy to us instead of an interface
// (runtime/p4bpf_test_copies.h): the copies are run in the interpreter's order, each with its mark.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "interp/interpreter.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

/// A packet before a pass; the mark of a first one is 0.
struct PassInput {
  std::uint32_t mark = 0;
  Bytes packet;
};

/// {mark, length} and the packet's bytes, as the program wrote them; more may follow.
inline PassInput read_copy(std::span<const std::uint8_t> record) {
  std::uint32_t head[2] = {};
  P4BPF_CHECK(record.size() >= sizeof head, "a copy without its head");
  std::memcpy(head, record.data(), sizeof head);
  P4BPF_CHECK(record.size() >= sizeof head + head[1], "a copy shorter than it says");
  const auto bytes = record.subspan(sizeof head, head[1]);
  return {head[0], Bytes(bytes.begin(), bytes.end())};
}

/// `run(PassInput)`: what left in that pass; `take()`: the copies that it made.
template <class Run, class Take>
Result<std::vector<Output>> run_passes(const Bytes& packet, Run&& run, Take&& take) {
  const std::size_t limit = interp::Options{}.pass_limit;
  std::vector<Output> outputs;
  std::vector<PassInput> queue = {{0, packet}};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const PassInput pass = std::move(queue[i]);
    Result<std::optional<Output>> left = run(pass);
    if (!left) return fail(left.error());
    if (*left) outputs.push_back(std::move(**left));
    Result<std::vector<PassInput>> copies = take();
    if (!copies) return fail(copies.error());
    for (PassInput& copy : *copies) {
      if (queue.size() < limit) queue.push_back(std::move(copy));
    }
  }
  return outputs;
}

}  // namespace p4bpf::testing
