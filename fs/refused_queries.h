// RefusedQueries: what was typed as a folder of /Search and could not be read, with the reason, for
// /.lensfs/searches. The newest of them only. Thread-safe.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

class RefusedQueries {
 public:
  void note(std::string_view query, const Error& why) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(fmt::format("{}\t{}\n", query, why.message()));
    if (lines_.size() > kMost) lines_.pop_front();
  }
  // One line each, oldest first: the query, a tab, the reason.
  [[nodiscard]] std::string text() const {
    const std::scoped_lock lock(mutex_);
    std::string all;
    for (const std::string& line : lines_) all += line;
    return all;
  }

 private:
  static constexpr std::size_t kMost = 100;
  mutable std::mutex mutex_;  // guards lines_; rank: leaf
  std::deque<std::string> lines_;
};

}  // namespace lensfs
