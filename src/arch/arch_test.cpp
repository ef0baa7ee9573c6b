// The tables of architectures and externs hold together.
#include <gtest/gtest.h>

#include <set>

#include "arch/architecture.h"
#include "arch/checksum.h"

namespace p4bpf::arch {
namespace {

TEST(Architectures, AreFoundByPackageAndByName) {
  ASSERT_NE(find_architecture("ebpfFilter"), nullptr);
  EXPECT_EQ(find_architecture("ebpfFilter")->name, "ebpf_model");
  ASSERT_NE(find_architecture("xdp"), nullptr);
  EXPECT_EQ(find_architecture("xdp")->name, "xdp_model");
  EXPECT_EQ(find_architecture("V1Hub"), nullptr);
  EXPECT_EQ(architecture_named("xdp_model"), find_architecture("xdp"));
  EXPECT_EQ(architecture_named("xdp"), nullptr);
}

TEST(Architectures, EachRowIsWhole) {
  std::set<std::string_view> names;
  for (const Architecture& architecture : all_architectures()) {
    EXPECT_TRUE(names.insert(architecture.name).second) << architecture.name;
    EXPECT_NE(architecture.assemble, nullptr) << architecture.name;
    EXPECT_FALSE(architecture.packages.empty()) << architecture.name;
    EXPECT_FALSE(architecture.blocks.empty()) << architecture.name;
    EXPECT_FALSE(architecture.hooks.empty()) << architecture.name;
  }
}

TEST(Architectures, EachExternHasBothHalves) {
  for (const Architecture& architecture : all_architectures()) {
    std::set<std::pair<std::string_view, std::size_t>> names;
    for (const ExternRow& row : architecture.externs) {
      EXPECT_TRUE(names.emplace(row.name, row.param_count).second) << row.name;
      if (row.lowering.kind == CLowering::Kind::kGlue) continue;  // its two halves are the IR that stands in its place
      EXPECT_NE(row.evaluate, nullptr) << row.name << " has no meaning for the interpreter";
      EXPECT_NE(row.lowering.kind, CLowering::Kind::kNone) << row.name << " has no lowering to C";
      EXPECT_FALSE(row.lowering.function.empty()) << row.name << " has no lowering to C";
    }
    for (const ExternTypeRow& row : architecture.extern_types) EXPECT_NE(row.shape, nullptr) << row.name;
  }
}

ir::Program program_of(std::string architecture) {
  ir::Program program;
  program.architecture = std::move(architecture);
  return program;
}
ir::ExternFunction function_of(std::string name, std::size_t params) {
  ir::ExternFunction function;
  function.name = std::move(name);
  function.params.resize(params);
  return function;
}

TEST(Externs, AreFoundByNameAndParameterCount) {
  const ir::Program program = program_of("xdp_model");
  ir::ExternFunction function = function_of("csum_replace2", 3);
  ASSERT_NE(find_extern(program, function), nullptr);
  EXPECT_EQ(find_extern(program, function)->name, "csum_replace2");
  EXPECT_EQ(find_extern(program, function_of("csum_replace2", 2)), nullptr);
  EXPECT_EQ(find_extern(program_of("none"), function), nullptr);
  function.is_user = true;
  EXPECT_EQ(find_extern(program, function), nullptr) << "the user's own wins";
}

/// Calls a row as the interpreter would.
struct Call {
  ir::ExternInstance instance;
  ExternState state;
  std::vector<std::uint8_t> packet = {1, 2, 3};
  std::vector<Effect> effects;

  BigInt operator()(std::string name, const std::vector<BigInt>& arguments) {
    const ExternRow* row = find_extern(program_of("xdp_model"), function_of(std::move(name), arguments.size()));
    EXPECT_NE(row, nullptr);
    ExternContext context;
    context.instance = &instance;
    context.state = &state;
    for (const BigInt& argument : arguments) {
      ExternValue value;
      value.value = argument;
      context.arguments.push_back(value);
    }
    context.now_ns = 0x1'0000'0005;
    context.packet = &packet;
    context.effects = &effects;
    row->evaluate(context);
    return context.result;
  }
  BigInt cell(std::uint64_t index) const { return state.cells.contains(index) ? state.cells.at(index)[0] : BigInt(-1); }
};

Call counter_array(std::uint32_t size, bool sparse) {
  Call call;
  call.instance.type_name = "CounterArray";
  call.instance.arguments = {BigInt(size), sparse};
  return call;
}

TEST(Externs, DenseCounterStopsAtItsSize) {
  Call call = counter_array(2, false);
  call("CounterArray.increment", {1});
  call("CounterArray.add", {1, 41});
  call("CounterArray.increment", {2});
  EXPECT_EQ(call.cell(1), 42);
  EXPECT_EQ(call.cell(2), -1);
}

TEST(Externs, SparseCounterHoldsSoManyIndices) {
  Call call = counter_array(2, true);
  call("CounterArray.add", {0xffffffff, 7});
  call("CounterArray.increment", {5});
  call("CounterArray.increment", {6});
  call("CounterArray.increment", {5});
  EXPECT_EQ(call.cell(0xffffffff), 7);
  EXPECT_EQ(call.cell(5), 2);
  EXPECT_EQ(call.cell(6), -1);
}

TEST(Externs, CountsAre32BitsWide) {
  Call call = counter_array(1, false);
  call("CounterArray.add", {0, 0xffffffff});
  call("CounterArray.add", {0, 3});
  EXPECT_EQ(call.cell(0), 2);
}

// The header of RFC 1071's usual example: 45 00 00 73 00 00 40 00 40 11 [b8 61] c0 a8 00 01 c0 a8 00 c7.
TEST(Externs, Ipv4Checksum) {
  Call call;
  EXPECT_EQ(call("ebpf_ipv4_checksum", {4, 5, 0, 0x73, 0, 2, 0, 0x40, 0x11, 0xc0a80001, 0xc0a800c7}), 0xb861);
}

TEST(Externs, ChecksumFollowsAChange) {
  Call call;
  // TTL and protocol are one word: 40 11 -> 3f 11.
  const BigInt after = call("csum_replace2", {0xb861, 0x4011, 0x3f11});
  EXPECT_EQ(after, call("ebpf_ipv4_checksum", {4, 5, 0, 0x73, 0, 2, 0, 0x3f, 0x11, 0xc0a80001, 0xc0a800c7}));
  EXPECT_EQ(call("csum_replace4", {0xb861, 0xc0a80001, 0x0a0000fe}),
            call("ebpf_ipv4_checksum", {4, 5, 0, 0x73, 0, 2, 0, 0x40, 0x11, 0x0a0000fe, 0xc0a800c7}));
  // The corner of RFC 1624 section 4: the result is 0x0000, not 0xffff.
  EXPECT_EQ(call("csum_replace2", {0xdd2f, 0x5555, 0x3285}), 0);
}

TEST(Externs, ClockAndPerfEvent) {
  Call call;
  EXPECT_EQ(call("BPF_KTIME_GET_NS", {}), 5) << "the low 32 bits";
  EXPECT_EQ(call("BPF_PERF_EVENT_OUTPUT", {}), 0);
  ASSERT_EQ(call.effects.size(), 1U);
  EXPECT_EQ(call.effects[0].bytes, call.packet);
}

}  // namespace
}  // namespace p4bpf::arch
