// The twin, and what it tells (live_trace.h).
#include "driver/live_trace.h"

#include <pcap/pcap.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <variant>

#include "control/target.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/kept_source.h"
#include "driver/load_program.h"
#include "driver/pipeline.h"
#include "driver/signals.h"
#include "driver/trace_printer.h"
#include "ir/validator.h"
#include "runtime/digest_access.h"

namespace p4bpf::driver {
namespace {

using interp::TraceRecord;
using Point = ir::TracePoint;
using Clock = std::chrono::steady_clock;

/// An expression of libpcap for Ethernet frames; an empty one takes all.
class Filter {
 public:
  static Result<Filter> create(const std::string& expression) {
    Filter made;
    if (expression.empty()) return made;
    made.pcap_.reset(pcap_open_dead(DLT_EN10MB, 65535));
    made.program_.reset(new bpf_program{});
    if (made.pcap_ == nullptr) return fail("cannot use libpcap");
    if (pcap_compile(made.pcap_.get(), made.program_.get(), expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
      return fail("--filter '" + expression + "': " + pcap_geterr(made.pcap_.get()),
                  "the language is that of tcpdump: man pcap-filter");
    return made;
  }
  bool takes(const interp::Bytes& bytes, std::size_t length) const {
    if (program_ == nullptr) return true;
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(bytes.size());
    header.len = static_cast<bpf_u_int32>(length);
    return pcap_offline_filter(program_.get(), &header, bytes.data()) != 0;
  }

 private:
  struct Close {
    void operator()(pcap_t* pcap) const { pcap_close(pcap); }
    void operator()(bpf_program* program) const {
      pcap_freecode(program);
      delete program;
    }
  };
  std::unique_ptr<pcap_t, Close> pcap_;
  std::unique_ptr<bpf_program, Close> program_;
};

/// The program with its calls, and what is needed to read what they leave.
struct Twin {
  KeptCompilation kept;
  ir::Program program;
  std::vector<Point> points;
  manifest::Manifest shape;  // codegen::Generated::trace
  std::optional<runtime::LoadedObject> object;
};

/// A packet with its passes through the program.
struct Packet {
  struct Pass {
    std::vector<TraceRecord> records;
    bool has_ended = false;
  };
  std::uint32_t port = 0;
  std::vector<std::uint32_t> numbers;  // of the passes
  std::deque<Pass> passes;
  std::size_t expected = 1;  // passes
  Clock::time_point last = Clock::now();

  bool is_complete() const {
    if (passes.size() < expected) return false;
    for (const Pass& pass : passes) {
      if (!pass.has_ended) return false;
    }
    return true;
  }
};

/// Brings the records of each packet together and prints it when it has gone.
class Collector {
 public:
  Collector(const Twin& twin, runtime::Instance& instance, const Filter& filter, TracePrinter& printer,
            std::uint64_t most)
      : twin_(twin), instance_(instance), filter_(filter), printer_(printer), most_(most) {}

  void take(const runtime::DigestRecord& told) {
    const Point& point = twin_.points.at(told.digest);
    TraceRecord record{told.digest, {}, 0, {}};
    std::size_t at = 0;
    for (; at < point.values.size(); ++at) record.values.push_back(told.values.at(at));
    for (std::size_t i = 0; i < at; ++i) {
      // A varbit's bytes have zeros behind it.
      if (point.values[i].type.kind != ir::Type::Kind::kVarbit) continue;
      const manifest::ActionParam& field = twin_.shape.digests[told.digest].fields[i];
      record.values[i] >>= field.bits - std::min(field.bits, static_cast<std::uint32_t>(record.values[i - 1]));
    }
    std::uint32_t ifindex = 0, before = 0;
    if (point.kind == Point::Kind::kPass) {
      ifindex = static_cast<std::uint32_t>(told.values.at(at++));
      before = static_cast<std::uint32_t>(told.values.at(at++));
    }
    if (point.packet != Point::Packet::kNothing) record.length = static_cast<std::size_t>(told.values.at(at++));
    if (point.packet == Point::Packet::kBytes) {
      const std::vector<std::uint8_t> bytes = to_bytes(told.values.at(at), 8 * codegen::kTracedBytes);
      record.bytes.assign(bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(record.length, bytes.size())));
    }
    if (point.kind == Point::Kind::kPass) begin(told.receiver, before, ifindex);
    const auto found = packet_of_.find(told.receiver);
    if (found == packet_of_.end()) return;  // its begin was lost, or it came from an earlier trace
    add(*found->second.first, *found->second.second, point, std::move(record));
  }

  /// Prints what is complete. A pass of which nothing has come for a while, though nothing was lost, has ended without
  /// a verdict.
  void print_complete(bool has_lost) {
    constexpr std::chrono::milliseconds kPatience(1000);
    while (!packets_.empty() && !is_full()) {
      Packet& packet = packets_.front();
      if (!packet.is_complete()) {
        if (Clock::now() - packet.last < kPatience) return;
        for (Packet::Pass& pass : packet.passes) {
          if (!pass.has_ended && !has_lost) pass.records.push_back({interp::kAborted, {}, 0, {}});
        }
      }
      print_first();
    }
  }
  void print_all() {
    while (!packets_.empty() && !is_full()) print_first();
  }
  bool is_full() const { return most_ != 0 && printer_.count() >= most_; }

 private:
  void begin(std::uint32_t number, std::uint32_t before, std::uint32_t ifindex) {
    Packet* packet = nullptr;
    if (before == 0) {
      packet = &packets_.emplace_back();
      packet->port = port_of(ifindex);
    } else if (const auto found = packet_of_.find(before); found != packet_of_.end()) {
      packet = found->second.first;
    }
    if (packet == nullptr) return;
    packet->numbers.push_back(number);
    packet_of_[number] = {packet, &packet->passes.emplace_back()};
  }

  void add(Packet& packet, Packet::Pass& pass, const Point& point, TraceRecord record) {
    packet.last = Clock::now();
    if (point.kind == Point::Kind::kVerdict) pass.has_ended = true;
    if (point.kind == Point::Kind::kNewPass) ++packet.expected;
    if (point.kind == Point::Kind::kReplication) {
      const auto list =
          find_replicas(point.replication == ir::Replication::Kind::kClone ? manifest::ReplicationKind::kCloneSession
                                                                           : manifest::ReplicationKind::kMulticastGroup,
                        static_cast<std::uint32_t>(record.values.at(0)));
      if (list) packet.expected += list->replicas.size();
    }
    pass.records.push_back(std::move(record));
  }

  void print_first() {
    const Packet& packet = packets_.front();
    const TraceRecord& begin = packet.passes.front().records.front();
    if (filter_.takes(begin.bytes, begin.length)) {
      std::vector<TraceRecord> records;
      for (const Packet::Pass& pass : packet.passes)
        records.insert(records.end(), pass.records.begin(), pass.records.end());
      const auto find = [this](manifest::ReplicationKind kind, std::uint32_t id) { return find_replicas(kind, id); };
      printer_.print({packet.port, begin.bytes, begin.length},
                     interp::read_trace(twin_.program, twin_.points, records, find));
      std::fflush(stdout);
    }
    for (const std::uint32_t number : packet.numbers) packet_of_.erase(number);
    packets_.pop_front();
  }

  std::optional<manifest::ReplicaList> find_replicas(manifest::ReplicationKind kind, std::uint32_t id) const {
    Result<manifest::ReplicaList> list = instance_.replication().get(kind, id);
    if (!list) return std::nullopt;
    return std::move(*list);
  }

  std::uint32_t port_of(std::uint32_t ifindex) {
    const auto known = ports_.find(ifindex);
    if (known != ports_.end()) return known->second;
    if (const auto attachments = instance_.attachments()) {
      for (const runtime::Attachment& one : *attachments) ports_[one.ifindex] = one.port;
    }
    return ports_[ifindex];
  }

  const Twin& twin_;
  runtime::Instance& instance_;
  const Filter& filter_;
  TracePrinter& printer_;
  std::uint64_t most_;
  std::deque<Packet> packets_;                                            // in the order in which they came
  std::map<std::uint32_t, std::pair<Packet*, Packet::Pass*>> packet_of_;  // by the number of a pass
  std::map<std::uint32_t, std::uint32_t> ports_;                          // by ifindex
};

std::string hook_option(manifest::Hook hook) {
  return hook == manifest::Hook::kXdp ? "xdp" : hook == manifest::Hook::kTcIngress ? "tc" : "tc-egress";
}

/// Generates, compiles and loads the program with its calls: in one piece, and cut up where that is too much. A text:
/// why the kernel cannot take it.
Result<std::variant<bool, std::string>> load(Twin& twin, const ir::Program& untraced, runtime::Instance& instance) {
  Compilation& compilation = twin.kept.compilation();
  const Result<TempDir> folder = TempDir::create();
  if (!folder) return fail(folder.error());
  const codegen::TraceOptions trace{untraced, twin.points};
  std::string reason = "its stack is too small";
  for (codegen::GenerateOptions options;; options.shape = codegen::Shape::kScratch) {
    options.trace = &trace;
    std::optional<codegen::Generated> generated = generate(compilation, options);
    if (!generated) return false;
    const std::string file = folder->file("twin.o");
    bool exceeds_stack = false;
    const Result<bool> compiled = make_object(compilation, *generated, file, exceeds_stack, false);
    if (!compiled) return fail(compiled.error());
    if (!*compiled && !exceeds_stack) return false;
    if (*compiled) {
      const Result<std::string> bytes = read_file(file);
      if (!bytes) return fail(bytes.error());
      // Nobody else waited while clang was at work; from here on the instance is ours until the twin is in.
      Result<runtime::Instance> opened = runtime::Instance::open(instance.name());
      if (!opened) return fail(opened.error());
      Result<runtime::LoadOutcome> outcome = opened->load_twin(*bytes, generated->manifest);
      if (!outcome) return fail(outcome.error());
      if (outcome->object) {
        instance = std::move(*opened);
        twin.object = std::move(*outcome->object);
        twin.shape = std::move(generated->trace);
        return true;
      }
      reason = outcome->rejection->reason;
    }
    if (generated->shape == codegen::Shape::kScratch) return reason;
  }
}

/// Makes the twin, which tells less where the whole is too large; false, and diagnostics, if the program cannot be
/// compiled.
Result<bool> make_twin(Twin& twin, runtime::Instance& instance, bool all) {
  Compilation& compilation = twin.kept.compilation();
  const Result<bool> good = make_program(compilation);
  if (!good || !*good) return good;
  const ir::Program untraced = *compilation.program;
  for (ir::TraceDetail detail = all ? ir::TraceDetail::kAll : ir::TraceDetail::kSteps;;
       detail = ir::TraceDetail::kTables) {
    twin.program = untraced;
    twin.points = ir::insert_trace(twin.program, detail);
    ir::assert_valid(twin.program, "insert_trace");
    compilation.program = twin.program;
    const auto loaded = load(twin, untraced, instance);
    if (!loaded) return fail(loaded.error());
    if (const bool* const done = std::get_if<bool>(&*loaded)) return *done;
    const std::string why =
        "with what tells of its packets the program is too large for the kernel: " + std::get<std::string>(*loaded);
    if (detail == ir::TraceDetail::kTables)
      return fail(why, "p4bpf trace PROG.p4 --pcap FILE runs packets through the interpreter");
    print_warnings({why + "; only tables, copies and verdicts are told"});
  }
}

/// What the twin is to tell of.
Result<void> configure(const Twin& twin, runtime::Instance& instance, const LiveTraceOptions& options) {
  std::uint32_t ifindex = 0;
  const Result<std::vector<runtime::Attachment>> attachments = instance.attachments();
  if (!attachments) return fail(attachments.error());
  if (attachments->empty())
    return fail("instance '" + instance.name() + "' is not attached to any interface",
                "p4bpf attach " + instance.name() + " -i PORT@IFNAME");
  for (const runtime::Attachment& one : *attachments) {
    if (options.port && one.port == *options.port) ifindex = one.ifindex;
  }
  if (options.port && ifindex == 0)
    return fail("port " + std::to_string(*options.port) + " has no interface", "see 'p4bpf ps'");
  // struct p4bpf_trace_config. Numbers start anew each time, so that nothing of an earlier trace is taken for a packet
  // of this one.
  std::random_device random;
  const std::uint32_t config[] = {ifindex, (random() & 0x3fffffff) + 1};
  runtime::Bytes bytes(sizeof config);
  std::memcpy(bytes.data(), config, sizeof config);
  return twin.object->kernel().update("p4bpf_trace_config", runtime::Bytes(sizeof(std::uint32_t), 0), bytes, 0);
}

/// Until there are enough, or somebody ends it.
Result<void> follow(const Twin& twin, runtime::Instance& instance, Collector& collector,
                    const runtime::FileDescriptor& signals) {
  runtime::DigestAccess access(twin.object->kernel(), twin.shape);
  constexpr int kWait = 100;  // milliseconds, after which Ctrl-C is noticed
  std::uint64_t lost_before = 0;
  while (!has_signal(signals) && !collector.is_full() && std::ferror(stdout) == 0) {
    const Result<void> done = access.consume(kWait, [&](const runtime::DigestRecord& one) { collector.take(one); });
    if (!done) return done;
    const Result<std::uint64_t> lost = access.lost();
    if (!lost) return fail(lost.error());
    collector.print_complete(*lost != 0);
    if (*lost != lost_before)
      print_warnings({std::to_string(*lost) + " steps were lost, since packets came faster than they could be told"});
    lost_before = *lost;
    if (!instance.has_twin()) {
      print_warnings({"the program has been replaced or unloaded, which ends the trace"});
      break;
    }
  }
  collector.print_all();
  return {};
}

}  // namespace

int trace_instance(const LiveTraceOptions& options) {
  DiagnosticPrinter printer(options.diagnostics);
  const Result<Filter> filter = Filter::create(options.filter);
  if (!filter) return report(filter.error());
  Result<runtime::Instance> instance = control::open_instance(options.name);
  if (!instance) return report(instance.error());
  const Result<std::string> source = instance->kept_text(kKeptSource);
  if (!source) return report(source.error());
  if (source->empty())
    return report(Error{"instance '" + instance->name() + "' was loaded without its source",
                        "load it from PROG.p4, or with PROG.source.json beside PROG.o", 0});
  instance->unlock();
  Result<KeptCompilation> kept = KeptCompilation::create(*source);
  if (!kept) return report(kept.error());
  Twin twin{std::move(*kept), {}, {}, {}, std::nullopt};
  Compilation& compilation = twin.kept.compilation();
  compilation.options.hook = hook_option(instance->manifest().kernel_programs.at(0).hook);
  if (!options.clang.empty()) compilation.options.clang = options.clang;
  const Result<bool> good = make_twin(twin, *instance, options.all);
  if (!good || !*good) return finish(compilation, good, printer);
  if (const Result<void> done = configure(twin, *instance, options); !done) return report(done.error());
  const runtime::FileDescriptor signals = watch_signals();
  ::signal(SIGPIPE, SIG_IGN);  // whoever reads may go; the program is put back
  Result<runtime::FileDescriptor> held = instance->put_in(*twin.object);
  if (!held) return report(held.error());
  instance->unlock();
  std::fprintf(stderr, "p4bpf: tracing %s; Ctrl-C ends it\n", instance->name().c_str());
  TracePrinter steps(compilation.sources, options.json, options.all);
  Collector collector(twin, *instance, *filter, steps, options.count);
  const Result<void> followed = follow(twin, *instance, collector, signals);
  // Whoever opens it when nobody holds the twin puts the program back.
  *held = runtime::FileDescriptor();
  const Result<runtime::Instance> restored = runtime::Instance::open(instance->name());
  if (!restored && restored.error().code != ENOENT) return report(restored.error());
  return followed ? static_cast<int>(kFine) : report(followed.error());
}

}  // namespace p4bpf::driver
