// Completing: outlines are rendered to their end while nothing else is to be done, as
// RenditionSettings::complete says. What was rendered stays in the outline's file, so that one that
// is interrupted is gone on with, by this process or another.
#pragma once

#include <map>
#include <memory>

#include "transcode/client/rendered_file.h"
#include "transcode/scheduler/batch.h"

namespace lensfs {

// What a reader renders without being asked to, probing a clip or drawing a thumbnail of it, is
// less than a tenth of it, and less than this.
inline constexpr std::int64_t kGlanceSlots = 500;

// Completions: which outlines are next. Not thread-safe.
class Completions {
 public:
  Completions(Catalog& catalog, const RenditionSettings& settings)
      : catalog_(catalog), settings_(settings) {}

  // Drops what was planned and is not to be done any more.
  [[nodiscard]] Status begin();
  // Asks for the next, at most so many, unless there is something else to do. Those that are whole
  // already are always next; the others as the settings say, what was read last before others, and
  // only where a tenth of the disk is free once they are whole. Whether any was asked for.
  [[nodiscard]] Result<bool> plan_some(std::int64_t most);

 private:
  struct Candidate {
    Outline outline;
    bool is_begun = false;
    Nanoseconds changed = 0;
    std::int64_t missing = 0;  // bytes
  };
  [[nodiscard]] std::optional<Candidate> look_at(const OutlineStore& store, const Outline& outline);
  [[nodiscard]] Result<std::vector<Candidate>> candidates(const OutlineStore& store);

  Catalog& catalog_;
  const RenditionSettings& settings_;
  std::map<std::int64_t, Nanoseconds> dismissed_;  // outlines, as they were at that time
};

// Completion: one of them, in the hands of a worker. The batch has one job.
class Completion {
 public:
  Completion(Catalog& catalog, Engines& engines, const Batch& batch)
      : catalog_(catalog), engines_(engines), batch_(batch) {}
  // Renders what is missing and makes an object of it: made, damaged, yielded, stopped, or as
  // outcome_of() says.
  [[nodiscard]] Outcome carry_out(const Progress& progress, const std::stop_token& stop);
  // Once what was made is in the catalog.
  [[nodiscard]] Status remove_files() const;

 private:
  [[nodiscard]] Result<Outcome> complete(const Progress& progress, const std::stop_token& stop);
  [[nodiscard]] Status open();
  // Empty: all is there.
  [[nodiscard]] Result<std::optional<Outcome::Kind>> render(const Progress& progress,
                                                            const std::stop_token& stop);
  [[nodiscard]] bool has_to_yield();

  Catalog& catalog_;
  Engines& engines_;
  const Batch& batch_;
  std::optional<OutlineStore> store_;
  Outline outline_;
  std::unique_ptr<RenderedFile> file_;
  std::optional<Store::Hold> hold_;  // what was made is not in the catalog yet
};

}  // namespace lensfs
