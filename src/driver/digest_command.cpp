// p4bpf digest follow|list: what a running program has to tell.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"
#include "driver/signals.h"
#include "runtime/digest_access.h"

namespace p4bpf::driver {
namespace {

struct DigestOptions {
  std::string target;
  std::uint64_t count = 0;
  bool json = false;

  control::Format format() const { return json ? control::Format::kJson : control::Format::kText; }
};

int follow(const DigestOptions& options) {
  const std::size_t colon = options.target.find(':');
  Result<runtime::Instance> instance = control::open_instance(options.target.substr(0, colon));
  if (!instance) return report(instance.error());
  instance->unlock();
  const manifest::Manifest& manifest = instance->manifest();
  std::optional<std::size_t> wanted;
  if (colon != std::string::npos) {
    std::vector<std::string> names;
    for (const manifest::Digest& one : manifest.digests) names.push_back(one.name);
    const Result<std::size_t> found = manifest::find_by_name("digest", options.target.substr(colon + 1), names);
    if (!found) return report(found.error());
    wanted = *found;
  }
  const runtime::FileDescriptor signals = watch_signals();
  runtime::DigestAccess access(instance->kernel(), manifest);
  std::uint64_t shown = 0;
  std::uint64_t lost_before = 0;
  constexpr int kWait = 200;  // milliseconds, after which Ctrl-C is noticed
  while (!has_signal(signals) && (options.count == 0 || shown < options.count)) {
    const Result<void> done = access.consume(kWait, [&](const runtime::DigestRecord& one) {
      if ((wanted && one.digest != *wanted) || (options.count != 0 && shown == options.count)) return;
      ++shown;
      std::fputs(control::show_digest(manifest.digests[one.digest], one, options.format()).c_str(), stdout);
    });
    if (!done) return report(done.error());
    std::fflush(stdout);
    const Result<std::uint64_t> lost = access.lost();
    if (!lost) return report(lost.error());
    if (*lost != lost_before)
      std::fprintf(stderr, "p4bpf: warning: %llu digests were lost, since nobody read them in time\n",
                   static_cast<unsigned long long>(*lost));
    lost_before = *lost;
  }
  return kFine;
}

int list(const DigestOptions& options) {
  Result<runtime::Instance> instance = control::open_instance(options.target);
  if (!instance) return report(instance.error());
  std::uint64_t lost = 0;
  if (!instance->manifest().digest_map.empty()) {
    const Result<std::uint64_t> counted = runtime::DigestAccess(instance->kernel(), instance->manifest()).lost();
    if (!counted) return report(counted.error());
    lost = *counted;
  }
  std::fputs(control::show_digests(instance->manifest(), lost, options.format()).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_digest_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const all = add_verb(app, "digest", "show the messages of a running program",
                                 "digest follow r1\ndigest follow r1:learn_t --count 10 --json\ndigest list r1");
  all->require_subcommand(1);
  {
    CLI::App* const verb = add_verb(*all, "follow", "print messages as they come, a line each, until Ctrl-C",
                                    "digest follow r1\ndigest follow r1:learn_t --count 10 --json");
    const auto options = std::make_shared<DigestOptions>();
    verb->add_option("DIGEST", options->target, "the program's messages as NAME, one kind of them as NAME:DIGEST")
        ->required();
    verb->add_option("--count", options->count, "end after so many");
    verb->add_flag("--json", options->json, "print an object a line");
    on_chosen(*verb, chosen, [=] { return follow(*options); });
  }
  {
    CLI::App* const verb = add_verb(*all, "list", "show what kinds of messages there are, and how many were lost",
                                    "digest list r1\ndigest list r1 --json");
    const auto options = std::make_shared<DigestOptions>();
    verb->add_option("NAME", options->target, "the program; may be left out where only one is loaded");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return list(*options); });
  }
}

}  // namespace p4bpf::driver
