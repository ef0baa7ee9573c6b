// p4bpf trace: what a program does to packets, step by step, on the interpreter.
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <memory>

#include "base/files.h"
#include "control/runtime_file.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/live_trace.h"
#include "driver/pipeline.h"
#include "driver/trace_printer.h"
#include "testing/stf_runner.h"
#include "testing/workshop.h"

namespace p4bpf::driver {
namespace {

using testing::Bytes;

struct TraceOptions {
  ProgramOptions program;
  std::vector<std::string> packets;
  std::string pcap;
  std::string entries;
  std::string runtime_file;
  LiveTraceOptions live;
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

/// What a run-time file adds.
Result<void> fill_runtime(testing::Dataplane& dataplane, const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text) return fail(text.error());
  const auto no_interface = [](std::string_view) -> std::optional<std::uint32_t> { return std::nullopt; };
  const Result<control::RuntimeFile> changes =
      control::read_runtime_file(dataplane.manifest(), *text, file, no_interface);
  if (!changes) return fail(changes.error());
  for (const control::RuntimeFile::TableChange& change : changes->changes) {
    const Result<void> done = change.is_default ? dataplane.set_default(change.table, change.entry)
                                                : dataplane.insert(change.table, change.entry);
    if (!done) return fail(fmt::format("{}:{}: {}", file, change.line, done.error().message));
  }
  for (const control::RuntimeFile::Copies& copies : changes->copies) {
    if (Result<void> done = dataplane.set_replicas(copies.kind, copies.number, copies.list); !done) return done;
  }
  return {};
}

int trace(const TraceOptions& options) {
  const Result<std::vector<Bytes>> packets = packets_of(options);
  if (!packets) return report(packets.error());
  if (packets->empty()) return report(Error{"no packet is given", "--packet HEX or --pcap FILE", 0});
  DiagnosticPrinter printer(options.program.diagnostics);
  Compilation compilation(options.program);
  const Result<bool> good = make_program(compilation);
  if (!good || !*good) return finish(compilation, good, printer);
  // Nothing is heard while the tables are filled.
  TracePrinter printer_of_steps(compilation.sources, options.live.json, options.live.all);
  const auto print = [&](std::uint32_t port, const Bytes& packet, const std::vector<interp::TraceEvent>& events) {
    printer_of_steps.print({port, packet, packet.size()}, events);
  };
  testing::WorkshopOptions shop{options.program.extern_files, options.program.clang, options.program.hook, false,
                                print};
  testing::Workshop workshop(*compilation.program, compilation.diagnostics, shop);
  const auto dataplane = workshop.make(testing::Target::kInterp, {});
  if (!dataplane) return report(dataplane.error());
  if (*dataplane == nullptr) return finish(compilation, false, printer);
  if (!options.entries.empty()) {
    const Result<bool> filled = fill(**dataplane, options, printer);
    if (!filled) return report(filled.error());
    if (!*filled) return kWrong;
  }
  if (!options.runtime_file.empty()) {
    const Result<void> filled = fill_runtime(**dataplane, options.runtime_file);
    if (!filled) return report(filled.error());
  }
  for (const Bytes& packet : *packets) {
    const auto sent = (*dataplane)->inject(options.live.port.value_or(0), packet);
    if (!sent) return report(sent.error());
  }
  return finish(compilation, true, printer);
}

}  // namespace

void add_trace_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "trace", "show what a program does to packets, step by step: a program that runs, or one in a file",
               "trace r1\n"
               "trace r1 -i 2 --filter 'tcp port 80' --count 3\n"
               "trace router.p4 --packet 020000000001020000000002080045000014000040004006... --entries router.stf\n"
               "trace basic.p4 --runtime s1-runtime.json --pcap packets.pcap -i 2 --json");
  const auto options = std::make_shared<TraceOptions>();
  add_source_options(*verb, options->program, "PROG.p4|NAME");
  add_target_options(*verb, options->program);
  LiveTraceOptions& live = options->live;
  verb->add_option("-i,--port", live.port,
                   "the port on which the packets arrive; of a program that runs: by default any")
      ->type_name("PORT");
  verb->add_option(
          "--filter", live.filter,
          "of a program that runs: only packets that this filter of tcpdump takes, by their first 256 bytes; it is "
          "asked behind the kernel, so -i is what keeps other packets from being told")
      ->type_name("EXPRESSION");
  verb->add_option("--count", live.count, "of a program that runs: end after so many packets; by default at Ctrl-C")
      ->type_name("N");
  verb->add_option("--packet", options->packets, "of a program in a file: a packet, two hexadecimal digits a byte")
      ->type_name("HEX");
  verb->add_option("--pcap", options->pcap, "of a program in a file: the packets of a capture")->type_name("FILE");
  verb->add_option("--entries", options->entries,
                   "of a program in a file: a packet test whose entries fill the tables; its packets are not sent")
      ->type_name("FILE.stf");
  verb->add_option("--runtime", options->runtime_file,
                   "of a program in a file: a run-time file with entries, multicast groups and clone sessions")
      ->type_name("FILE.json");
  verb->add_flag("--all", live.all, "also what changes no header: assignments to variables, calls, emits");
  verb->add_flag("--json", live.json, "print JSON, a packet a line");
  on_chosen(*verb, chosen, [=] {
    const bool is_file = options->program.file.ends_with(".p4") || !options->packets.empty() || !options->pcap.empty();
    if (is_file) {
      if (options->live.filter.empty() && options->live.count == 0) return trace(*options);
      return report(Error{"--filter and --count are for a program that runs",
                          "of a program in a file every packet that is given is traced", 0});
    }
    if (!options->entries.empty() || !options->runtime_file.empty()) {
      return report(Error{"--entries and --runtime are for a program in a file",
                          "'p4bpf table' and 'p4bpf runtime' fill the tables of one that runs", 0});
    }
    options->live.name = options->program.file;
    options->live.clang = options->program.clang;
    options->live.diagnostics = options->program.diagnostics;
    return trace_instance(options->live);
  });
}

}  // namespace p4bpf::driver
