// Attaching: a file that somebody brings becomes the rendition, in place of one that is made here.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "catalog/model/catalog.h"
#include "catalog/model/recipe.h"
#include "catalog/model/rendition.h"
#include "transcode/client/engines.h"

namespace lensfs {

// fits: what the recipe says of form and format, and as long, as fast and with as much sound as
// the source (alike.h). any: only that it is what its name says, and something that a rendition may
// be.
enum class AttachOnly { what_fits, anything };

// What a brought file is to stand for.
struct AttachTo {
  ObjectId source{};
  Recipe recipe;
  std::string name;  // of the asset: a hint for who decodes the source
};

// Whether the file may have that form and format: by its extension and its first bytes. The
// extension that it has as a rendition. invalid, corrupt.
[[nodiscard]] Result<std::string> check_attached(const Recipe& recipe, int file,
                                                 const std::filesystem::path& name,
                                                 AttachOnly only);
// What is known of it as a rendition, but for its object. Where the rendition takes time both are
// decoded by `engines`: invalid if they are not alike, else why that cannot be known. May last as
// long as reading both.
[[nodiscard]] Result<NewRendition> check_brought(Catalog& catalog, Engines& engines,
                                                 const AttachTo& to, int file,
                                                 std::string extension,
                                                 const std::stop_token& stop);
// Makes it the rendition: takes the bytes into the store, then records it. Durable when it returns.
[[nodiscard]] Status keep_brought(Catalog& catalog, const AttachTo& to, NewRendition rendition,
                                  StagedFile bytes, const std::stop_token& stop);

struct Attached {
  AttachTo to;
  std::filesystem::path file;
  AttachOnly only = AttachOnly::what_fits;
};
// All of that for a file of somebody's. The file stays.
[[nodiscard]] Status attach(Catalog& catalog, Engines& engines, const Attached& what,
                            const std::stop_token& stop);

}  // namespace lensfs
