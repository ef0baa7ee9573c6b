// P4 text in, bytes out: whole programs of a few lines run on the interpreter, for the tests of the language's rules.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "arch/compile.h"
#include "frontend/parse.h"
#include "testing/interp_dataplane.h"

namespace p4bpf::testing {

/// A program and what it does to packets.
class P4Fixture {
 public:
  explicit P4Fixture(std::string text, const arch::BuildOptions& options = {}) {
    ast_ = parse_text("test.p4", std::move(text), SourceOptions{}, sources_, diagnostics_);
    if (diagnostics_.has_errors()) return;
    typed_ = check_program(ast_, diagnostics_);
    if (diagnostics_.has_errors()) return;
    program_ = arch::build_program(*typed_, "test.p4", options, diagnostics_);
    if (!program_) return;
    auto made = make_interp_dataplane(*program_);
    if (!made) {
      failure_ = made.error().message;
      return;
    }
    dataplane_ = std::move(*made);
  }

  /// What left for a packet of these hex digits: "PORT: HEX", "-" if nothing did, or why it could not run.
  std::string send(const std::string& hex, std::uint32_t port = 0) {
    if (dataplane_ == nullptr) return errors() + failure_;
    Bytes packet;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      packet.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    }
    const auto left = dataplane_->inject(port, packet);
    if (!left) return left.error().message;
    if (left->empty()) return "-";
    std::string result = std::to_string(left->front().port) + ": ";
    for (const std::uint8_t byte : left->front().bytes) result += fmt::format("{:02x}", byte);
    return result;
  }
  std::string errors() const { return render_all(diagnostics_, false); }
  const ir::Program& program() const { return *program_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  bool is_built() const { return program_.has_value(); }
  Dataplane& dataplane() { return *dataplane_; }

 private:
  SourceMap sources_;
  Diagnostics diagnostics_{sources_};
  ast::Ast ast_;
  std::optional<TypedProgram> typed_;
  std::optional<ir::Program> program_;
  std::unique_ptr<Dataplane> dataplane_;
  std::string failure_;
};

/// A program whose control is this, over the packet's first four bytes h.a, h.b, h.c, h.d; it passes the packet.
inline std::string control_program(const std::string& top, const std::string& locals, const std::string& apply) {
  return "#include <core.p4>\n#include <xdp_model.p4>\n"
         "header B { bit<8> a; bit<8> b; bit<8> c; bit<8> d; }\nheader T { bit<16> x; bit<16> y; }\n"
         "header_union U { B b; T t; }\nstruct Pair { bit<8> l; bit<8> r; }\nstruct H { B h; B o; T t; B[2] s; U u; "
         "}\n" +
         top +
         "parser prs(packet_in p, out H hdr) { state start { p.extract(hdr.h); transition accept; } }\n"
         "control sw(inout H hdr, in xdp_input input, out xdp_output o) {\n" +
         locals + "\napply {\n o.output_action = xdp_action.XDP_PASS; o.output_port = 0;\n" + apply +
         "\n} }\ncontrol dep(in H hdr, packet_out p) { apply { p.emit(hdr); } }\nxdp(prs(), sw(), dep()) main;\n";
}

/// A program whose parser has these locals and states; what it accepts is deparsed as `struct H` says.
inline std::string parser_program(const std::string& top, const std::string& parser) {
  return "#include <core.p4>\n#include <xdp_model.p4>\n"
         "header B { bit<8> v; }\nheader W { bit<16> v; }\nheader L { bit<8> len; varbit<32> data; }\nheader_union U { "
         "B b; W w; }\n"
         "struct H { B first; B[3] s; U u; L l; W w; }\n" +
         top + "parser prs(packet_in p, out H hdr) {\n" + parser +
         "\n}\ncontrol sw(inout H hdr, in xdp_input input, out xdp_output o) { apply { o.output_action = "
         "xdp_action.XDP_PASS; "
         "o.output_port = 0; } }\ncontrol dep(in H hdr, packet_out p) { apply { p.emit(hdr); } }\nxdp(prs(), sw(), "
         "dep()) main;\n";
}

}  // namespace p4bpf::testing
