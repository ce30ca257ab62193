// Preview: a small picture of an asset on a terminal that can show one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/model/asset.h"
#include "catalog/model/catalog.h"
#include "catalog/model/profile.h"

namespace lensfs {

// How a terminal takes pictures; it is known by TERM, TERM_PROGRAM and the like, never asked.
enum class PictureTerminal {
  none,
  kitty,  // kitty, Ghostty: the graphics protocol of kitty
  iterm,  // iTerm2, WezTerm, VS Code, mintty: inline files
};
[[nodiscard]] PictureTerminal picture_terminal();

// --preview: auto (where standard output is such a terminal), always, never. usage for other words.
[[nodiscard]] Result<bool> is_preview_wanted(const std::optional<std::string>& word);

// What shows the thumb of the asset on this terminal, with a line end; empty where there is no
// thumb yet. The thumb is decoded in the sandbox, as any picture.
[[nodiscard]] Result<std::string> preview_of(Catalog& catalog, const RenditionSettings& settings,
                                             const Asset& asset, PictureTerminal terminal);

}  // namespace lensfs
