// The kernel executor: the loaded program through BPF_PROG_TEST_RUN, with the real verifier, JIT and maps.
#pragma once

#include <memory>
#include <string>

#include "runtime/loaded_object.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

class KernelDataplane : public Dataplane {
 public:
  virtual const runtime::ProgramStats& stats() const = 0;
  /// The mean time of one run of this packet over `repeat` runs.
  virtual Result<std::uint32_t> nanoseconds(std::uint32_t port, const Bytes& packet, std::uint32_t repeat) = 0;
};

/// `object` is a test build of the program, where a redirect leaves its P4 port in Manifest::test_port_symbol; `path`
/// is the file it came from. `externs` are the names of the program's extern functions, for messages. `frames` says as
/// what a program for TC was loaded: kShort, as BPF_PROG_TYPE_LWT_XMIT.
enum class Frames { kEthernet, kShort };
std::unique_ptr<KernelDataplane> make_kernel_dataplane(runtime::LoadedObject object, std::string path,
                                                       std::vector<std::string> externs = {},
                                                       Frames frames = Frames::kEthernet);

}  // namespace p4bpf::testing
