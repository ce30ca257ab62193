#include "tests/fault/load.h"

#include <algorithm>
#include <cstring>

namespace lensfs::test {

void Load::add(std::string name, AtFailure at_failure, Work work) {
  threads_.emplace_back([this, name = std::move(name), at_failure, work = std::move(work)](
                            const std::stop_token& stop) { repeat(name, at_failure, work, stop); });
}

void Load::repeat(const std::string& name, AtFailure at_failure, const Work& work,
                  const std::stop_token& stop) {
  Milliseconds longest{0};
  std::vector<std::string> failures;
  for (std::uint64_t round = 0; !stop.stop_requested(); ++round) {
    const auto start = Clock::now();
    const int error = work(round);
    longest = std::max<Milliseconds>(longest, Clock::now() - start);
    ++operations_;
    if (error == 0) continue;
    failures.push_back(name + " in round " + std::to_string(round) + ": " + std::strerror(error));
    if (at_failure == AtFailure::end) break;
  }
  const std::scoped_lock lock(mutex_);
  longest_ = std::max(longest_, longest);
  failures_.insert(failures_.end(), failures.begin(), failures.end());
}

void Load::ask_to_stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void Load::stop() {
  ask_to_stop();
  threads_.clear();
}

Milliseconds Load::longest_stall() const {
  const std::scoped_lock lock(mutex_);
  return longest_;
}

std::vector<std::string> Load::failures() const {
  const std::scoped_lock lock(mutex_);
  return failures_;
}

}  // namespace lensfs::test
