#include "transcode/scheduler/completing.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/asset.h"
#include "transcode/client/settling.h"

namespace lensfs {
namespace {

constexpr Nanoseconds kReaderPause = 5 * kNanosecondsPerSecond;  // since somebody waited for a slot
constexpr std::int64_t kAtOnce = 50;                             // slots of one request
constexpr std::int64_t kFreePart = 10;                           // of the disk stays free

bool is_read(const OutlineStore& store) {
  const Nanoseconds ago = Clock().now() - store.last_waited();
  return ago >= 0 && ago < kReaderPause;
}

// What may still be written to the store's disk.
Result<std::int64_t> room_of(const Store& store) {
  struct statvfs disk {};
  if (::fstatvfs(store.directory_fd(), &disk) != 0) return last_error("statvfs");
  const auto block = static_cast<std::int64_t>(disk.f_frsize);
  return (static_cast<std::int64_t>(disk.f_bavail) -
          static_cast<std::int64_t>(disk.f_blocks) / kFreePart) *
         block;
}

bool is_wanted(Completing completing, std::int64_t there, std::int64_t count) {
  switch (completing) {
    case Completing::none:
      return false;
    case Completing::read:
      return there >= std::min(kGlanceSlots, std::max<std::int64_t>(1, (count + 9) / 10));
    case Completing::all:
      break;
  }
  return true;
}

}  // namespace

// --- which is next

Status Completions::begin() {
  if (settings_.complete != Completing::none) return {};
  std::vector<JobId> planned;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(const std::vector<Job> jobs, all_jobs(*reader));
    for (const Job& job : jobs) {
      if (job.priority == Priority::idle && job.state == JobState::waiting)
        planned.push_back(job.id);
    }
  }
  if (planned.empty()) return {};
  return catalog_.write_soon([&](Transaction& txn) -> Status {
    for (const JobId job : planned) LENSFS_CHECK(drop_job(txn, job));
    return {};
  });
}

std::optional<Completions::Candidate> Completions::look_at(const OutlineStore& store,
                                                           const Outline& outline) {
  const auto use = store.use_of(number(outline.id));
  if (!use) return std::nullopt;
  const auto [seen, is_new] = dismissed_.try_emplace(number(outline.id), use->changed);
  if (!is_new && seen->second == use->changed) return std::nullopt;
  seen->second = use->changed;
  auto files = store.open_files(number(outline.id));
  if (!files) return std::nullopt;
  const auto file = RenderedFile::open(*std::move(files));
  if (!file) return std::nullopt;
  const RenderedFile::Noted noted = (*file)->noted();
  const std::int64_t count = (*file)->map().count();
  const bool is_whole = noted.slots == count;
  if (is_whole && noted.any_replaced) return std::nullopt;
  if (is_whole && !lock_file((*file)->bytes(), LockMode::exclusive, Wait::no)) {
    dismissed_.erase(seen);  // whoever has it open may close it without changing it
    return std::nullopt;
  }
  if (!is_whole && !is_wanted(settings_.complete, noted.slots, count)) return std::nullopt;
  const auto part = static_cast<double>(count - noted.slots) / static_cast<double>(count);
  dismissed_.erase(seen);
  return Candidate{.outline = outline,
                   .is_begun = noted.slots > 0,
                   .changed = use->changed,
                   .missing = static_cast<std::int64_t>(static_cast<double>(outline.size) * part)};
}

Result<std::vector<Completions::Candidate>> Completions::candidates(const OutlineStore& store) {
  std::vector<Candidate> found;
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  LENSFS_TRY(const std::vector<Outline> all, all_outlines(*reader));
  for (const Outline& outline : all) {
    LENSFS_TRY(const auto ready, find_rendition(*reader, outline.source, outline.recipe));
    if (ready) continue;
    LENSFS_TRY(const auto job, find_job(*reader, outline.source, outline.recipe));
    if (job) continue;
    if (auto candidate = look_at(store, outline)) found.push_back(*std::move(candidate));
  }
  std::sort(found.begin(), found.end(), [](const Candidate& one, const Candidate& other) {
    return std::pair(one.is_begun, one.changed) > std::pair(other.is_begun, other.changed);
  });
  return found;
}

Result<bool> Completions::plan_some(std::int64_t most) {
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(const bool pending, any_pending(*reader, Priority::due));
    if (pending) return false;
    LENSFS_TRY(const PendingJobs idle, pending_jobs(*reader));
    most -= idle.count;
    if (most <= 0) return false;
  }
  LENSFS_TRY(const OutlineStore store, OutlineStore::open(catalog_.path()));
  if (is_read(store)) return false;
  LENSFS_TRY(const std::vector<Candidate> found, candidates(store));
  LENSFS_TRY(std::int64_t room, room_of(catalog_.store()));
  std::vector<NewJob> jobs;
  for (const Candidate& one : found) {
    if (static_cast<std::int64_t>(jobs.size()) == most) break;
    if (one.missing > room) continue;
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(std::optional<NewJob> job, job_for(*reader, one.outline));
    if (!job) continue;
    job->priority = Priority::idle;
    jobs.push_back(*std::move(job));
    room -= one.missing;
  }
  if (jobs.empty()) return false;
  LENSFS_CHECK(catalog_.write_soon([&](Transaction& txn) -> Status {
    for (const NewJob& job : jobs) LENSFS_CHECK(ask_for(txn, job));
    return {};
  }));
  return true;
}

// --- one of them

Status Completion::open() {
  LENSFS_TRY(store_, OutlineStore::open(catalog_.path()));
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    const Job& job = batch_.jobs.front();
    LENSFS_TRY(const auto outline, find_outline(*reader, job.source, job.recipe));
    if (!outline) return fail(Errc::not_found, "its outline is gone");
    outline_ = *outline;
  }
  LENSFS_TRY(OutlineStore::Files files, store_->open_files(number(outline_.id)));
  LENSFS_CHECK(lock_file(files.bytes.get(), LockMode::shared, Wait::yes));
  LENSFS_TRY(file_, RenderedFile::open(std::move(files)));
  return {};
}

bool Completion::has_to_yield() {
  if (is_read(*store_)) return true;
  const auto reader = catalog_.read();
  if (!reader) return true;
  const Nanoseconds now = Clock().now();
  const auto due = next_due(**reader, now, Priority::due);
  return !due || (*due && **due <= now);
}

Result<std::optional<Outcome::Kind>> Completion::render(const Progress& progress,
                                                        const std::stop_token& stop) {
  using Kind = Outcome::Kind;
  std::optional<Kind> ends;
  Status noted;
  const std::int64_t count = file_->map().count();
  const auto goes_on = [&] {
    if (stop.stop_requested()) ends = Kind::stopped;
    if (!ends && has_to_yield()) ends = Kind::yielded;
    progress(static_cast<double>(file_->rendered()) / static_cast<double>(count));
    return !ends;
  };
  for (std::int64_t slot = 0; slot < count && goes_on();) {
    SlotMap::Slots run{.first = slot, .count = 0};
    while (run.count < kAtOnce && slot + run.count < count && !file_->has(slot + run.count)) {
      ++run.count;
    }
    slot += std::max<std::int64_t>(run.count, 1);
    if (run.count == 0) continue;
    LENSFS_CHECK(engines_.render_slots(run, [&](const RenderedSlot& rendered) {
      noted = file_->note(rendered);
      return noted && goes_on();
    }));
    LENSFS_CHECK(noted);
    if (!ends && !file_->has(run)) {
      return fail(Errc::corrupt, "the decoder left out slots that it was asked for");
    }
  }
  return ends;
}

Result<Outcome> Completion::complete(const Progress& progress, const std::stop_token& stop) {
  LENSFS_CHECK(open());
  {
    LENSFS_TRY(const Fd source, open_source(catalog_.store(), batch_.source));
    LENSFS_CHECK(engines_.open_slots({.fd = source.get(),
                                      .size = static_cast<std::int64_t>(batch_.source.size),
                                      .extension = lower_extension(batch_.jobs.front().name)},
                                     batch_.recipes.front(), file_->files(),
                                     file_->map().file_size()));
  }
  const auto rendered = render(progress, stop);
  engines_.close_slots();
  if (!rendered) return fail(rendered.error());
  if (*rendered) return Outcome{.kind = **rendered};
  if (file_->noted().any_replaced) return Outcome{.kind = Outcome::Kind::damaged};
  auto settled = settle_outline(catalog_.store(), *store_, *file_, number(outline_.id), stop);
  // Whoever reads it makes the object of it, or closes it.
  if (!settled && settled.error().code() == Errc::busy) {
    return Outcome{.kind = Outcome::Kind::yielded};
  }
  if (!settled) return fail(settled.error());
  hold_.emplace(std::move(settled->hold));
  return Outcome{.kind = Outcome::Kind::made,
                 .made = {.object = settled->object,
                          .extension = outline_.extension,
                          .width = outline_.width,
                          .height = outline_.height,
                          .duration = outline_.duration}};
}

Outcome Completion::carry_out(const Progress& progress, const std::stop_token& stop) {
  auto outcome = complete(progress, stop);
  return outcome ? *std::move(outcome) : outcome_of(of_engine(outcome.error()), stop);
}

Status Completion::remove_files() const {
  return hold_ ? store_->remove(number(outline_.id)) : Status();
}

}  // namespace lensfs
