#include "transcode/scheduler/reading.h"

#include <span>

#include "catalog/model/extraction.h"
#include "catalog/model/frame_name.h"
#include "catalog/model/sidecar.h"
#include "transcode/facts.h"

namespace lensfs {
namespace {

Result<std::string> text_of(int file) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  if (status.st_size <= 0 || static_cast<std::uint64_t>(status.st_size) > kLargestFacts) {
    return fail(Errc::corrupt, "the engine wrote no facts");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  LENSFS_TRY(const std::size_t got, read_full(file, std::as_writable_bytes(std::span(text)), 0));
  text.resize(got);
  return text;
}

Result<std::string> read(const MakingBatch& with, const Batch& batch, const Progress& progress,
                         const std::stop_token& stop) {
  LENSFS_TRY(const UnfinishedFile output, with.store.new_file());
  LENSFS_TRY(const Made made, make_one(with, batch, output.fd(), progress, stop));
  LENSFS_TRY(const std::string text, text_of(output.fd()));
  LENSFS_TRY(const Facts facts, Facts::from_json(text));
  return facts.json();
}

}  // namespace

const Recipe& reading_recipe() {
  static const Recipe recipe{.form = Recipe::Form::facts, .format = "json"};
  return recipe;
}

bool is_read(std::string_view kind, std::string_view name) {
  return kind == "video" || kind == "audio" || kind == "image" || kind == "document" ||
         kind == "design" || kind == kSequenceKind || is_sidecar_name(name);
}

bool is_reading(const Batch& batch) {
  return batch.recipes.front().form == Recipe::Form::facts;
}

Outcome read_batch(const MakingBatch& with, const Batch& batch, const Progress& progress,
                   const std::stop_token& stop) {
  auto facts = read(with, batch, progress, stop);
  if (!facts) return outcome_of(facts.error(), stop);
  return {.kind = Outcome::Kind::read, .facts = *std::move(facts)};
}

Status keep_reading(Transaction& txn, const Job& job, const std::string& facts) {
  LENSFS_TRY([[maybe_unused]] const bool had_failed, end_job(txn, job.source, job.recipe));
  const Actor actor{.uid = job.uid, .name = name_of_user(job.uid)};
  return keep_extraction(txn, actor, job.source, reading_recipe().text(), facts);
}

}  // namespace lensfs
