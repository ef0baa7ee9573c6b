// A register's lock in generated code: the kernel lets no program end while it holds one.
#include <gtest/gtest.h>

#include "codegen/generate.h"
#include "testing/p4_fixture.h"

namespace p4bpf::testing {
namespace {

/// A copy that a multicast group gets has the header where it stood or, without the one before it, at the packet's
/// begin: it is looked up, and its place checked, where it is written.
constexpr const char* kProgram = R"(
#include <core.p4>
#include <v1model.p4>
header Ethernet { bit<96> addresses; bit<16> type; }
header Count { bit<32> before; bit<32> after; }
struct Headers { Ethernet ethernet; Count count; }
struct Meta {}
parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.ethernet);
        transition select(h.ethernet.type) { 0x1234: count; default: accept; }
    }
    state count { packet.extract(h.count); transition accept; }
}
control Sums(inout Headers h, inout Meta meta) { apply {} }
control In(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<32>>(1) counts;
    apply {
        if (h.count.isValid()) {
            bit<32> before;
            counts.read(before, 0);
            h.count.before = before;
            counts.write(0, before + 1);
            standard.mcast_grp = 1;
        } else {
            mark_to_drop(standard);
        }
    }
}
control Out(inout Headers h, inout Meta meta, inout standard_metadata_t standard) { apply {} }
control Deparse(packet_out packet, in Headers h) { apply { packet.emit(h); } }
V1Switch(Parse(), Sums(), In(), Out(), Sums(), Deparse()) main;
)";

TEST(Locks, NobodyLeavesWithoutGivingTheLockBack) {
  P4Fixture p4(kProgram);
  ASSERT_TRUE(p4.is_built()) << p4.errors();
  for (const codegen::Shape shape : {codegen::Shape::kWhole, codegen::Shape::kScratch}) {
    codegen::GenerateOptions options;
    options.shape = shape;
    const auto made = codegen::generate(p4.program(), options, p4.diagnostics());
    ASSERT_TRUE(made) << p4.errors();
    const std::string& text = made->c_text;
    const std::size_t held = text.find("p4bpf_hold(");
    ASSERT_NE(held, std::string::npos);
    const std::size_t last = text.rfind("p4bpf_release(");
    std::size_t ends = 0;
    for (std::size_t at = text.find("return ", held); at < last; at = text.find("return ", at + 1), ++ends) {
      const std::size_t released = text.rfind("p4bpf_release(", at);
      EXPECT_TRUE(released != std::string::npos && released > text.rfind('{', at)) << text.substr(held, at - held);
    }
    if (shape == codegen::Shape::kScratch) {
      EXPECT_GT(ends, 0u);
    }
  }
}

}  // namespace
}  // namespace p4bpf::testing
