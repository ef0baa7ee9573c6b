// p4bpf trace: what a program does to packets, step by step, on the interpreter.
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/pipeline.h"
#include "driver/trace_printer.h"
#include "testing/stf_runner.h"
#include "testing/workshop.h"

namespace p4bpf::driver {
namespace {

using Json = nlohmann::ordered_json;
using interp::TraceEvent;
using testing::Bytes;
using Kind = TraceEvent::Kind;

struct TraceOptions {
  ProgramOptions program;
  std::vector<std::string> packets;
  std::string pcap;
  std::string entries;
  std::uint32_t port = 0;
  bool all = false;
  bool json = false;
};

Result<Bytes> parse_packet(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      digits += c;
    } else if (c != ' ' && c != ':') {
      return fail(fmt::format("'{}' in the packet is no hexadecimal digit", c));
    }
  }
  if (digits.size() % 2 != 0) return fail("the packet has an odd number of digits");
  Bytes packet;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    packet.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  return packet;
}

Result<std::vector<Bytes>> read_pcap(const std::string& file) {
  char why[PCAP_ERRBUF_SIZE] = {};
  pcap_t* const opened = pcap_open_offline(file.c_str(), why);
  if (opened == nullptr) return fail("cannot read packets from '" + file + "': " + why);
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> capture(opened, pcap_close);
  std::vector<Bytes> packets;
  pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  int status = 0;
  while ((status = pcap_next_ex(opened, &header, &bytes)) == 1) packets.emplace_back(bytes, bytes + header->caplen);
  if (status == PCAP_ERROR) return fail("cannot read packets from '" + file + "': " + pcap_geterr(opened));
  return packets;
}

Result<std::vector<Bytes>> packets_of(const TraceOptions& options) {
  std::vector<Bytes> packets;
  for (const std::string& text : options.packets) {
    Result<Bytes> packet = parse_packet(text);
    if (!packet) return fail(packet.error());
    packets.push_back(std::move(*packet));
  }
  if (options.pcap.empty()) return packets;
  Result<std::vector<Bytes>> more = read_pcap(options.pcap);
  if (!more) return more;
  packets.insert(packets.end(), more->begin(), more->end());
  return packets;
}

/// The commands of a packet test that fill tables, groups and the like; its packets are not sent.
Result<bool> fill(testing::Dataplane& dataplane, const TraceOptions& options, DiagnosticPrinter& printer) {
  namespace stf = testing::stf;
  SourceMap sources;
  Diagnostics said(sources, options.program.diagnostics.warnings);
  const Result<std::string> text = read_file(options.entries);
  if (!text) return fail(text.error());
  std::vector<stf::Command> commands = stf::parse(sources.add_file(options.entries, *text), said);
  std::erase_if(commands, [](const stf::Command& command) {
    return std::holds_alternative<stf::Packet>(command.node) || std::holds_alternative<stf::Expect>(command.node) ||
           std::holds_alternative<stf::NoPacket>(command.node) ||
           std::holds_alternative<stf::CheckCounter>(command.node);
  });
  if (!said.has_errors()) stf::run(commands, dataplane, said);
  printer.print(said);
  return !said.has_errors();
}

const char* name_of(Kind kind) {
  constexpr const char* kNames[] = {"pass", "parser", "extract", "table", "change", "copy", "verdict", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

Json json_of(const SourceMap& sources, const TraceEvent& event) {
  const Position at = sources.position(event.span.begin);
  Json json = {{"event", name_of(event.kind)}};
  if (at.line != 0) json.update({{"file", at.file}, {"line", at.line}});
  json["text"] = event.text;
  for (const auto& [name, value] : event.values) {
    const std::size_t space = name.find(' ');  // "key hdr.ipv4.dst": one of many
    if (space == std::string::npos) {
      json[name] = value;
    } else {
      json[name.substr(0, space) + "s"][name.substr(space + 1)] = value;
    }
  }
  return json;
}

/// Prints what happened as text or as a JSON document a packet.
class Printer {
 public:
  Printer(const TraceOptions& options, const SourceMap& sources)
      : options_(options), sources_(sources), coloured_(wants_colours(1) && !options.json) {}

  void operator()(std::uint32_t port, const Bytes& packet, const std::vector<TraceEvent>& events) {
    ++number_;
    if (options_.json) {
      Json json = {
          {"packet", number_}, {"port", port}, {"bytes", testing::stf::hex(packet)}, {"events", Json::array()}};
      for (const TraceEvent& event : events) {
        if (is_wanted(event)) json["events"].push_back(json_of(sources_, event));
      }
      fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
      return;
    }
    fmt::print("{}packet {}: {} bytes on port {}\n", number_ == 1 ? "" : "\n", number_, packet.size(), port);
    std::size_t width = 0;
    for (const TraceEvent& event : events) {
      if (is_wanted(event)) width = std::max(width, place_of(sources_, event.span).size());
    }
    for (const TraceEvent& event : events) {
      if (is_wanted(event)) print(event, width);
    }
  }

 private:
  bool is_wanted(const TraceEvent& event) const { return options_.all || event.kind != Kind::kOther; }

  void print(const TraceEvent& event, std::size_t width) const {
    fmt::print("  {:<{}}  {}{}{}\n", place_of(sources_, event.span), width, colour(event.kind), event.text,
               coloured_ ? "\033[0m" : "");
    if (event.kind != Kind::kVerdict) return;
    for (const auto& [name, value] : event.values) {
      if (name == "bytes") fmt::print("  {:<{}}  {}\n", "", width, value);
    }
  }

  const char* colour(Kind kind) const {
    if (!coloured_) return "";
    switch (kind) {
      case Kind::kTable:
        return "\033[36m";
      case Kind::kChange:
        return "\033[33m";
      case Kind::kVerdict:
      case Kind::kCopy:
      case Kind::kPass:
        return "\033[1m";
      default:
        return "";
    }
  }

  const TraceOptions& options_;
  const SourceMap& sources_;
  bool coloured_;
  std::size_t number_ = 0;
};

int trace(const TraceOptions& options) {
  const Result<std::vector<Bytes>> packets = packets_of(options);
  if (!packets) return report(packets.error());
  if (packets->empty()) return report(Error{"no packet is given", "--packet HEX or --pcap FILE", 0});
  DiagnosticPrinter printer(options.program.diagnostics);
  Compilation compilation(options.program);
  const Result<bool> good = make_program(compilation);
  if (!good || !*good) return finish(compilation, good, printer);
  // Nothing is heard while the tables are filled.
  Printer print(options, compilation.sources);
  testing::WorkshopOptions shop{options.program.extern_files, options.program.clang, options.program.hook, false,
                                std::ref(print)};
  testing::Workshop workshop(*compilation.program, compilation.diagnostics, shop);
  const auto dataplane = workshop.make(testing::Target::kInterp, {});
  if (!dataplane) return report(dataplane.error());
  if (*dataplane == nullptr) return finish(compilation, false, printer);
  if (!options.entries.empty()) {
    const Result<bool> filled = fill(**dataplane, options, printer);
    if (!filled) return report(filled.error());
    if (!*filled) return kWrong;
  }
  for (const Bytes& packet : *packets) {
    const auto sent = (*dataplane)->inject(options.port, packet);
    if (!sent) return report(sent.error());
  }
  return finish(compilation, true, printer);
}

}  // namespace

void add_trace_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "trace", "show what a program does to a packet, step by step",
               "trace router.p4 --packet 020000000001020000000002080045000014000040004006... --entries router.stf\n"
               "trace router.p4 --pcap packets.pcap --port 2 --json");
  const auto options = std::make_shared<TraceOptions>();
  add_source_options(*verb, options->program);
  add_target_options(*verb, options->program);
  verb->add_option("--packet", options->packets, "a packet, two hexadecimal digits a byte")->type_name("HEX");
  verb->add_option("--pcap", options->pcap, "the packets of a file")->type_name("FILE");
  verb->add_option("--port", options->port, "the port on which they arrive")->type_name("N");
  verb->add_option("--entries", options->entries,
                   "a packet test whose entries fill the tables; its packets are not sent")
      ->type_name("FILE.stf");
  verb->add_flag("--all", options->all, "also what changes no header: assignments to variables, calls, emits");
  verb->add_flag("--json", options->json, "print JSON, a packet a line");
  on_chosen(*verb, chosen, [=] { return trace(*options); });
}

}  // namespace p4bpf::driver
