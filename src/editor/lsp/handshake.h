// What client and server tell each other before they work: what the server can do, and what the client wants of it.
#pragma once

#include <string>
#include <string_view>

#include "editor/lsp/workspace.h"

namespace p4bpf::editor {

/// The JSON text of the `capabilities` in the answer to `initialize`.
std::string capabilities(Encoding encoding);

/// `{includePaths, defines, undefines, formatWidth}` as JSON text, or that under `p4bpf`; what is missing or has another
/// type is as if it were not said.
Configuration configuration_of(std::string_view settings);

}  // namespace p4bpf::editor
