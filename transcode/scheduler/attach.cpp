#include "transcode/scheduler/attach.h"

#include <fcntl.h>

#include "catalog/base/text.h"
#include "transcode/scheduler/made_check.h"

namespace lensfs {
namespace {

// The one of the extensions of a format that renditions have.
std::string usual_extension(std::string extension) {
  if (extension == "jpeg" || extension == "jpe" || extension == "jfif") return "jpg";
  if (extension == "qt") return "mov";
  if (extension == "m4v") return "mp4";
  return extension;
}

// Whether there is any recipe that makes such files.
Status check_any_form(std::string_view extension) {
  Status fits = fail(Errc::invalid);
  for (const Recipe::Form form : {Recipe::Form::still, Recipe::Form::video, Recipe::Form::audio}) {
    fits = check_extension({.form = form, .format = "auto"}, extension);
    if (fits) return fits;
  }
  return fail(Error(Errc::invalid, "no rendition has this format").with(extension));
}

}  // namespace

Result<std::string> check_attached(const Recipe& recipe, int file,
                                   const std::filesystem::path& name, AttachOnly only) {
  std::string extension = usual_extension(lower_extension(name.filename().native()));
  const bool fits_only = only == AttachOnly::what_fits;
  LENSFS_CHECK(fits_only ? check_extension(recipe, extension) : check_any_form(extension));
  LENSFS_CHECK(check_beginning(file, extension));
  return extension;
}

Status attach(Catalog& catalog, const Attached& what, const std::stop_token& stop) {
  const auto named = [&](const Error& error) { return fail(error.with(what.file.native())); };
  const auto file = open_path(what.file, O_RDONLY | O_NONBLOCK);
  if (!file) return named(file.error());
  auto extension = check_attached(what.recipe, file->get(), what.file, what.only);
  if (!extension) return named(extension.error());
  auto staged = catalog.store().stage_copy(file->get(), stop, {});
  if (!staged) return named(staged.error());
  LENSFS_TRY(const Store::Hold hold, catalog.store().hold());
  LENSFS_TRY(const Stored stored, catalog.store().keep(*std::move(staged), stop));
  LENSFS_CHECK(catalog.store().sync());
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const RecipeId recipe, recipe_row(txn, what.recipe));
    return add_rendition(txn, what.source, recipe,
                         {.object = stored.key,
                          .extension = *std::move(extension),
                          .origin = NewRendition::Origin::attached});
  });
}

}  // namespace lensfs
