#include "tests/support/versions.h"

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

constexpr std::chrono::seconds kSavingTakes(20);  // at most, on a busy machine

bool is_settled(const std::vector<SavedVersion>& versions, const path& at, std::size_t wanted) {
  if (versions.size() != wanted || versions.empty()) return false;
  struct stat found {};
  return versions.back().is_current && ::stat(at.c_str(), &found) == 0 &&
         found.st_size == versions.back().size;
}

}  // namespace

std::vector<SavedVersion> versions_of(const path& at) {
  const Ran ran = lensfs({"versions", "--json", at.string()});
  const auto list = nlohmann::json::parse(ran.out, nullptr, /*allow_exceptions=*/false);
  std::vector<SavedVersion> versions;
  if (!list.is_array()) return versions;
  for (const auto& one : list) {
    versions.push_back({.number = one.value("number", 0),
                        .size = one.value("size", std::int64_t{-1}),
                        .hash = one.value("hash", ""),
                        .author = one.value("author", ""),
                        .reason = one.value("reason", ""),
                        .is_current = one.value("current", false)});
  }
  return versions;
}

testing::AssertionResult gets_versions(const path& at, std::size_t wanted) {
  std::vector<SavedVersion> versions;
  const auto has_them = [&] {
    versions = versions_of(at);
    return is_settled(versions, at, wanted);
  };
  if (wait_until(has_them, kSavingTakes)) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure()
                 << at << " has " << versions.size() << " versions instead of " << wanted;
  for (const SavedVersion& one : versions) {
    failure << "\n  " << one.number << ": " << one.size << " bytes, " << one.reason
            << (one.is_current ? ", current" : "");
  }
  if (versions.empty()) failure << "\n" << lensfs({"versions", "--json", at.string()}).err;
  return failure;
}

}  // namespace lensfs::test
