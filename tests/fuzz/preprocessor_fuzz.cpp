// Any bytes through the preprocessor: no crash, no hang, and the dump of the tokens works. The first bytes up to a NUL
// are a -D.
#include <cstddef>
#include <cstdint>

#include "frontend/preprocessor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  std::string text(reinterpret_cast<const char*>(data), size);
  SourceOptions options;
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
    options.defines.push_back(text.substr(0, nul));
    text.erase(0, nul + 1);
  }
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const TokenStream stream = preprocess_text("fuzz.p4", std::move(text), options, sources, diagnostics);
  static_cast<void>(dump_tokens(stream, sources));
  static_cast<void>(render_all(diagnostics, false));
  return 0;
}
