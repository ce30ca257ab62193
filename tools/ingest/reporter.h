// Reporter: counts what becomes of files and tells the observer, one at a time. Thread-safe.
#pragma once

#include <mutex>

#include "tools/ingest/ingest.h"

namespace lensfs {

class Reporter {
 public:
  Reporter(IngestObserver& observer, IngestProgress& progress)
      : observer_(observer), progress_(progress) {}

  void report(const FileEvent& event);
  void skipped(const std::string& path, const std::string& reason);
  void failed(const std::string& path, const Error& error);
  [[nodiscard]] IngestSummary summary() const;

 private:
  IngestObserver& observer_;
  IngestProgress& progress_;
  mutable std::mutex mutex_;  // guards summary_ and calls of observer_; rank: leaf
  IngestSummary summary_;
};

}  // namespace lensfs
