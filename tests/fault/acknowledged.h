// Acknowledged: changes made to a folder, each noted once the system has said that it is done;
// after a crash, what of it is missing.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace lensfs::test {

class Acknowledged {
 public:
  explicit Acknowledged(path folder) : folder_(std::move(folder)) {}

  // Each is one round of one thread: 0 or errno. The last round of a thread may have been done or
  // not.
  int make_new(std::uint64_t round);          // a file, written and closed; every other one fsynced
  int append_to_log(std::uint64_t round);     // fsynced
  int replace_document(std::uint64_t round);  // a temporary file, fsynced, renamed over
  int rename_and_remove(std::uint64_t round);  // a file made, renamed; every other one removed
  int tag(std::uint64_t round);                // an attribute of a file that is there

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // What is not as it was acknowledged, one sentence each.
  [[nodiscard]] std::vector<std::string> losses() const;
  // The temporary file that a crash left beside the document.
  void remove_scratch() const;

 private:
  [[nodiscard]] path at(const char* stem, std::uint64_t round) const {
    return folder_ / (stem + std::to_string(round));
  }
  [[nodiscard]] std::string log_upto(std::uint64_t rounds) const;

  path folder_;
  std::atomic<std::uint64_t> count_ = 0;
  mutable std::mutex mutex_;  // guards what follows; rank: leaf
  std::map<path, std::string> present_;
  std::set<path> absent_;
  std::uint64_t logged_ = 0, replaced_ = 0, tagged_ = 0;  // rounds; 0: none
};

}  // namespace lensfs::test
