#include "tests/fault/acknowledged.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/fault/saved_work.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {

int Acknowledged::make_new(std::uint64_t round) {
  const path file = at("new", round);
  const std::string bytes = bytes_of_round(21, round);
  const int error = round % 2 == 0 ? write_new(file, bytes) : write_over(file, bytes, Durably::yes);
  if (error != 0) return error;
  const std::scoped_lock lock(mutex_);
  present_[file] = bytes;
  ++count_;
  return 0;
}

std::string Acknowledged::log_upto(std::uint64_t rounds) const {
  std::string text;
  for (std::uint64_t round = 0; round < rounds; ++round)
    text += "line " + std::to_string(round) + "\n";
  return text;
}

int Acknowledged::append_to_log(std::uint64_t round) {
  const int error = append_to(folder_ / "log", "line " + std::to_string(round) + "\n");
  if (error != 0) return error;
  const std::scoped_lock lock(mutex_);
  logged_ = round + 1;
  ++count_;
  return 0;
}

int Acknowledged::replace_document(std::uint64_t round) {
  const path fresh = folder_ / "document.tmp";
  if (const int error = write_over(fresh, bytes_of_round(22, round + 1), Durably::yes))
    return error;
  if (::rename(fresh.c_str(), (folder_ / "document").c_str()) != 0) return errno;
  const std::scoped_lock lock(mutex_);
  replaced_ = round + 1;
  ++count_;
  return 0;
}

void Acknowledged::remove_scratch() const {
  ::unlink((folder_ / "document.tmp").c_str());
}

int Acknowledged::rename_and_remove(std::uint64_t round) {
  const path made = at("made", round);
  const path moved = at("moved", round);
  const std::string bytes = bytes_of_round(23, round);
  if (const int error = write_new(made, bytes)) return error;
  if (::rename(made.c_str(), moved.c_str()) != 0) return errno;
  const bool goes = round % 2 == 0;
  if (goes && ::unlink(moved.c_str()) != 0) return errno;
  const std::scoped_lock lock(mutex_);
  absent_.insert(made);
  if (goes) {
    absent_.insert(moved);
  } else {
    present_[moved] = bytes;
  }
  ++count_;
  return 0;
}

int Acknowledged::tag(std::uint64_t round) {
  const path file = folder_ / "tagged";
  if (round == 0) {
    if (const int error = write_new(file, "tagged")) return error;
  }
  if (const int error = set_xattr(file, "user.count", std::to_string(round + 1))) return error;
  const std::scoped_lock lock(mutex_);
  present_[file] = "tagged";
  tagged_ = round + 1;
  ++count_;
  return 0;
}

std::vector<std::string> Acknowledged::losses() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> lost;
  for (const auto& [file, bytes] : present_) {
    if (const int error = expect_bytes(file, bytes))
      lost.push_back(file.string() + ": " + std::strerror(error));
  }
  for (const path& file : absent_) {
    if (const int error = expect_absent(file))
      lost.push_back(file.string() + " is back: " + std::strerror(error));
  }
  if (logged_ > 0) {
    const std::string log = read_at_once(folder_ / "log").value_or("");
    const std::string next =
        log_upto(logged_ + 1);  // one more may have been written, wholly or in part
    if (!log.starts_with(log_upto(logged_)) || !next.starts_with(log)) {
      lost.push_back("log: " + std::to_string(log.size()) + " bytes after " +
                     std::to_string(logged_) + " lines");
    }
  }
  if (replaced_ > 0 && expect_bytes(folder_ / "document", bytes_of_round(22, replaced_)) != 0 &&
      expect_bytes(folder_ / "document", bytes_of_round(22, replaced_ + 1)) != 0) {
    lost.push_back("document: neither replacement " + std::to_string(replaced_) + " nor the next");
  }
  const std::string count = xattr_text(folder_ / "tagged", "user.count");
  if (tagged_ > 0 && count != std::to_string(tagged_) && count != std::to_string(tagged_ + 1)) {
    lost.push_back("attribute: '" + count + "' after " + std::to_string(tagged_));
  }
  return lost;
}

}  // namespace lensfs::test
