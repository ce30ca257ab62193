#include "transcode/scheduler/batch.h"

#include "catalog/base/text.h"
#include "transcode/client/made_check.h"
#include "transcode/scheduler/sequence_source.h"

namespace lensfs {
namespace {

// Whether another attempt may succeed. Engines say io and no_space of what they write to, and of a
// process that somebody ended; the store says not_found of what may come back.
bool may_pass(Errc code) {
  switch (code) {
    case Errc::io:
    case Errc::no_space:
    case Errc::busy:
    case Errc::too_many_files:
    case Errc::not_found:
    case Errc::stale:
    case Errc::read_only:
      return true;
    case Errc::exists:
    case Errc::denied:
    case Errc::not_permitted:
    case Errc::invalid:
    case Errc::not_directory:
    case Errc::is_directory:
    case Errc::not_empty:
    case Errc::no_attribute:
    case Errc::range:
    case Errc::too_big:
    case Errc::name_too_long:
    case Errc::not_supported:
    case Errc::corrupt:
    case Errc::changed:
    case Errc::interrupted:
    case Errc::cross_device:
    case Errc::usage:
      break;
  }
  return false;
}

Result<std::vector<UnfinishedFile>> new_outputs(Store& store, std::size_t count) {
  std::vector<UnfinishedFile> outputs;
  for (std::size_t i = 0; i < count; ++i) {
    LENSFS_TRY(UnfinishedFile output, store.new_file());
    outputs.push_back(std::move(output));
  }
  return outputs;
}

// Of a sequence the source is the manifest.
Answers run(const MakingBatch& with, const Batch& batch, const MediaSource& media,
            std::span<const Order> orders, const Progress& progress, const std::stop_token& stop) {
  if (batch.jobs.front().kind != kSequenceKind) {
    return with.engines.run(media, orders, batch.engine, progress, stop);
  }
  const auto sequence = SequenceSource::open(with.store, media);
  if (!sequence) return Answers(orders.size(), Result<Made>(tl::unexpect, sequence.error()));
  return sequence->run(with.engines, orders, batch.engine, progress, stop);
}

Result<MadeFile> checked(const MakingBatch& with, const Recipe& recipe, const Result<Made>& answer,
                         UnfinishedFile file, const std::stop_token& stop) {
  if (!answer) return fail(of_engine(answer.error()));
  LENSFS_CHECK(check_made(recipe, *answer, file.fd(), with.limit));
  LENSFS_TRY(StagedFile staged, with.store.stage(std::move(file), stop, {}));
  return MadeFile{.file = std::move(staged), .made = *answer};
}

std::vector<Result<MadeFile>> all_failed(const Batch& batch, const Error& error) {
  std::vector<Result<MadeFile>> failed;
  for (std::size_t i = 0; i < batch.jobs.size(); ++i) failed.emplace_back(fail(error));
  return failed;
}

Result<NewRendition> keep(Store& store, Result<MadeFile> file, const std::stop_token& stop) {
  if (!file) return fail(file.error());
  LENSFS_TRY(const Stored stored, store.keep(std::move(file->file), stop));
  return NewRendition{.object = stored.key,
                      .extension = file->made.extension,
                      .width = file->made.width,
                      .height = file->made.height,
                      .duration = file->made.duration_ns};
}

}  // namespace

Error of_engine(const Error& error) {
  if (error.code() != Errc::not_found) return error;
  return Error::quoted(Errc::invalid, error.message());
}

Result<Fd> open_source(const Store& store, const ObjectKey& key) {
  auto file = store.open_object(key);
  if (!is_missing(file)) return file;
  return fail(Errc::corrupt, "the source is not in the store; run \"lensfs verify\"");
}

Outcome outcome_of(const Error& error, const std::stop_token& stop) {
  if (error.code() == Errc::interrupted && stop.stop_requested()) return {};
  return {.kind = may_pass(error.code()) ? Outcome::Kind::postponed : Outcome::Kind::failed,
          .why = error.message()};
}

std::vector<Result<MadeFile>> make_batch(const MakingBatch& with, const Batch& batch,
                                         const Progress& progress, const std::stop_token& stop) {
  const auto source = open_source(with.store, batch.source);
  if (!source) return all_failed(batch, source.error());
  auto outputs = new_outputs(with.store, batch.jobs.size());
  if (!outputs) return all_failed(batch, outputs.error());
  std::vector<Order> orders;
  for (std::size_t i = 0; i < batch.jobs.size(); ++i) {
    orders.push_back({.recipe = batch.recipes[i], .output = (*outputs)[i].fd()});
  }
  const MediaSource media{.fd = source->get(),
                          .size = static_cast<std::int64_t>(batch.source.size),
                          .extension = lower_extension(batch.jobs.front().name)};
  Answers answers = run(with, batch, media, orders, progress, stop);
  answers.resize(orders.size(), fail(Errc::io, "the engine did not answer"));
  std::vector<Result<MadeFile>> made;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    made.push_back(checked(with, batch.recipes[i], answers[i], std::move((*outputs)[i]), stop));
  }
  return made;
}

Result<Made> make_one(const MakingBatch& with, const Batch& batch, int output,
                      const Progress& progress, const std::stop_token& stop) {
  LENSFS_TRY(const Fd source, open_source(with.store, batch.source));
  const MediaSource media{.fd = source.get(),
                          .size = static_cast<std::int64_t>(batch.source.size),
                          .extension = lower_extension(batch.jobs.front().name)};
  const std::vector<Order> orders = {{.recipe = batch.recipes.front(), .output = output}};
  const Answers answers = run(with, batch, media, orders, progress, stop);
  if (answers.empty()) return fail(Errc::io, "the engine did not answer");
  if (!answers.front()) return fail(of_engine(answers.front().error()));
  return *answers.front();
}

std::vector<Outcome> keep_batch(Store& store, std::vector<Result<MadeFile>> made,
                                const std::stop_token& stop) {
  std::vector<Outcome> outcomes;
  for (Result<MadeFile>& one : made) {
    auto kept = keep(store, std::move(one), stop);
    outcomes.push_back(kept ? Outcome{.kind = Outcome::Kind::made, .made = *std::move(kept)}
                            : outcome_of(kept.error(), stop));
  }
  return outcomes;
}

}  // namespace lensfs
