// Attaching: a file that somebody brings becomes the rendition, in place of one that is made here.
#pragma once

#include <filesystem>
#include <stop_token>

#include "catalog/model/catalog.h"
#include "catalog/model/recipe.h"
#include "catalog/model/rendition.h"

namespace lensfs {

// fits: what the recipe says of form and format. any: only that it is what its name says, and
// something that a rendition may be.
enum class AttachOnly { what_fits, anything };

// Whether the file may stand where the recipe's rendition would: by its extension and its first
// bytes. It is not decoded, so length, rate and channels are not compared. The extension that it
// has as a rendition. invalid, corrupt.
[[nodiscard]] Result<std::string> check_attached(const Recipe& recipe, int file,
                                                 const std::filesystem::path& name,
                                                 AttachOnly only);

struct Attached {
  ObjectId source{};
  Recipe recipe;
  std::filesystem::path file;
  AttachOnly only = AttachOnly::what_fits;
};
// Takes the file into the store and makes it the rendition. The file stays.
[[nodiscard]] Status attach(Catalog& catalog, const Attached& what, const std::stop_token& stop);

}  // namespace lensfs
