#include "tools/ingest/reporter.h"

namespace lensfs {
namespace {

std::uint64_t& counter_of(IngestSummary& summary, FileStatus status) {
  switch (status) {
    case FileStatus::added:
      return summary.added;
    case FileStatus::new_version:
      return summary.new_versions;
    case FileStatus::linked:
      return summary.linked;
    case FileStatus::unchanged:
      return summary.unchanged;
    case FileStatus::skipped:
      return summary.skipped;
    case FileStatus::failed:
      break;
  }
  return summary.failed;
}

}  // namespace

const char* name_of(FileStatus status) {
  switch (status) {
    case FileStatus::added:
      return "added";
    case FileStatus::new_version:
      return "new version";
    case FileStatus::linked:
      return "linked";
    case FileStatus::unchanged:
      return "unchanged";
    case FileStatus::skipped:
      return "skipped";
    case FileStatus::failed:
      break;
  }
  return "failed";
}

void Reporter::report(const FileEvent& event) {
  progress_.files.fetch_add(event.files, std::memory_order_relaxed);
  const std::scoped_lock lock(mutex_);
  ++counter_of(summary_, event.status);
  if (event.frames != 0) ++summary_.sequences;
  if (event.status == FileStatus::added && event.method == CopyMethod::known) {
    ++summary_.known_content;
  }
  observer_.file(event);
}

void Reporter::skipped(const std::string& path, const std::string& reason) {
  report({.status = FileStatus::skipped, .path = path, .reason = reason});
}

void Reporter::failed(const std::string& path, const Error& error) {
  report({.status = FileStatus::failed, .path = path, .reason = error.message()});
}

IngestSummary Reporter::summary() const {
  const std::scoped_lock lock(mutex_);
  IngestSummary summary = summary_;
  summary.bytes = progress_.bytes.load(std::memory_order_relaxed);
  return summary;
}

}  // namespace lensfs
