#include "transcode/client/attach.h"

#include <fcntl.h>

#include "catalog/base/text.h"
#include "catalog/model/frame_name.h"
#include "transcode/client/alike.h"
#include "transcode/client/made_check.h"
#include "transcode/client/sequence_facts.h"

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

Result<Fd> open_source(Catalog& catalog, ObjectId source) {
  ObjectKey key;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(key, find_object(*reader, source));
  }
  return catalog.store().open_object(key);
}

Result<MediaFacts> probed(Engines& engines, int file, std::string extension,
                          const std::stop_token& stop) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  return engines.probe({.fd = file, .size = status.st_size, .extension = std::move(extension)},
                       stop);
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

Result<NewRendition> check_brought(Catalog& catalog, Engines& engines, const AttachTo& to, int file,
                                   std::string extension, const std::stop_token& stop) {
  NewRendition rendition{
      .object = {}, .extension = std::move(extension), .origin = NewRendition::Origin::attached};
  if (!takes_time(to.recipe)) return rendition;
  LENSFS_TRY(const Fd original, open_source(catalog, to.source));
  const auto source = sequence_name(to.name)
                          ? facts_of_sequence(original.get(), to.recipe)
                          : probed(engines, original.get(), lower_extension(to.name), stop);
  if (!source) return fail(source.error().with("its source cannot be compared"));
  const auto brought = probed(engines, file, rendition.extension, stop);
  if (!brought) return fail(brought.error().with("it cannot be compared with its source"));
  LENSFS_CHECK(check_alike(to.recipe, *source, *brought));
  const bool is_seen = to.recipe.form == Recipe::Form::video;
  rendition.width = is_seen ? brought->width : 0;
  rendition.height = is_seen ? brought->height : 0;
  rendition.duration = is_seen ? brought->picture_ns : brought->sound_ns;
  return rendition;
}

Status keep_brought(Catalog& catalog, const AttachTo& to, NewRendition rendition, StagedFile bytes,
                    const std::stop_token& stop) {
  LENSFS_TRY(const Store::Hold hold, catalog.store().hold());
  LENSFS_TRY(const Stored stored, catalog.store().keep(std::move(bytes), stop));
  LENSFS_CHECK(catalog.store().sync());
  rendition.object = stored.key;
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const RecipeId recipe, recipe_row(txn, to.recipe));
    return add_rendition(txn, to.source, recipe, rendition);
  });
}

Status attach(Catalog& catalog, Engines& engines, const Attached& what,
              const std::stop_token& stop) {
  const auto take = [&]() -> Status {
    LENSFS_TRY(const Fd file, open_path(what.file, O_RDONLY | O_NONBLOCK));
    LENSFS_TRY(std::string extension,
               check_attached(what.to.recipe, file.get(), what.file, what.only));
    NewRendition rendition{
        .object = {}, .extension = std::move(extension), .origin = NewRendition::Origin::attached};
    if (what.only == AttachOnly::what_fits) {
      LENSFS_TRY(rendition, check_brought(catalog, engines, what.to, file.get(),
                                          std::move(rendition.extension), stop));
    }
    LENSFS_TRY(StagedFile staged, catalog.store().stage_copy(file.get(), stop, {}));
    return keep_brought(catalog, what.to, std::move(rendition), std::move(staged), stop);
  };
  const Status taken = take();
  return taken ? taken : Status(fail(taken.error().with(what.file.native())));
}

}  // namespace lensfs
