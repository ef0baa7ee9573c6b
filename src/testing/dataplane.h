// Who runs a packet: the seam between packet tests and the four executors (interpreter, native, kernel, veth).
//
// An executor holds one compiled program with its tables. All of them take the same abstract entries and give the same
// packets; where one differs, it has a bug or says that it cannot run (Unavailable -> exit status 77).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/crc.h"
#include "base/result.h"
#include "manifest/manifest.h"
#include "manifest/profile.h"
#include "manifest/meter_rates.h"
#include "manifest/replication.h"

namespace p4bpf::testing {

using Bytes = std::vector<std::uint8_t>;

/// Error::code of what cannot be run here and is no failure: a missing privilege or kernel feature, a frame that a link
/// cannot carry.
constexpr int kUnavailable = -77;

/// A packet that left on a P4 port.
struct Output {
  std::uint32_t port = 0;
  Bytes bytes;
  bool operator==(const Output&) const = default;
};

/// The failure of a packet that called extern `number` - 1, which nobody gave a body; `names` are those of the
/// program's externs. It says nothing about the program: what is missing is the user's C file.
inline tl::unexpected<Error> fail_missing_extern(std::uint32_t number, const std::vector<std::string>& names) {
  const std::string name = number - 1 < names.size() ? " '" + names[number - 1] + "'" : "";
  return fail("a packet reached the extern" + name + ", which has no body",
              "define it in a C file and pass it by --extern FILE.c", kUnavailable);
}

struct CounterValue {
  BigInt packets = 0;  // or the plain value
  BigInt bytes = 0;
};

/// A message of the program.
struct Digest {
  std::size_t digest = 0;  // index of manifest::Manifest::digests
  std::uint32_t receiver = 0;
  std::vector<BigInt> values;  // as manifest::Digest::fields
  bool operator==(const Digest&) const = default;
};

class Dataplane {
 public:
  virtual ~Dataplane() = default;
  virtual std::string name() const = 0;
  virtual const manifest::Manifest& manifest() const = 0;

  /// `table` and the indices inside `entry` are those of the manifest.
  virtual Result<void> insert(std::size_t table, const manifest::Entry& entry) = 0;
  /// What a miss runs, as an entry without keys.
  virtual Result<void> set_default(std::size_t table, const manifest::Entry& what) = 0;
  /// Removes all entries that are not const.
  virtual Result<void> clear(std::size_t table) = 0;
  virtual Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index) = 0;

  /// New, or in the place of the one of that number; a group's members must be there.
  virtual Result<void> set_member(std::size_t profile, const manifest::Member& member) = 0;
  virtual Result<void> set_group(std::size_t profile, const manifest::Group& group) = 0;
  /// The index of an entry's own element of direct counters and meters; only its keys and priority count.
  virtual Result<std::uint32_t> handle_of(std::size_t table, const manifest::Entry& entry) = 0;
  /// `meter` is an index of manifest::Manifest::meters. Without rates everything is green.
  virtual Result<void> set_meter(std::size_t meter, std::uint64_t index,
                                 const std::optional<manifest::MeterRates>& rates) = 0;
  /// Those that have come since this was called last.
  virtual Result<std::vector<Digest>> take_digests() = 0;
  /// How many found no room so far.
  virtual Result<std::uint64_t> lost_digests() = 0;
  /// `cells` is an index of manifest::Manifest::registers.
  virtual Result<BigInt> read_register(std::size_t cells, std::uint64_t index) = 0;
  virtual Result<void> write_register(std::size_t cells, std::uint64_t index, const BigInt& value) = 0;
  /// `calculation` is an index of manifest::Manifest::calculations.
  virtual Result<void> set_calculation(std::size_t calculation, const CrcParameters& parameters) = 0;

  virtual Result<void> set_replicas(manifest::ReplicationKind kind, std::uint32_t id,
                                    const manifest::ReplicaList& replicas) = 0;

  /// Runs one packet that arrives on `port`; what left, in order.
  virtual Result<std::vector<Output>> inject(std::uint32_t port, const Bytes& packet) = 0;
};

}  // namespace p4bpf::testing
