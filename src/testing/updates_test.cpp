// Tables that change under a stream of packets: each packet sees the state before a change or the one behind it.
// Skipped without the privilege.
#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "arch/compile.h"
#include "base/files.h"
#include "codegen/generate.h"
#include "frontend/parse.h"
#include "object/c_compiler.h"
#include "runtime/generation.h"
#include "runtime/loaded_object.h"
#include "runtime/table_access.h"

namespace p4bpf::testing {
namespace {

/// `route` answers in the byte `r`, `acl` in the byte `a`, `owner` in the byte `e`; each has an answer of its own where it misses.
constexpr const char* kProgram = R"(#include <core.p4>
#include <xdp_model.p4>
header H { bit<32> to; bit<32> from; bit<16> port; bit<8> r; bit<8> a; bit<8> e; bit<56> rest; }
struct Headers { H h; }
parser Prs(packet_in packet, out Headers headers) { state start { packet.extract(headers.h); transition accept; } }
control Sw(inout Headers headers, in xdp_input i, out xdp_output o) {
  action hop(bit<8> n, bit<64> same) { headers.h.r = same == 0x0101010101010101 * (bit<64>) n ? n : 8w99; }
  action allow(bit<8> n, bit<64> same) { headers.h.a = same == 0x0101010101010101 * (bit<64>) n ? n : 8w99; }
  action own(bit<8> n, bit<64> same) { headers.h.e = same == 0x0101010101010101 * (bit<64>) n ? n : 8w99; }
  table owner { key = { headers.h.from: exact; } actions = { own; } default_action = own(200, 0xc8c8c8c8c8c8c8c8); size = 2000; }
  table route { key = { headers.h.to: lpm; } actions = { hop; } default_action = hop(7, 0x0707070707070707); size = 2000; }
  table acl {
    key = { headers.h.from: ternary; headers.h.port: range; }
    actions = { allow; }
    default_action = allow(7, 0x0707070707070707);
    size = 600;
  }
  apply { owner.apply(); route.apply(); acl.apply(); o.output_action = xdp_action.XDP_TX; o.output_port = 0; }
}
control Dep(in Headers headers, packet_out packet) { apply { packet.emit(headers.h); } }
xdp(Prs(), Sw(), Dep()) main;
)";

constexpr std::size_t kOwner = 0;
constexpr std::size_t kRoute = 1;
constexpr std::size_t kAcl = 2;
// Where their answers stand in the packet.
constexpr std::size_t kRouteByte = 10;
constexpr std::size_t kAclByte = 11;
constexpr std::size_t kOwnerByte = 12;
constexpr int kOwnerMiss = 200;
constexpr std::uint32_t kTo = 0x0a010203;
constexpr std::uint32_t kFrom = 0xc0a80005;

manifest::Entry answer(std::vector<KeyMatch> keys, unsigned number, std::int32_t priority = 0) {
  return {std::move(keys), 0, {number, 0x0101010101010101ull * number}, priority, false};
}
manifest::Entry route(std::uint32_t to, std::uint32_t length, unsigned number) {
  return answer({{KeyMatch::Kind::kPrefix, to, 0, 0, length}}, number);
}
manifest::Entry rule(std::uint32_t from, std::uint32_t mask, unsigned low, unsigned high, unsigned number,
                     std::int32_t priority) {
  return answer({{KeyMatch::Kind::kMask, from, mask, 0, 0}, {KeyMatch::Kind::kRange, low, 0, high, 0}}, number,
                priority);
}

manifest::Entry owner(std::uint32_t from, unsigned number) { return answer({{KeyMatch::Kind::kExact, from}}, number); }

class Updates : public ::testing::Test {
 protected:
  void SetUp() override {
    SourceMap sources;
    Diagnostics diagnostics(sources);
    const ast::Ast ast = parse_text("updates.p4", kProgram, {}, sources, diagnostics);
    TypedProgram typed = check_program(ast, diagnostics);
    ASSERT_FALSE(diagnostics.has_errors()) << render_all(diagnostics, false);
    const auto program = arch::build_program(typed, "updates.p4", {}, diagnostics);
    ASSERT_TRUE(program) << render_all(diagnostics, false);
    auto generated = codegen::generate(*program, {}, diagnostics);
    ASSERT_TRUE(generated) << render_all(diagnostics, false);
    auto folder = TempDir::create();
    ASSERT_TRUE(folder);
    const std::string object = folder->file("updates.o");
    const auto compiled = object::compile_bpf({generated->c_text, {}, {}, {}, {}}, object);
    ASSERT_TRUE(compiled && compiled->ok);
    auto loaded = runtime::LoadedObject::load(object, generated->manifest);
    if (!loaded && loaded.error().code == EPERM) GTEST_SKIP() << loaded.error().message;
    ASSERT_TRUE(loaded) << loaded.error().message;
    ASSERT_TRUE(loaded->object) << loaded->rejection->reason;
    ASSERT_EQ(generated->manifest.tables[kOwner].structure, manifest::Structure::kHash);
    ASSERT_EQ(generated->manifest.tables[kRoute].structure, manifest::Structure::kPrefixTable);
    ASSERT_EQ(generated->manifest.tables[kAcl].structure, manifest::Structure::kRuleMatrix);
    object_.emplace(std::move(*loaded->object));
    tables_.emplace(object_->kernel(), object_->manifest());
  }

  /// Packets without a pause while `change` runs: of each that comes back the bytes at `offsets` are all 1 or all 2,
  /// and both come about before `change` has to end. But a `miss` may come about once a round at most: one packet is under
  /// way at a time.
  void expect_one_of_two(const std::vector<std::size_t>& offsets, int rounds, const std::function<void(int)>& change,
                         std::optional<int> miss = {}) {
    std::atomic<bool> stop = false;
    std::atomic<int> seen[256] = {};
    program_ = object_->program(object_->manifest().kernel_programs.front().function);
    std::thread stream([&] {
      while (!stop) {
        const std::uint8_t in[20] = {0x0a, 1, 2, 3, 0xc0, 0xa8, 0, 5, 0, 80};
        std::uint8_t out[20] = {};
        LIBBPF_OPTS(bpf_test_run_opts, options);
        options.data_in = in;
        options.data_size_in = sizeof in;
        options.data_out = out;
        options.data_size_out = sizeof out;
        const bool ran = bpf_prog_test_run_opts(program_, &options) == 0;
        const bool agree = std::all_of(offsets.begin(), offsets.end(),
                                       [&](std::size_t at) { return out[at] == out[offsets.front()]; });
        ++seen[ran && agree ? out[offsets.front()] : 0];
      }
    });
    int round = 0;
    for (; round < rounds || ((seen[1] == 0 || seen[2] == 0) && round < 1000000); ++round) change(round);
    stop = true;
    stream.join();
    EXPECT_GT(seen[1], 0);
    EXPECT_GT(seen[2], 0);
    for (int i = 0; i < 256; ++i) {
      if (i == 1 || i == 2) continue;
      EXPECT_LE(seen[i], i == miss ? round : 0) << "the answer " << i;
    }
  }

  std::atomic<int> program_ = -1;  // what the packets run
  std::optional<runtime::LoadedObject> object_;
  std::optional<runtime::TableAccess> tables_;
};

TEST_F(Updates, ARouteIsTheOldOneOrTheNewOneWhateverComesAndGoesAroundIt) {
  ASSERT_TRUE(tables_->insert(kRoute, route(0x0a000000, 8, 1)));
  expect_one_of_two({kRouteByte}, 4000, [&](int round) {
    const auto step = static_cast<unsigned>(round);
    switch (round % 8) {
      case 0:  // a longer prefix comes ...
        ASSERT_TRUE(tables_->insert(kRoute, route(kTo & 0xffff0000u, 16, 2)));
        break;
      case 1:  // ... and neighbours, which split edges and make nodes
        for (unsigned i = 0; i < 10; ++i)
          ASSERT_TRUE(tables_->insert(kRoute, route(0x0a010200u + 16 * i, 28 + i % 4, 1)));
        break;
      case 2:
        ASSERT_TRUE(tables_->insert(kRoute, route(kTo, 32, 2)));
        break;
      case 3:
        ASSERT_TRUE(tables_->modify(kRoute, route(kTo, 32, 1)));
        break;
      case 4:
        ASSERT_TRUE(tables_->remove(kRoute, route(kTo, 32, 1)));
        break;
      case 5:
        for (unsigned i = 0; i < 10; ++i)
          ASSERT_TRUE(tables_->remove(kRoute, route(0x0a010200u + 16 * i, 28 + i % 4, 1)));
        break;
      case 6:
        ASSERT_TRUE(tables_->remove(kRoute, route(kTo & 0xffff0000u, 16, 2)));
        break;
      default:  // values come and go: a number that is used again must not be seen by who still reads it
        ASSERT_TRUE(tables_->insert(kRoute, route(0x0b000000, 9, 3 + step / 8 % 200)));
        ASSERT_TRUE(tables_->remove(kRoute, route(0x0b000000, 9, 0)));
    }
  });
}

TEST_F(Updates, RulesFromABatchAreSeenAllOrNone) {
  std::size_t at = 0;
  std::vector<manifest::Entry> first = {rule(0, 0, 0, 0xffff, 1, 1)};
  for (unsigned i = 0; i < 300; ++i)
    first.push_back(rule(i << 8, 0xffffff00u >> i % 3, i, 2 * i, 9, static_cast<int>(i)));
  ASSERT_TRUE(tables_->change_all(kAcl, runtime::Change::kAdd, first, at));
  int rounds = 0;
  // Two rules come together: by the first alone the packet would get 3.
  const std::vector<manifest::Entry> pair = {rule(kFrom, ~0u, 80, 80, 3, 5000),
                                             rule(kFrom & 0xffffff00u, 0xffffff00u, 0, 100, 2, 6000)};
  expect_one_of_two({kAclByte}, 40, [&](int) {
    ++rounds;
    if (rounds % 2 == 1) {
      ASSERT_TRUE(tables_->change_all(kAcl, runtime::Change::kAdd, pair, at));
    } else {
      // The lower one first, so that it is never alone.
      ASSERT_TRUE(tables_->remove(kAcl, pair[0]));
      ASSERT_TRUE(tables_->remove(kAcl, pair[1]));
    }
  });
}

TEST_F(Updates, AnExactEntryIsTheOldOneOrTheNewOneOrMissedOnceWhateverComesAndGoesAroundIt) {
  std::size_t at = 0;
  std::vector<manifest::Entry> others;
  for (unsigned i = 0; i < 1500; ++i) others.push_back(owner(i, 3 + i % 90));
  ASSERT_TRUE(tables_->insert(kOwner, owner(kFrom, 1)));
  const auto change = [&](int round) {
    const auto all = round % 4 == 3   ? runtime::Change::kDelete
                     : round % 4 == 0 ? runtime::Change::kAdd
                                      : runtime::Change::kModify;
    ASSERT_TRUE(tables_->change_all(kOwner, all, others, at));
    ASSERT_TRUE(tables_->modify(kOwner, owner(kFrom, round % 2 == 0 ? 2 : 1)));
    // The kernel uses the old element again for the next modification, whoever reads it; and who was held up in front of
    // it misses it (docs/tables.md).
    object_->kernel().wait_for_readers();
  };
  expect_one_of_two({kOwnerByte}, 40, change, kOwnerMiss);
}

TEST_F(Updates, AGenerationIsSeenWholeInAllTables) {
  std::size_t at = 0;
  std::vector<manifest::Entry> routes;
  for (unsigned i = 0; i < 1500; ++i) routes.push_back(route(0x0b000000 + (i << 8), 24, 9));
  ASSERT_TRUE(tables_->change_all(kRoute, runtime::Change::kAdd, routes, at));
  ASSERT_TRUE(tables_->insert(kRoute, route(kTo, 32, 1)));
  ASSERT_TRUE(tables_->insert(kOwner, owner(kFrom, 1)));
  ASSERT_TRUE(tables_->insert(kAcl, rule(kFrom, ~0u, 80, 80, 1, 5)));
  // Who still runs an old one must find it.
  std::vector<runtime::LoadedObject> generations;
  expect_one_of_two({kRouteByte, kAclByte, kOwnerByte}, 20, [&](int round) {
    const unsigned wanted = round % 2 == 0 ? 2 : 1;
    const runtime::LoadedObject& now = generations.empty() ? *object_ : generations.back();
    auto next =
        runtime::load_generation(now.object_bytes(), now.manifest(), now.kernel(), now.maps(), {kOwner, kRoute, kAcl});
    ASSERT_TRUE(next) << next.error().message;
    runtime::TableAccess access(next->object.kernel(), next->object.manifest());
    ASSERT_TRUE(access.remove(kOwner, owner(kFrom, 0)));
    ASSERT_TRUE(access.insert(kOwner, owner(kFrom, wanted)));
    ASSERT_TRUE(access.remove(kRoute, route(kTo, 32, 0)));
    ASSERT_TRUE(access.insert(kRoute, route(kTo, 32, wanted)));
    ASSERT_TRUE(access.modify(kAcl, rule(kFrom, ~0u, 80, 80, wanted, 5)));
    EXPECT_EQ(access.dump(kRoute)->size(), 1501u);
    generations.push_back(std::move(next->object));
    program_ = generations.back().program(object_->manifest().kernel_programs.front().function);
  });
}

TEST_F(Updates, WhatPacketsAddWhileABatchIsPreparedIsCarriedOver) {
  ASSERT_TRUE(tables_->insert(kOwner, owner(1, 1)));
  ASSERT_TRUE(tables_->insert(kOwner, owner(2, 2)));
  auto next = runtime::load_generation(object_->object_bytes(), object_->manifest(), object_->kernel(), object_->maps(),
                                       {kOwner});
  ASSERT_TRUE(next) << next.error().message;
  runtime::TableAccess access(next->object.kernel(), next->object.manifest());
  ASSERT_TRUE(access.remove(kOwner, owner(1, 0)));
  ASSERT_TRUE(access.insert(kOwner, owner(4, 4)));
  ASSERT_TRUE(tables_->insert(kOwner, owner(3, 3)));  // as a packet of the old program would
  ASSERT_TRUE(tables_->insert(kOwner, owner(4, 5)));
  ASSERT_TRUE(runtime::carry_over(*next, object_->kernel()));
  std::vector<std::pair<BigInt, BigInt>> there;
  const auto left = access.dump(kOwner);
  ASSERT_TRUE(left);
  for (const manifest::Entry& entry : *left) there.emplace_back(entry.keys[0].value, entry.arguments[0]);
  EXPECT_EQ(there, (std::vector<std::pair<BigInt, BigInt>>{{2, 2}, {3, 3}, {4, 4}}));
}

}  // namespace
}  // namespace p4bpf::testing
