// A batch of changes that packets see whole or not at all, whatever structures and however many tables it touches, at
// no cost for the packets: the maps of these tables are copied and changed beside the ones in use, the program is
// loaded once more on top of the copies and of all other maps, and then each attachment takes the new program in one
// step.
//
// What is prepared vanishes with the process. The switch of an instance is safe against a process that dies in it: the
// new pins stand ready in a folder of their own before the first attachment is touched, and whoever opens the instance
// next finishes the switch.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/loaded_object.h"

namespace p4bpf::runtime {

struct Generation {
  LoadedObject object;
  /// What was copied of hashes: packets may add entries to them (tables that learn) until they run the new program.
  std::map<std::string, EncodedEntries> copied;
};

/// The object once more: over copies of the maps of `tables`, and over the others of `maps` themselves.
Result<Generation> load_generation(const std::string& object_bytes, const manifest::Manifest& manifest, BpfKernel& now,
                                   const std::vector<std::string>& maps, const std::vector<std::size_t>& tables);
/// What packets have added to the maps of `now` since they were copied; to be called when none runs the old program.
Result<void> carry_over(const Generation& next, BpfKernel& now);

/// Makes `next` what the instance in `folder` runs; no packet runs the old program when it returns. A failure leaves it
/// as it was.
Result<void> switch_generation(const std::string& folder, const LoadedObject& next);
/// Finishes or undoes the switch of a process that died in it; nothing to do otherwise.
Result<void> finish_switch(const std::string& folder, const manifest::Manifest& manifest);

// A twin is the program in another form, which works on the same maps: it takes its place for a while and goes again.
// Each attachment changes in one step, so no packet misses either. While it is in, its process holds a lock; whoever
// opens the instance and finds that nobody holds it puts the program back. Until then the twin does what the program
// would.

/// `twin` describes the form of the program, which `manifest` describes, that is in the object. An outcome without an
/// object: the verifier refuses it.
Result<LoadOutcome> load_twin(const std::string& object_bytes, const manifest::Manifest& twin,
                              const manifest::Manifest& manifest, BpfKernel& now, const std::vector<std::string>& maps);
/// Puts it in; what comes back holds it there.
Result<FileDescriptor> put_twin_in(const std::string& folder, const LoadedObject& twin);
bool has_twin(const std::string& folder);
/// Puts the program back where nobody holds the twin in, or in any case.
Result<void> take_twin_out(const std::string& folder, const manifest::Manifest& manifest, bool even_if_in_use);

}  // namespace p4bpf::runtime
