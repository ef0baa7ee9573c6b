// p4bpf run: compile, load, attach, and stay in front with live counts until Ctrl-C, then unload; or --detach and leave
// it running.
#include <bpf/bpf.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/columns.h"
#include "control/show.h"
#include "driver/command.h"
#include "driver/load_program.h"
#include "driver/signals.h"
#include "runtime/file_descriptor.h"
#include "runtime/interfaces.h"

namespace p4bpf::driver {
namespace {

/// One row for each interface: what came and went since we started; then the counters of the program.
std::string live_counts(runtime::Instance& instance, const std::vector<runtime::Attachment>& attachments,
                        const std::vector<runtime::InterfaceCounts>& start) {
  std::vector<std::vector<std::string>> rows = {{"port", "interface", "received", "sent"}};
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const runtime::InterfaceCounts now = runtime::count_packets(attachments[i].interface);
    rows.push_back({std::to_string(attachments[i].port), attachments[i].interface,
                    std::to_string(now.received_packets - start[i].received_packets),
                    std::to_string(now.sent_packets - start[i].sent_packets)});
  }
  std::string out = control::align_columns(rows);
  runtime::TableAccess access = instance.tables();
  for (std::size_t i = 0; i < instance.manifest().counters.size(); ++i) {
    Result<std::vector<runtime::CounterValue>> values = access.read_counters(i);
    if (!values) continue;
    std::erase_if(*values, [](const runtime::CounterValue& v) { return v.packets == 0 && v.bytes == 0; });
    constexpr std::size_t kMostShown = 10;
    if (values->size() > kMostShown) values->resize(kMostShown);
    if (!values->empty())
      out += control::show_counter(instance.manifest().counters[i], *values, control::Format::kText);
  }
  return out;
}

/// Redraws once a second on a terminal; prints the last counts when it is asked to stop.
void watch(runtime::Instance& instance, int signals) {
  const Result<std::vector<runtime::Attachment>> attachments = instance.attachments();
  if (!attachments) return;
  std::vector<runtime::InterfaceCounts> start;
  for (const runtime::Attachment& attachment : *attachments)
    start.push_back(runtime::count_packets(attachment.interface));
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  std::size_t lines = 0;
  bool stop = false;
  while (!stop) {
    pollfd wait{signals, POLLIN, 0};
    stop = ::poll(&wait, 1, is_terminal ? 1000 : -1) > 0;
    if (!is_terminal && !stop) continue;
    const std::string counts = live_counts(instance, *attachments, start);
    if (is_terminal && lines > 0) std::printf("\033[%zuA\033[J", lines);
    std::fputs(counts.c_str(), stdout);
    std::fflush(stdout);
    lines = static_cast<std::size_t>(std::count(counts.begin(), counts.end(), '\n'));
  }
}

int run(const ProgramOptions& program, const InstanceOptions& options, bool detach) {
  const runtime::FileDescriptor signals = detach ? runtime::FileDescriptor() : watch_signals();
  Loaded loaded = load_program(program, options);
  if (!loaded.instance) return loaded.status;
  runtime::Instance& instance = *loaded.instance;
  instance.unlock();
  if (detach) {
    std::printf("%s\n", instance.name().c_str());
    return kFine;
  }
  std::printf("%s runs on %zu interface%s; Ctrl-C ends it\n", instance.name().c_str(), options.bindings.size(),
              options.bindings.size() == 1 ? "" : "s");
  std::fflush(stdout);
  watch(instance, signals.get());
  const Result<void> unloaded = runtime::unload(instance.name());
  return unloaded ? static_cast<int>(kFine) : report(unloaded.error());
}

}  // namespace

void add_run_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "run", "compile, load and attach a program, and show its counts until Ctrl-C",
                                  "run router.p4 -i 0@eth0 -i 1@eth1\nrun out/router.o -i 0@eth0 --name r1 --detach\n"
                                  "run basic.p4 --runtime s1-runtime.json -i 1@eth1 -i 2@eth2");
  const auto program = std::make_shared<ProgramOptions>();
  const auto options = std::make_shared<InstanceOptions>();
  const auto detach = std::make_shared<bool>(false);
  add_source_options(*verb, *program, "PROG.p4|PROG.o");
  add_target_options(*verb, *program);
  add_name_option(*verb, *options);
  add_attach_options(*verb, *options);
  verb->get_option("-i")->required();
  add_runtime_option(*verb, *options);
  verb->add_flag("--detach", *detach, "leave it running and return; 'p4bpf unload' ends it");
  on_chosen(*verb, chosen, [=] { return run(*program, *options, *detach); });
}

}  // namespace p4bpf::driver
