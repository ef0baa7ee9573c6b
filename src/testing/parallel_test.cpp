// Programs with state on two CPUs at once, through BPF_PROG_TEST_RUN: registers, meters and digests hold. Skipped
// without the privilege or a second CPU.
#include <gtest/gtest.h>
#include <sched.h>
#include <time.h>

#include <array>
#include <thread>

#include "testing/kernel_dataplane.h"
#include "testing/p4_fixture.h"
#include "testing/workshop.h"

namespace p4bpf::testing {
namespace {

constexpr std::uint32_t kRuns = 200'000;  // of each thread

std::string program_of(const std::string& locals, const std::string& apply) {
  return "#include <core.p4>\n#include <v1model.p4>\n"
         "header B { bit<8> a; bit<8> b; bit<8> c; bit<8> d; bit<96> rest; }\nstruct H { B b; }\nstruct M {}\n"
         "struct Seen { bit<8> a; bit<32> n; }\n"
         "parser prs(packet_in p, out H h, inout M m, inout standard_metadata_t s) {\n"
         " state start { p.extract(h.b); transition accept; } }\n"
         "control none(inout H h, inout M m) { apply {} }\n"
         "control ing(inout H h, inout M m, inout standard_metadata_t s) {\n" +
         locals + "\napply {\n" + apply +
         "\n s.egress_spec = 1; } }\n"
         "control egr(inout H h, inout M m, inout standard_metadata_t s) { apply {} }\n"
         "control dep(packet_out p, in H h) { apply { p.emit(h.b); } }\n"
         "V1Switch(prs(), none(), ing(), egr(), none(), dep()) main;\n";
}

/// A program in the kernel; without one the test is to be skipped.
class Parallel : public ::testing::Test {
 protected:
  void load(const std::string& text, const WorkshopOptions& options = {}) {
    p4_.emplace(text);
    ASSERT_TRUE(p4_->is_built()) << p4_->errors();
    workshop_.emplace(p4_->program(), p4_->diagnostics(), options);
    auto made = workshop_->make(Target::kKernel, {});
    if (!made && made.error().code == kUnavailable) GTEST_SKIP() << made.error().message;
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(*made) << p4_->errors();
    dataplane_ = std::move(*made);
    if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "there is one CPU only";
  }

  /// Calls `run` on two CPUs.
  template <class F>
  static void on_two_cpus(F run) {
    std::vector<std::thread> threads;
    for (std::size_t cpu = 0; cpu < 2; ++cpu) {
      threads.emplace_back([&run, cpu] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        ::sched_setaffinity(0, sizeof set, &set);
        run(cpu);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  /// Runs this packet many times on both.
  void run_on_both(const Bytes& packet, std::uint32_t times) {
    auto& kernel = dynamic_cast<KernelDataplane&>(*dataplane_);
    ASSERT_TRUE(kernel.inject(0, packet));  // all that is made at the first packet is made
    std::array<bool, 2> done{};
    on_two_cpus([&](std::size_t cpu) { done[cpu] = kernel.nanoseconds(0, packet, times).has_value(); });
    ASSERT_TRUE(done[0] && done[1]);
  }

  std::optional<P4Fixture> p4_;
  std::optional<Workshop> workshop_;
  std::unique_ptr<Dataplane> dataplane_;
};

const Bytes kPacket(16, 1);

TEST_F(Parallel, RegistersCountExactly) {
  ASSERT_NO_FATAL_FAILURE(load(program_of(R"(
    register<bit<32>>(4) counts;
    register<bit<48>>(4) others;
    register<bit<128>>(1) wides;)",
                                          R"(
    bit<32> n;
    bit<48> sum;
    counts.read(n, 1);
    others.read(sum, (bit<32>)h.b.a);
    if (h.b.b == 1) n = n + 1;
    others.write((bit<32>)h.b.a, sum + 2);
    counts.write(1, n);
    bit<128> w;
    wides.read(w, 0);
    wides.write(0, w + (1 << 64) + 1);)")));
  if (dataplane_ == nullptr) return;
  run_on_both(kPacket, kRuns);
  const std::uint64_t all = 2 * kRuns + 1;
  EXPECT_EQ(dataplane_->read_register(0, 1).value(), all);
  EXPECT_EQ(dataplane_->read_register(1, 1).value(), 2 * all);
  EXPECT_EQ(dataplane_->read_register(2, 0).value(), BigInt(all) * (power_of_two(64) + 1));
}

/// Branches between the read and the write, or around the write, on which later parts of the program depend.
TEST_F(Parallel, StepsWithBranchesCountExactly) {
  const std::string write = "counts.write(1, n + 1);";
  for (const std::string& rest :
       {"if (n == 0xffffffff) exit; " + write, "if (h.b.c == 7) mark_to_drop(s); " + write,
        "if (h.b.c == 7) h.b.setInvalid(); else h.b.d = n[7:0]; " + write,
        "if (h.b.c == 1) { " + write + " } else { mark_to_drop(s); }",
        "if (h.b.c == 7) { return; } h.b.d = 3; " + write, "if (h.b.c == 1) { " + write + " } else { exit; }"}) {
    SCOPED_TRACE(rest);
    dataplane_.reset();
    ASSERT_NO_FATAL_FAILURE(load(program_of(R"(
    register<bit<32>>(4) counts;
    action count() {
      bit<32> n;
      counts.read(n, 1); )" + rest + "}",
                                            "count();")));
    if (dataplane_ == nullptr) return;
    run_on_both(kPacket, kRuns);
    EXPECT_EQ(dataplane_->read_register(0, 1).value(), 2 * kRuns + 1);
  }
}

/// What needs a helper of the kernel, between the read and the write.
TEST_F(Parallel, StepsWithMetersAndDigestsCountExactly) {
  ASSERT_NO_FATAL_FAILURE(load(program_of(R"(
    register<bit<32>>(4) counts;
    register<bit<32>>(4) others;
    meter(2, MeterType.packets) police;
    action count() {
      bit<32> n;
      bit<32> color;
      counts.read(n, 1);
      police.execute_meter(1, color);
      digest<Seen>(1, { h.b.a, n });
      if (color == 2) return;
      for (bit<8> i = 0; i < 2; i = i + 1) n = n + 1;
      counts.write(1, n);
    })",
                                          R"(
    count();
    @atomic {
      bit<32> a;
      bit<32> b;
      others.read(a, 0);
      others.read(b, 1);
      others.write(0, a + 1);
      others.write(1, (a == b ? b + 1 : 0));
    })")));
  if (dataplane_ == nullptr) return;
  run_on_both(kPacket, kRuns);
  const std::uint64_t all = 2 * kRuns + 1;
  EXPECT_EQ(dataplane_->read_register(0, 1).value(), 2 * all);
  EXPECT_EQ(dataplane_->read_register(1, 0).value(), all);
  EXPECT_EQ(dataplane_->read_register(1, 1).value(), all);
  const auto digests = dataplane_->take_digests();
  ASSERT_TRUE(digests);
  EXPECT_EQ(digests->front(), (Digest{0, 1, {1, 0}}));
  EXPECT_EQ(digests->size() + dataplane_->lost_digests().value(), all);
}

TEST_F(Parallel, DirectCountersCountExactly) {
  ASSERT_NO_FATAL_FAILURE(load(program_of(R"(
    direct_counter(CounterType.packets_and_bytes) hits;
    table t { key = { h.b.a: exact; } actions = { NoAction; } counters = hits; })",
                                          "t.apply();")));
  if (dataplane_ == nullptr) return;
  manifest::Entry entry;
  entry.keys = {KeyMatch{.kind = KeyMatch::Kind::kExact, .value = 1}};
  ASSERT_TRUE(dataplane_->insert(0, entry));
  run_on_both(kPacket, kRuns);
  const auto handle = dataplane_->handle_of(0, entry);
  ASSERT_TRUE(handle);
  const auto counts = dataplane_->read_counter(0, *handle);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->packets, 2 * kRuns + 1);
  EXPECT_EQ(counts->bytes, 16 * (2 * kRuns + 1));
}

/// Packets of known colours are counted, so that what passed is known whatever the time that it took.
TEST_F(Parallel, MetersKeepTheirRate) {
  // On TC: many runs on XDP end with a wait for readers, in which the buckets fill.
  WorkshopOptions options;
  options.hook = "tc";
  ASSERT_NO_FATAL_FAILURE(
      load(program_of("meter(2, MeterType.packets) police;\ncounter(3, CounterType.packets) colors;",
                      R"(
    bit<32> color;
    police.execute_meter(1, color);
    colors.count(color);)"),
           options));
  if (dataplane_ == nullptr) return;
  const double rate = 100'000;
  // As much as comes in a fifth of a second: nothing is lost while a busy machine lets neither thread run.
  const std::uint64_t burst = 20'000;
  ASSERT_TRUE(dataplane_->set_meter(0, 1, manifest::MeterRates{{rate, burst}, {2 * rate, 2 * burst}}));
  auto& kernel = dynamic_cast<KernelDataplane&>(*dataplane_);
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const auto passed = [&](std::uint64_t color) {
    return static_cast<double>(dataplane_->read_counter(0, color).value().packets);
  };
  // Both buckets are empty when the time begins and when it ends.
  constexpr std::uint32_t kDrains = 100'000;
  ASSERT_TRUE(kernel.nanoseconds(0, kPacket, kDrains));
  const double start = now();
  const double green = passed(0);
  const double yellow = passed(1);
  on_two_cpus([&](std::size_t) {
    while (now() - start < 0.5) (void)kernel.nanoseconds(0, kPacket, 10'000);
  });
  ASSERT_TRUE(kernel.nanoseconds(0, kPacket, kDrains));
  const double seconds = now() - start;
  ASSERT_GT(passed(2), 0) << "the machine is too slow to exceed the rate";
  EXPECT_NEAR((passed(0) - green) / (rate * seconds), 1, 0.02);
  EXPECT_NEAR((passed(0) - green + passed(1) - yellow) / (2 * rate * seconds), 1, 0.02);
}

TEST_F(Parallel, DigestsArriveOrAreCounted) {
  ASSERT_NO_FATAL_FAILURE(load(program_of("", "digest<Seen>(1, { h.b.a, 0x12345678 });")));
  if (dataplane_ == nullptr) return;
  constexpr std::uint32_t kFew = 5'000;  // what the ring holds
  run_on_both(kPacket, kFew);
  const auto digests = dataplane_->take_digests();
  ASSERT_TRUE(digests);
  ASSERT_EQ(digests->size(), 2 * kFew + 1);
  EXPECT_EQ(digests->front(), (Digest{0, 1, {1, 0x12345678}}));
  EXPECT_EQ(digests->back(), digests->front());
  EXPECT_EQ(dataplane_->lost_digests().value(), 0u);
  run_on_both(kPacket, kRuns);
  const auto more = dataplane_->take_digests();
  ASSERT_TRUE(more);
  EXPECT_GT(dataplane_->lost_digests().value(), 0u);
  EXPECT_EQ(more->size() + dataplane_->lost_digests().value(), 2 * kRuns + 1);
}

}  // namespace
}  // namespace p4bpf::testing
