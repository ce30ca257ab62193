// What `lensfs doctor` finds: one line a check.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lensfs {

struct Finding {
  enum class Is { fine, note, wrong } is = Is::fine;
  std::string about;      // "library", "mount /mnt/media", "share media"
  std::string text;       // what was found
  std::string way_out{};  // what to do about it
};

// Findings: in the order in which they were made.
class Findings {
 public:
  void fine(std::string_view about, std::string text) {
    all_.push_back({Finding::Is::fine, std::string(about), std::move(text)});
  }
  // Works, but not as well as it could.
  void note(std::string_view about, std::string text, std::string way_out) {
    all_.push_back({Finding::Is::note, std::string(about), std::move(text), std::move(way_out)});
  }
  void wrong(std::string_view about, std::string text, std::string way_out) {
    all_.push_back({Finding::Is::wrong, std::string(about), std::move(text), std::move(way_out)});
  }
  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

}  // namespace lensfs
