// Packets through BPF_PROG_TEST_RUN (kernel_dataplane.h).
//
// The kernel wants at least an Ethernet header in a frame. A TC program may still have to judge less (a test of its
// parser): for those packets the same program is loaded once more as LWT_XMIT, a program type that gets packets behind
// their link-layer header, and the packet is sent behind one of ours. Where it is known before that frames are short,
// or become so, the program is loaded as that alone.
#include "testing/kernel_dataplane.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

#include "runtime/ports.h"
#include "testing/kernel_copies.h"
#include "testing/table_dataplane.h"

namespace p4bpf::testing {
namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::size_t kMaxGrowth = 256;  // what bpf_xdp_adjust_head can add in front
constexpr std::uint32_t kIfindex =
    1;  // the loopback, which every namespace has; what port it stands for is set before each packet

struct ObjectHolder {
  runtime::LoadedObject object;
};

/// One loaded program with its tables.
class Loaded : private ObjectHolder, public TableDataplane {
 public:
  Loaded(runtime::LoadedObject loaded, Frames made_for)
      : ObjectHolder{std::move(loaded)}, TableDataplane(object.kernel(), object.manifest()), frames(made_for) {}
  const Frames frames;
  std::string name() const override { return "kernel"; }
  Result<std::vector<Output>> inject(std::uint32_t, const Bytes&) override { return fail("not by itself"); }
  using ObjectHolder::object;
  using TableDataplane::access;
  using TableDataplane::kernel;
  using TableDataplane::profiles;
  int program() const { return object.program(manifest().kernel_programs.front().function); }
  Result<std::vector<PassInput>> take_copies() {
    const std::string& map = manifest().passes.test_copies_map;
    if (map.empty()) return std::vector<PassInput>{};
    return copies_->take();
  }
  /// Before the first packet.
  Result<void> prepare() {
    if (manifest().passes.test_copies_map.empty() || copies_) return {};
    const auto map = object.kernel().descriptor(manifest().passes.test_copies_map);
    if (!map) return fail(map.error());
    auto opened = KernelCopies::open(*map);
    if (!opened) return fail(opened.error());
    copies_ = std::move(*opened);
    return {};
  }

 private:
  std::unique_ptr<KernelCopies> copies_;
};

struct RunResult {
  int verdict = 0;
  Bytes bytes;
  std::uint32_t nanoseconds = 0;
};

class TestRun : public KernelDataplane {
 public:
  TestRun(std::unique_ptr<Loaded> loaded, std::string path, std::vector<std::string> externs)
      : loaded_(std::move(loaded)),
        path_(std::move(path)),
        externs_(std::move(externs)),
        is_xdp_(loaded_->manifest().kernel_programs.front().hook == manifest::Hook::kXdp) {
    // With the parts of a large program.
    for (const runtime::ProgramStats& one : loaded_->object.stats()) {
      stats_.instructions += one.instructions;
      stats_.jited_bytes += one.jited_bytes;
      stats_.processed += one.processed;
      stats_.stack_bytes = std::max(stats_.stack_bytes, one.stack_bytes);
      stats_.verification_us += one.verification_us;
    }
  }

  std::string name() const override { return "kernel"; }
  const manifest::Manifest& manifest() const override { return loaded_->manifest(); }
  const runtime::ProgramStats& stats() const override { return stats_; }

  Result<void> insert(std::size_t table, const manifest::Entry& entry) override {
    return for_each([&](Loaded& one) { return one.insert(table, entry); });
  }
  Result<void> set_default(std::size_t table, const manifest::Entry& what) override {
    return for_each([&](Loaded& one) { return one.set_default(table, what); });
  }
  Result<void> set_member(std::size_t profile, const manifest::Member& member) override {
    return for_each([&](Loaded& one) { return one.set_member(profile, member); });
  }
  Result<void> set_group(std::size_t profile, const manifest::Group& group) override {
    return for_each([&](Loaded& one) { return one.set_group(profile, group); });
  }
  Result<void> clear(std::size_t table) override {
    return for_each([&](Loaded& one) { return one.clear(table); });
  }
  Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index) override {
    const auto value = loaded_->read_counter(counter, index);
    // What short packets counted, they counted in their own maps.
    if (!value || !short_packets_) return value;
    const auto more = short_packets_->read_counter(counter, index);
    if (!more) return more;
    return CounterValue{value->packets + more->packets, value->bytes + more->bytes};
  }

  Result<std::uint32_t> handle_of(std::size_t table, const manifest::Entry& entry) override {
    return loaded_->handle_of(table, entry);
  }
  Result<void> set_meter(std::size_t meter, std::uint64_t index,
                         const std::optional<manifest::MeterRates>& rates) override {
    return for_each([&](Loaded& one) { return one.set_meter(meter, index, rates); });
  }
  Result<std::vector<Digest>> take_digests() override {
    auto all = loaded_->take_digests();
    if (!all || !short_packets_) return all;
    const auto more = short_packets_->take_digests();
    if (!more) return more;
    all->insert(all->end(), more->begin(), more->end());
    return all;
  }
  Result<std::uint64_t> lost_digests() override { return loaded_->lost_digests(); }
  Result<BigInt> read_register(std::size_t cells, std::uint64_t index) override {
    return loaded_->read_register(cells, index);
  }
  Result<void> write_register(std::size_t cells, std::uint64_t index, const BigInt& value) override {
    return for_each([&](Loaded& one) { return one.write_register(cells, index, value); });
  }
  Result<void> set_calculation(std::size_t calculation, const CrcParameters& parameters) override {
    return for_each([&](Loaded& one) { return one.set_calculation(calculation, parameters); });
  }

  Result<void> set_replicas(manifest::ReplicationKind kind, std::uint32_t id,
                            const manifest::ReplicaList& replicas) override {
    replicas_[{kind, id}] = replicas;
    return for_each([&](Loaded& one) { return one.set_replicas(kind, id, replicas); });
  }

  Result<std::vector<Output>> inject(std::uint32_t port, const Bytes& packet) override {
    return run_passes(
        packet, [&](const PassInput& pass) { return run_once(port, pass); }, [&] { return active_->take_copies(); });
  }

  Result<std::uint32_t> nanoseconds(std::uint32_t port, const Bytes& packet, std::uint32_t repeat) override {
    const auto result = run(port, {0, packet}, repeat);
    if (!result) return fail(result.error());
    (void)active_->take_copies();
    return result->nanoseconds;
  }

 private:
  Result<std::optional<Output>> run_once(std::uint32_t port, const PassInput& pass) {
    const auto run = this->run(port, pass, 1);
    if (!run) return fail(run.error());
    const auto out = output_port(run->verdict, port);
    if (!out) return std::optional<Output>();
    if (!*out) return fail(out->error());
    return std::optional<Output>({**out, run->bytes});
  }

  Result<RunResult> run(std::uint32_t port, const PassInput& pass, std::uint32_t repeat) {
    const Bytes& packet = pass.packet;
    if (pass.mark != 0) {
      // What the pass before has left is in the maps of the program that it was run on.
      auto result = run_on(*active_, port, pass, repeat);
      return result ? check_missing_extern(std::move(*result)) : result;
    }
    const bool is_short = packet.size() < kEthernet;
    if (is_short && is_xdp_) {
      return fail(fmt::format("XDP gets no frame of {} bytes: Ethernet has 14 at least", packet.size()), {},
                  kUnavailable);
    }
    auto result = is_short ? run_short(port, pass, repeat) : run_on(*loaded_, port, pass, repeat);
    // An IP packet that ends in its header is refused as well, though a wire may carry it.
    if (!result && result.error().code == kUnavailable && !is_short && !is_xdp_)
      result = run_short(port, pass, repeat);
    if (!result) return result;
    return check_missing_extern(std::move(*result));
  }

  Result<RunResult> run_short(std::uint32_t port, const PassInput& pass, std::uint32_t repeat) {
    if (loaded_->frames == Frames::kShort) return run_on(*loaded_, port, pass, repeat);
    if (!short_packets_) {
      const auto prepared = prepare_short_packets();
      if (!prepared) return fail(prepared.error());
    }
    return run_on(*short_packets_, port, pass, repeat);
  }

  Result<RunResult> run_on(Loaded& one, std::uint32_t port, const PassInput& pass, std::uint32_t repeat) {
    active_ = &one;
    const bool is_short = one.frames == Frames::kShort;
    if (const auto ready = active_->prepare(); !ready) return fail(ready.error());
    if (const auto set = runtime::set_port_of(active_->kernel(), active_->manifest(), kIfindex, port); !set)
      return fail(set.error());
    Bytes in = pass.packet;
    if (is_short) {
      in.insert(in.begin(), kEthernet, 0);
      in[12] = 0x88;  // an EtherType for experiments: the kernel looks into no header behind it
      in[13] = 0xb5;
    }
    auto result = test_run(in, pass.mark, repeat);
    if (result && is_short && result->bytes.size() >= kEthernet) {
      result->bytes.erase(result->bytes.begin(), result->bytes.begin() + kEthernet);
    }
    return result;
  }

  Result<RunResult> test_run(const Bytes& in, std::uint32_t mark, std::uint32_t repeat) const {
    Bytes out(in.size() + kMaxGrowth);
    xdp_md xdp{};
    xdp.data_end = static_cast<std::uint32_t>(in.size());
    xdp.ingress_ifindex = kIfindex;
    __sk_buff skb{};
    skb.ifindex = kIfindex;
    skb.mark = mark;
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.data_in = in.data();
    options.data_size_in = static_cast<std::uint32_t>(in.size());
    options.data_out = out.data();
    options.data_size_out = static_cast<std::uint32_t>(out.size());
    options.repeat = static_cast<int>(repeat);
    if (is_xdp_) {
      options.ctx_in = &xdp;
      options.ctx_size_in = sizeof xdp;
    } else {
      options.ctx_in = &skb;
      options.ctx_size_in = sizeof skb;
    }
    if (bpf_prog_test_run_opts(active_->program(), &options) != 0) {
      const int code = errno;
      return fail(fmt::format("BPF_PROG_TEST_RUN refuses a packet of {} bytes: {}", in.size(), std::strerror(code)), {},
                  code == EINVAL || code == EPERM || code == ENOTSUP ? kUnavailable : code);
    }
    out.resize(std::min<std::size_t>(options.data_size_out, out.size()));
    return RunResult{static_cast<int>(options.retval), std::move(out), options.duration};
  }

  /// What changes tables changes those of the program for short packets too.
  template <class F>
  Result<void> for_each(F&& change) {
    const Result<void> changed = change(*loaded_);
    return changed && short_packets_ ? change(*short_packets_) : changed;
  }

  /// What packets change and later packets see: registers, and meters but those of entries, whose handles are each
  /// program's own.
  Result<std::map<std::string, int>> shared_state() {
    std::map<std::string, int> shared;
    std::vector<std::string> names;
    for (const manifest::Register& cells : manifest().registers) names.push_back(cells.map);
    for (const manifest::Meter& meter : manifest().meters)
      if (!meter.table) names.push_back(meter.map);
    for (const std::string& name : names) {
      if (name.empty()) continue;  // the program does not use it
      const auto map = loaded_->object.kernel().descriptor(name);
      if (!map) return fail(map.error());
      shared[name] = *map;
    }
    return shared;
  }

  /// The same program as another type, with the same tables, over the same registers.
  Result<void> prepare_short_packets() {
    const auto shared = shared_state();
    if (!shared) return fail(shared.error());
    auto outcome = runtime::LoadedObject::load(path_, manifest(), BPF_PROG_TYPE_LWT_XMIT, *shared);
    if (!outcome || !outcome->object) {
      const std::string why = outcome ? outcome->rejection->reason : outcome.error().message;
      return fail(fmt::format("a frame of less than 14 bytes cannot be run here: {}", why), {}, kUnavailable);
    }
    auto loaded = std::make_unique<Loaded>(std::move(*outcome->object), Frames::kShort);
    for (std::size_t i = 0; i < manifest().profiles.size(); ++i) {
      const auto copied = copy_profile(i, *loaded);
      if (!copied) return fail(copied.error());
    }
    for (std::size_t i = 0; i < manifest().tables.size(); ++i) {
      const auto copied = copy_table(i, *loaded);
      if (!copied) return fail(copied.error());
    }
    for (const auto& [which, replicas] : replicas_) {
      if (const auto set = loaded->set_replicas(which.first, which.second, replicas); !set) return set;
    }
    short_packets_ = std::move(loaded);
    return {};
  }

  Result<void> copy_profile(std::size_t index, Loaded& to) {
    const auto members = loaded_->profiles().members(index);
    if (!members) return fail(members.error());
    const auto groups = loaded_->profiles().groups(index);
    if (!groups) return fail(groups.error());
    for (const manifest::Member& member : *members) {
      if (const auto set = to.set_member(index, member); !set) return set;
    }
    for (const manifest::Group& group : *groups) {
      if (const auto set = to.set_group(index, group); !set) return set;
    }
    return {};
  }

  Result<void> copy_table(std::size_t index, Loaded& to) {
    const manifest::Table& table = manifest().tables[index];
    if (!table.default_symbol.empty()) {
      const auto action = loaded_->access().get_default(index);
      if (!action) return fail(action.error());
      const auto set = to.set_default(index, *action);
      if (!set) return fail(set.error());
    }
    if (table.entries_are_const || table.structure == manifest::Structure::kNone ||
        table.structure == manifest::Structure::kCode)
      return {};
    const auto entries = loaded_->access().dump(index);
    if (!entries) return fail(entries.error());
    const auto cleared = to.clear(index);
    if (!cleared) return fail(cleared.error());
    for (const manifest::Entry& entry : *entries) {
      if (entry.is_const) continue;
      const auto inserted = to.insert(index, entry);
      if (!inserted) return fail(inserted.error());
    }
    return {};
  }

  Result<std::uint32_t> read_word(const std::string& symbol) const {
    const auto place = active_->object.global(symbol);
    if (!place) return fail(fmt::format("the program has no variable '{}'", symbol));
    const auto bytes = active_->kernel().read_global(place->map, place->offset, sizeof(std::uint32_t));
    if (!bytes) return fail(bytes.error());
    std::uint32_t value = 0;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
  }

  std::optional<Result<std::uint32_t>> output_port(int verdict, std::uint32_t port) const {
    const bool stays =
        is_xdp_ ? verdict == XDP_PASS || verdict == XDP_TX : verdict == TC_ACT_OK || verdict == TC_ACT_UNSPEC;
    if (stays) return Result<std::uint32_t>(port);
    if (verdict != (is_xdp_ ? static_cast<int>(XDP_REDIRECT) : TC_ACT_REDIRECT)) return std::nullopt;
    if (manifest().test_port_symbol.empty())
      return Result<std::uint32_t>(fail("the program redirected, but it is no test build"));
    return read_word(manifest().test_port_symbol);
  }

  Result<RunResult> check_missing_extern(RunResult result) {
    constexpr const char* kSymbol = "p4bpf_missing_extern";
    const auto place = active_->object.global(kSymbol);
    if (!place) return result;  // every extern has a body
    const auto number = read_word(kSymbol);
    if (!number) return fail(number.error());
    if (*number == 0) return result;
    const auto reset = active_->kernel().write_global(place->map, place->offset, bytes_of(0));
    if (!reset) return fail(reset.error());
    return fail_missing_extern(*number, externs_);
  }

  std::unique_ptr<Loaded> loaded_;
  interp::Replicas replicas_;  // that were set
  runtime::ProgramStats stats_;
  std::unique_ptr<Loaded> short_packets_;
  Loaded* active_ = nullptr;
  std::string path_;
  std::vector<std::string> externs_;
  bool is_xdp_;
};

}  // namespace

std::unique_ptr<KernelDataplane> make_kernel_dataplane(runtime::LoadedObject object, std::string path,
                                                       std::vector<std::string> externs, Frames frames) {
  return std::make_unique<TestRun>(std::make_unique<Loaded>(std::move(object), frames), std::move(path),
                                   std::move(externs));
}

}  // namespace p4bpf::testing
