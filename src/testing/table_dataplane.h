// What the executors whose tables are maps have in common: entries go through runtime::TableAccess.
#pragma once

#include <memory>
#include <utility>

#include "runtime/calculation_access.h"
#include "runtime/digest_access.h"
#include "runtime/kernel.h"
#include "runtime/profile_access.h"
#include "runtime/meter_access.h"
#include "runtime/register_access.h"
#include "runtime/replication_access.h"
#include "runtime/table_access.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

class TableDataplane : public Dataplane {
 public:
  const manifest::Manifest& manifest() const override { return *manifest_; }
  Result<void> insert(std::size_t table, const manifest::Entry& entry) override { return access_.insert(table, entry); }
  Result<void> set_default(std::size_t table, const manifest::Entry& what) override {
    return access_.set_default(table, what);
  }
  Result<void> set_member(std::size_t profile, const manifest::Member& member) override {
    const bool is_there = profiles_.member(profile, member.number).has_value();
    return profiles_.change_member(profile, is_there ? runtime::Change::kModify : runtime::Change::kAdd, member);
  }
  Result<void> set_group(std::size_t profile, const manifest::Group& group) override {
    const bool is_there = profiles_.group(profile, group.number).has_value();
    return profiles_.change_group(profile, is_there ? runtime::Change::kModify : runtime::Change::kAdd, group);
  }
  Result<void> clear(std::size_t table) override {
    const auto removed = access_.clear(table);
    if (!removed) return fail(removed.error());
    return {};
  }
  Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index) override {
    const auto value = access_.read_counter(counter, index);
    if (!value) return fail(value.error());
    return CounterValue{value->packets, value->bytes};
  }
  Result<std::uint32_t> handle_of(std::size_t table, const manifest::Entry& entry) override {
    return access_.handle_of(table, entry);
  }
  Result<void> set_meter(std::size_t meter, std::uint64_t index,
                         const std::optional<manifest::MeterRates>& rates) override {
    runtime::MeterAccess meters(*kernel_, *manifest_);
    return rates ? meters.set(meter, index, *rates) : meters.reset(meter, index);
  }
  Result<std::vector<Digest>> take_digests() override {
    std::vector<Digest> all;
    if (manifest_->digest_map.empty()) return all;
    const Result<void> done = runtime::DigestAccess(*kernel_, *manifest_)
                                  .consume(0, [&](const runtime::DigestRecord& one) {
                                    all.push_back({one.digest, one.receiver, one.values});
                                  });
    if (!done) return fail(done.error());
    return all;
  }
  Result<std::uint64_t> lost_digests() override { return runtime::DigestAccess(*kernel_, *manifest_).lost(); }
  Result<BigInt> read_register(std::size_t cells, std::uint64_t index) override {
    return registers_.read(cells, index);
  }
  Result<void> write_register(std::size_t cells, std::uint64_t index, const BigInt& value) override {
    return registers_.write(cells, index, value);
  }
  Result<void> set_calculation(std::size_t calculation, const CrcParameters& parameters) override {
    return runtime::CalculationAccess(*kernel_, *manifest_).set(calculation, parameters);
  }
  Result<void> set_replicas(manifest::ReplicationKind kind, std::uint32_t id,
                            const manifest::ReplicaList& replicas) override {
    runtime::ReplicationAccess access(*kernel_, *manifest_);
    if (!access.has(kind)) return {};  // no packet can tell
    return access.set(kind, id, replicas);
  }

 protected:
  /// Both must outlive it.
  TableDataplane(runtime::Kernel& kernel, const manifest::Manifest& manifest)
      : kernel_(&kernel),
        manifest_(&manifest),
        access_(kernel, manifest),
        profiles_(kernel, manifest),
        registers_(kernel, manifest) {}

  runtime::Kernel& kernel() { return *kernel_; }
  runtime::TableAccess& access() { return access_; }
  runtime::ProfileAccess& profiles() { return profiles_; }

 private:
  runtime::Kernel* kernel_;
  const manifest::Manifest* manifest_;
  runtime::TableAccess access_;
  runtime::ProfileAccess profiles_;
  runtime::RegisterAccess registers_;
};

/// A number as the 4 bytes of a map's key or value.
inline runtime::Bytes bytes_of(std::uint32_t number) {
  runtime::Bytes bytes(sizeof number);
  __builtin_memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace p4bpf::testing
