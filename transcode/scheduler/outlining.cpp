#include "transcode/scheduler/outlining.h"

#include "catalog/base/text.h"
#include "catalog/model/asset.h"
#include "transcode/client/made_check.h"

namespace lensfs {
namespace {

Result<MadeOutline> make_outline(Catalog& catalog, Engines& engines, const Batch& batch,
                                 const std::stop_token& stop) {
  const Recipe& recipe = batch.recipes.front();
  LENSFS_TRY(const Fd source, open_source(catalog.store(), batch.source));
  LENSFS_TRY(OutlineStore outlines, OutlineStore::open(catalog.path()));
  LENSFS_TRY(OutlineStore::Files empty, outlines.create());
  MadeOutline outline{.store = std::move(outlines), .files = std::move(empty), .made = {}};
  const MediaSource media{.fd = source.get(),
                          .size = static_cast<std::int64_t>(batch.source.size),
                          .extension = lower_extension(batch.jobs.front().name)};
  const OutlineFiles files{.bytes = outline.files.bytes.get(),
                           .layout = outline.files.layout.get()};
  const auto made = engines.outline(media, recipe, files, stop);
  if (!made) return fail(of_engine(made.error()));
  const auto map = SlotMap::read(files.layout);
  LENSFS_TRY(const struct stat status, stat_of(files.bytes));
  if (!map || map->file_size() != status.st_size || !check_extension(recipe, made->extension)) {
    return fail(Errc::corrupt, "the engine wrote something else than it was to make");
  }
  outline.made = {.build = engines.build(),
                  .size = status.st_size,
                  .extension = made->extension,
                  .width = made->width,
                  .height = made->height,
                  .duration = made->duration_ns};
  return outline;
}

}  // namespace

Result<Aim> aim_of(Catalog& catalog, const Engines& engines, const Batch& batch) {
  const Job& job = batch.jobs.front();
  const bool is_edit = batch.recipes.front().form == Recipe::Form::edit;
  if (!is_edit || job.priority == Priority::asked) return Aim::whole;
  std::optional<Outline> known;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(known, find_outline(*reader, job.source, job.recipe));
  }
  if (!known || known->build != engines.build()) return Aim::outline;
  LENSFS_TRY(const OutlineStore outlines, OutlineStore::open(catalog.path()));
  if (!outlines.open_files(number(known->id))) return Aim::outline;
  return job.priority == Priority::idle ? Aim::completion : Aim::whole;
}

Outcome outline_batch(Catalog& catalog, Engines& engines, const Batch& batch,
                      const std::stop_token& stop) {
  auto outline = make_outline(catalog, engines, batch, stop);
  if (!outline) return outcome_of(outline.error(), stop);
  return {.kind = Outcome::Kind::outlined,
          .outline = std::make_shared<const MadeOutline>(*std::move(outline))};
}

Status keep_outline(Transaction& txn, const Job& job, const MadeOutline& outline) {
  LENSFS_TRY(const OutlineId id, add_outline(txn, job.source, job.recipe, outline.made));
  return outline.store.keep(outline.files, number(id));
}

Status renew_outlines(Catalog& catalog, const std::string& build) {
  std::vector<NewJob> jobs;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const std::vector<Outline> all, all_outlines(*reader));
    for (const Outline& outline : all) {
      if (outline.build == build) continue;
      LENSFS_TRY(std::optional<NewJob> job, job_for(*reader, outline));
      if (job) jobs.push_back(*std::move(job));
    }
  }
  if (jobs.empty()) return {};
  return catalog.write_soon([&](Transaction& txn) -> Status {
    for (const NewJob& job : jobs) LENSFS_CHECK(ask_for(txn, job));
    return {};
  });
}

}  // namespace lensfs
