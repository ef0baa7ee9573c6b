// Renaming: the places to change over all programs that read the declaration's file, or why not.
#pragma once

#include <string>
#include <vector>

#include "editor/lsp/features.h"
#include "editor/lsp/workspace.h"

namespace p4bpf::editor {

struct Rename {
  std::vector<FileSpan> places;  // sorted, each once
  std::string refusal;           // why it cannot be done; empty if it can
};

/// The places that name what stands at byte `offset` of the file, without looking at a new name.
Rename renamable(Workspace& workspace, const std::string& path, std::size_t offset);
/// With the new name checked: the programs are analysed once more with it, and every name must mean what it meant.
Rename rename(Workspace& workspace, const std::string& path, std::size_t offset, const std::string& new_name);

}  // namespace p4bpf::editor
