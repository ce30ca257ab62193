#include "tests/posix/outcomes.h"

#include <fnmatch.h>

#include <map>
#include <set>
#include <sstream>

namespace lensfs::test {
namespace {

// "a: b" → ("a", "b").
std::pair<std::string, std::string> split(const std::string& line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string::npos) return {line, ""};
  return {line.substr(0, colon), line.substr(colon + 2)};
}

bool fits(const std::string& pattern, const std::string& text) {
  return pattern == text || ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

}  // namespace

Outcomes outcomes_in(const std::string& printed) {
  Outcomes outcomes;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) outcomes.push_back(split(line));
  return outcomes;
}

std::vector<Accepted> accepted_in(const std::string& text) {
  std::vector<Accepted> accepted;
  std::istringstream lines(text);
  std::string reason;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      reason.clear();
    } else if (line.starts_with('#')) {
      reason += line.substr(1);
    } else {
      const auto [check, outcome] = split(line);
      accepted.push_back({.check = check, .on_drive = outcome, .reason = reason});
    }
  }
  return accepted;
}

std::vector<std::string> complaints(const Outcomes& on_disk, const Outcomes& on_drive,
                                    const std::vector<Accepted>& accepted) {
  std::vector<std::string> found;
  std::map<std::string, std::string> disk(on_disk.begin(), on_disk.end());
  std::set<const Accepted*> used;
  for (const auto& [check, outcome] : on_drive) {
    const auto wanted = disk.find(check);
    if (wanted == disk.end()) {
      found.push_back(check + ": only on the drive: " + outcome);
      continue;
    }
    const bool differs = wanted->second != outcome;
    bool is_accepted = false;
    for (const Accepted& one : accepted) {
      if (!differs || !fits(one.check, check) || !fits(one.on_drive, outcome)) continue;
      used.insert(&one);
      is_accepted = true;
    }
    if (differs && !is_accepted) {
      found.push_back(check + "\n    disk:  " + wanted->second + "\n    drive: " + outcome);
    }
    disk.erase(wanted);
  }
  for (const auto& [check, outcome] : disk) found.push_back(check + ": only on the disk");
  for (const Accepted& one : accepted) {
    if (one.reason.empty()) found.push_back(one.check + ": accepted without a reason");
    if (!used.contains(&one)) {
      found.push_back(one.check + ": accepted, but it does not differ like that");
    }
  }
  return found;
}

}  // namespace lensfs::test
